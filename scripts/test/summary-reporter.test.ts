import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporter-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function lastLine(...files: string[]) {
  const { code, printed } = await run(...files)
  return [code, printed.at(-1)]
}

async function run(...files: string[]): Promise<{ code: number; printed: string[] }> {
  for (const [i, text] of files.entries()) {
    const source = `import { expect, it } from 'vitest'\n${text}`
    await writeFile(join(folder, `${i}.test.js`), source)
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['default', join(root, 'scripts/summary-reporter.mjs')]
  const args = ['run', ...reporters.map((reporter) => `--reporter=${reporter}`)]
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, ...args], { cwd: folder }, (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), printed: stdout.trimEnd().split('\n') })
    })
  })
}

it('ends a run with the counts', async () => {
  const good = "it('a', () => {})\nit.skip('b', () => {})\nit.todo('c')"
  expect(await lastLine(good)).toEqual([0, '1 passed, 0 failed, 2 skipped'])
  const bad = "it('d', () => expect(1).toBe(2))"
  expect(await lastLine(good, bad)).toEqual([1, '1 passed, 1 failed, 2 skipped'])
})

it('names the seed with which the property tests can be repeated', async () => {
  vi.stubEnv('GNNREC_TEST_SEED', '42')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  expect((await run("it('a', () => {})")).printed).toContain(
    'property tests: repeat with GNNREC_TEST_SEED=42',
  )
})

it('counts a file that cannot be loaded and an error outside of tests as failures', async () => {
  const broken = "throw new Error('at import')"
  expect(await lastLine("it('a', () => {})", broken)).toEqual([1, '1 passed, 1 failed, 0 skipped'])
  const stray =
    "it('a', () => { setTimeout(() => { throw new Error('late') }, 0) })\nit('b', () => new Promise((r) => setTimeout(r, 50)))"
  expect(await lastLine(stray, "it('c', () => {})")).toEqual([1, '3 passed, 1 failed, 0 skipped'])
})
