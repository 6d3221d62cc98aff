import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, snippet]) => snippet as string,
)

/** Runs a snippet as a file of its own; gives what it logs. */
async function run(snippet: string): Promise<unknown[][]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const folder = mkdtempSync(fileURLToPath(new URL('./readme-', import.meta.url)))
  try {
    const file = join(folder, 'snippet.ts')
    writeFileSync(file, snippet)
    await import(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
  return log.mock.calls
}

describe('the README', () => {
  it('finds what is near and draws triples', async () => {
    const [counts, best, ...batches] = await run(snippets[0] as string)
    expect(counts).toEqual([3, 3, 5])
    expect(best).toEqual(['Brazil'])
    expect(batches).toHaveLength(2)
  })

  it('weighs edges', async () => {
    const [[values]] = (await run(snippets[1] as string)) as [[Float32Array]]
    const [often, once] = [Math.log(10), Math.log(2)]
    expect(values).toEqual(Float32Array.of(often / (often + once), once / (often + once), 1))
  })

  it('draws the graph around batches', async () => {
    const samples = await run(snippets[2] as string)
    expect(samples.length).toBeGreaterThan(50)
    for (const [users, items, steps] of samples as [number, number, number][]) {
      expect(users).toBeGreaterThan(8)
      expect(items).toBeGreaterThan(8)
      expect(steps).toBe(2)
    }
  })
})
