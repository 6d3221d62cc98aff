import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

it('prints what the README says when its first snippet runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, snippet] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    const file = join(folder, 'snippet.ts')
    writeFileSync(file, snippet)
    await import(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(log.mock.calls).toEqual([[{ 'recall@1': 0.5, 'ndcg@2': 1, 'coverage@2': 2 / 3 }], [2]])
})
