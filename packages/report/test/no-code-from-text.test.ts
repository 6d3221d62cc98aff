import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('./support/draw.ts', import.meta.url))

it('is drawn where no code may be made of text', async () => {
  const options = ['--import', import.meta.resolve('tsx'), '-C', '@gnnrec/source']
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--disallow-code-generation-from-strings', ...options, script],
  ])
  expect(Number(stdout)).toBeGreaterThan(20)
})
