import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

it('does what the README says when its first snippet runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, snippet] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, shown] = /```\n(Training [\s\S]*?)```/.exec(readme) ?? []
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  let text = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    const file = join(folder, 'snippet.ts')
    writeFileSync(file, snippet)
    await import(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
  const withoutTimes = (lines: string) => lines.replace(/ {2}[^ ]+ [a-z]+\/epoch.*left/g, '')
  expect(withoutTimes(text)).toContain(withoutTimes(shown))
  const [[, bestValidation], [items]] = log.mock.calls
  expect(bestValidation['ndcg@5']).toBeGreaterThan(0.5)
  expect(items).toHaveLength(3)
  for (const item of items) expect(item % 2).toBe(0)
})
