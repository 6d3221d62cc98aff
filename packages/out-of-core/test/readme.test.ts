import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useBackend } from '@gnnrec/ops'
import { afterEach, expect, it, vi } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
const folder = temporaryFolder()

afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a snippet with its paths in a temporary folder; gives what it logged. */
async function run(number: number): Promise<unknown[][]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const file = fileURLToPath(new URL(`./readme-${process.pid}-${number}.ts`, import.meta.url))
  const at = (_match: string, path: string) => JSON.stringify(join(folder, path))
  writeFileSync(file, snippets[number].replaceAll(/'((?:runs|models)\/[^']*)'/g, at))
  try {
    await useBackend('simd', { threads: 1 })
    await import(file)
    return log.mock.calls
  } finally {
    rmSync(file)
  }
}

it('trains, ranks, saves and loads as the README says', async () => {
  expect(snippets.length).toBe(5)
  const [[recall], [items]] = await run(0)
  expect(recall).toBeGreaterThan(0)
  expect(items).toBeGreaterThan(100)
})

it('chooses a way as the README says', async () => {
  expect(await run(1)).toEqual([['memory', 1]])
})

it('propagates as the README says', async () => {
  // The edges user 0 - item 0, user 0 - item 2, user 1 - item 2, as a matrix of 2 + 3 nodes.
  const edges = [
    [0, 2],
    [0, 4],
    [1, 4],
  ]
  const degrees = [2, 1, 1, 0, 2]
  let layer = new Array<number>(5).fill(1)
  let mean = 0.25
  for (let step = 0; step < 3; step++) {
    const next = new Array<number>(5).fill(0)
    for (const [u, i] of edges) {
      const value = 1 / Math.sqrt(degrees[u] * degrees[i])
      next[u] += value * layer[i]
      next[i] += value * layer[u]
    }
    layer = next
    mean += 0.25 * layer[2]
  }
  expect(await run(2)).toEqual([[0, mean.toFixed(3)]])
})

it('decomposes as the README says', async () => {
  expect(await run(3)).toEqual([[0, 2, 2], ['1.000000']])
})

it('ranks as the README says', async () => {
  expect(await run(4)).toEqual([[Int32Array.of(1, 0, 2, 1)]])
})
