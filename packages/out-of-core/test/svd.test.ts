import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BipartiteGraph, truncatedSvd } from '@gnnrec/graph'
import { OutOfCoreSvd } from '@gnnrec/out-of-core'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()

const given = (size: Parameters<typeof madeSplit>[0]) => {
  const graph = BipartiteGraph.fromInteractions(madeSplit(size).train)
  const { userCount, itemCount, interactions } = graph
  return { graph, options: { userCount, itemCount, interactions, maxMemory: 20e6 } }
}

function vectors(svd: OutOfCoreSvd, side: 'users' | 'items'): Float32Array {
  const parts: Float32Array[] = []
  let rows = 0
  svd.read(side, ({ first, count }, values) => {
    expect(first).toBe(rows)
    rows += count
    parts.push(values)
  })
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

it('decomposes to the bytes of truncatedSvd, wide and tall, with any normalization', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        users: fc.integer({ min: 30, max: 120 }),
        items: fc.integer({ min: 15, max: 60 }).map((half) => 2 * half),
        rank: fc.integer({ min: 1, max: 12 }),
        regularization: fc.constantFrom(0, 0.5, 8),
        seed: fc.nat(10),
      }),
      async ({ rank, regularization, ...size }) => {
        const { graph, options } = given(size)
        const { u, s, v, residuals } = await truncatedSvd(graph.biadjacency({ regularization }), {
          rank,
          seed: size.seed,
        })
        const at = join(folder, `run-${run++}`)
        const svd = await OutOfCoreSvd.compute({
          ...options,
          rank,
          seed: size.seed,
          regularization,
          folder: at,
        })
        expect(svd.singularValues).toEqual(s)
        expect(svd.residuals).toEqual(residuals)
        expect(vectors(svd, 'users')).toEqual(u)
        expect(vectors(svd, 'items')).toEqual(v)
        svd.close()
        expect(readdirSync(at)).toEqual(['graph'])
      },
    ),
    { numRuns: 12 },
  )
})

it('refuses what it cannot do', async () => {
  const { options } = given({ users: 60, items: 40 })
  const at = { ...options, rank: 4, folder: join(folder, 'refused') }
  await expect(OutOfCoreSvd.compute({ ...at, maxMemory: 1000 })).rejects.toMatchObject({
    code: 'MEMORY_LIMIT',
    message: expect.stringMatching(/smallest that could do is \d+/),
  })
  await expect(OutOfCoreSvd.compute({ ...at, rank: 100 })).rejects.toThrow(/rank: got 100/)
  await expect(OutOfCoreSvd.compute({ ...at, rank: 1.5 })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  })
  await expect(OutOfCoreSvd.compute({ ...at, regularization: -1 })).rejects.toThrow(/number >= 0/)
  await expect(OutOfCoreSvd.compute({ ...at, userCount: 3 })).rejects.toThrow(
    /pointers for 3 users/,
  )
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(OutOfCoreSvd.compute({ ...at, signal })).rejects.toThrow('enough')
  const svd = await OutOfCoreSvd.compute(at)
  svd.close()
  // The files of a graph with other degrees are those of another matrix.
  await expect(OutOfCoreSvd.compute({ ...at, regularization: 2 })).rejects.toMatchObject({
    code: 'BLOCK_FILE_MISMATCH',
  })
})
