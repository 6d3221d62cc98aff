import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../', import.meta.url))

it('has a README whose snippet runs', async () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(`${folder}README.md`, 'utf8')) ?? []
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '-C', '@gnnrec/source', '--input-type=module', '-e', code],
    { cwd: folder },
  )
  expect(stderr).toBe('')
  expect(stdout).toContain('backend simd')
  expect(stdout).toContain('loss before 0.693')
  const [, after] = /loss after (\d\.\d+)/.exec(stdout) ?? []
  expect(Number(after)).toBeLessThan(0.2)
  expect(stdout).toMatch(/bytes in kernel memory \d{5,}/)
})
