import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BipartiteGraph } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { graphFilter, useBackend } from '@gnnrec/ops'
import { OutOfCoreFilter } from '@gnnrec/out-of-core'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
beforeAll(() => useBackend('simd', { threads: 1 }))

const graph = BipartiteGraph.fromInteractions(madeSplit({ users: 300, items: 200 }).train)
const { userCount, itemCount, interactions } = graph
const options = {
  userCount,
  itemCount,
  interactions,
  embeddingDim: 64,
  folder: join(folder, 'filter'),
  maxMemory: 250_000,
}
const value = (row: number, column: number) => Math.fround(Math.sin(row * 64 + column))

it('filters tables in files to the bytes of graphFilter', async () => {
  const before = defaultRuntime().statistics.usedBytes
  const filter = await OutOfCoreFilter.open(options)
  for (const side of ['users', 'items'] as const) {
    filter.fill(side, ({ first, count }, values) => {
      for (let at = 0; at < count * 64; at++)
        values[at] = value(first + Math.floor(at / 64), at % 64)
    })
  }
  const weights = [0.1, 0.2, 0.3, 0.4]
  await filter.run(weights)
  const expected = tf.tidy(() => {
    const toUsers = graph.biadjacency()
    const table = (rows: number) =>
      tf.tensor2d(
        Float32Array.from({ length: rows * 64 }, (_, at) => value(Math.floor(at / 64), at % 64)),
        [rows, 64],
      )
    const x = { users: table(userCount), items: table(itemCount) }
    const { users, items } = graphFilter({ toUsers, toItems: toUsers.transpose() }, x, weights)
    return { users: users.dataSync<'float32'>(), items: items.dataSync<'float32'>() }
  })
  for (const side of ['users', 'items'] as const) {
    let rows = 0
    filter.read(side, ({ first, count }, values) => {
      expect(values).toEqual(expected[side].subarray(first * 64, (first + count) * 64))
      rows += count
    })
    expect(rows).toBe(expected[side].length / 64)
  }
  const { readBytes, writtenBytes } = filter.statistics
  expect(readBytes).toBeGreaterThan(0)
  expect(writtenBytes).toBeGreaterThan(0)
  filter.close()
  graph.dispose()
  expect(defaultRuntime().statistics.usedBytes).toBe(before)
  expect(readdirSync(options.folder)).toEqual(['graph'])
})

it('refuses what it cannot do', async () => {
  await expect(OutOfCoreFilter.open({ ...options, maxMemory: 1000 })).rejects.toMatchObject({
    code: 'MEMORY_LIMIT',
    message: expect.stringMatching(/smallest that could do is \d+/),
  })
  await expect(OutOfCoreFilter.open({ ...options, userCount: 3 })).rejects.toThrow(
    /expected 4 for 3 users/,
  )
  await expect(OutOfCoreFilter.open({ ...options, embeddingDim: 0 })).rejects.toThrow(
    /embeddingDim/,
  )
  const filter = await OutOfCoreFilter.open(options)
  await expect(filter.run([1])).rejects.toThrow(/weights: got \[1\]/)
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await expect(filter.run([1, 1], controller.signal)).rejects.toThrow('enough')
  filter.close()
})
