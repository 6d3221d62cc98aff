import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

/** Says more than a reader takes that goes away after the first line, and ends with a code of its own. */
const program = `
  import { parseCommandLine } from '@gnnrec/example-support'
  parseCommandLine('npm start', 'Trains.', {})
  for (let line = 0; line < 20; line++) {
    console.log('line', line)
    console.error('line', line)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  process.exitCode = 7`

it('an example runs to its end when the reader of its output goes away', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', '--input-type=module', '-e', program],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: new URL('.', import.meta.url) },
  )
  for (const stream of [child.stdout, child.stderr]) stream.once('data', () => stream.destroy())
  const [code] = await once(child, 'close')
  expect(code).toBe(7)
})
