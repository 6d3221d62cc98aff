import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(`${folder}README.md`, 'utf8')

it('has a README whose snippet runs', { timeout: 60_000 }, async () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readme) ?? []
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '-C', '@gnnrec/source', '--input-type=module', '-e', code],
    { cwd: folder },
  )
  expect(stdout).toContain('interactions: 44613')
  expect(stdout).toContain('All Quiet on the Western Front (1930)')
  expect(stdout).toContain('test rows, split')
  expect(stdout).toContain("[ 'lamp' ]")
})

it('has a README with the licence text of the bundled data', () => {
  const words = (text: string) => text.replaceAll(/^>/gm, '').split(/\s+/).filter(Boolean).join(' ')
  const licence = readFileSync(`${folder}assets/movietweetings/LICENSE`, 'utf8')
  expect(words(readme)).toContain(words(licence))
})
