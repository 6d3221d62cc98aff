import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporter-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function lastLine(...files: string[]) {
  for (const [i, text] of files.entries()) {
    const source = `import { expect, it } from 'vitest'\n${text}`
    await writeFile(join(folder, `${i}.test.js`), source)
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['default', join(root, 'scripts/summary-reporter.mjs')]
  const args = ['run', ...reporters.map((reporter) => `--reporter=${reporter}`)]
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, ...args], { cwd: folder }, (error, stdout) => {
      resolve([error?.code ?? 0, stdout.trimEnd().split('\n').at(-1)])
    })
  })
}

it('ends a run with the counts', { timeout: 60_000 }, async () => {
  const good = "it('a', () => {})\nit.skip('b', () => {})\nit.todo('c')"
  expect(await lastLine(good)).toEqual([0, '1 passed, 0 failed, 2 skipped'])
  const bad = "it('d', () => expect(1).toBe(2))"
  expect(await lastLine(good, bad)).toEqual([1, '1 passed, 1 failed, 2 skipped'])
})

it('counts a file that cannot be loaded and an error outside of tests as failures', {
  timeout: 60_000,
}, async () => {
  const broken = "throw new Error('at import')"
  expect(await lastLine("it('a', () => {})", broken)).toEqual([1, '1 passed, 1 failed, 0 skipped'])
  const stray =
    "it('a', () => { setTimeout(() => { throw new Error('late') }, 0) })\nit('b', () => new Promise((r) => setTimeout(r, 50)))"
  expect(await lastLine(stray, "it('c', () => {})")).toEqual([1, '3 passed, 1 failed, 0 skipped'])
})
