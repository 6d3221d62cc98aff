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
  it('propagates with a gradient', async () => {
    const [[sum, gradient]] = await run(snippets[0] as string)
    expect(Array.from(sum as Float32Array)[0]).toBeCloseTo(
      2 * (Math.SQRT1_2 + 0.5 + Math.SQRT1_2),
      5,
    )
    expect(gradient).toHaveLength(4)
  })

  it('starts a backend and says why', async () => {
    const [[name, device, reason]] = await run(snippets[1] as string)
    if (name === 'simd') expect(device).toBe('cpu')
    expect(reason).toMatch(/GPU/)
  })
})
