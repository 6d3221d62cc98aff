import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BipartiteGraph, fromColumns, Rng } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { graphFilter, graphFilterRows, useBackend } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BlockCache } from '../src/cache/block-cache.ts'
import { openOperator } from '../src/operator/blocked-operator.ts'
import { BlockedGraphFilter } from '../src/propagation/graph-filter.ts'
import { bySide, createTables, type NodeTables } from '../src/propagation/node-tables.ts'
import { openWorkspace } from '../src/propagation/workspace.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gnnrec-blocks-'))
  await useBackend('simd', { threads: 2 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await useBackend('simd', { threads: 1 })
})

const sizes = fc.record({
  users: fc.integer({ min: 1, max: 40 }),
  items: fc.integer({ min: 1, max: 40 }),
  edges: fc.integer({ min: 1, max: 200 }),
  columns: fc.constantFrom(1, 3, 4, 16, 20, 64, 70),
  layers: fc.integer({ min: 1, max: 4 }),
  userBlock: fc.integer({ min: 1, max: 50 }),
  itemBlock: fc.integer({ min: 1, max: 50 }),
  chunkBytes: fc.constantFrom(16, 100, 10_000),
  threads: fc.constantFrom(1, 2),
  /** Room for so many blocks more than are needed. */
  room: fc.integer({ min: 0, max: 20 }),
  seed: fc.nat(),
})

function made({
  users,
  items,
  edges,
  columns,
  seed,
}: {
  users: number
  items: number
  edges: number
  columns: number
  seed: number
}) {
  const rng = Rng.fromSeed(seed)
  const user = Array.from({ length: edges }, () => rng.integer(users))
  const item = Array.from({ length: edges }, () => rng.integer(items))
  const graph = BipartiteGraph.fromInteractions(
    fromColumns({
      user: [...Array(users).keys(), ...user],
      item: [...Array(users).fill(0), ...item],
    }),
  )
  const values = (rows: number) => {
    const table = new Float32Array(rows * columns)
    rng.fillNormal(table, 1)
    return table
  }
  const some = (count: number) =>
    Int32Array.from({ length: count }, (_, index) => index).filter(() => rng.uniform() < 0.3)
  const rows = { users: some(graph.userCount), items: some(graph.itemCount) }
  if (rows.users.length === 0) rows.users = Int32Array.of(0)
  if (rows.items.length === 0) rows.items = Int32Array.of(0)
  return {
    graph,
    rng,
    rows,
    tables: { users: values(graph.userCount), items: values(graph.itemCount) },
    gradients: {
      users: values(rows.users.length),
      items: values(rows.items.length),
    },
  }
}

const bytes = (values: Float32Array) => Buffer.from(values.slice().buffer).toString('hex')

function read(tables: NodeTables, side: 'users' | 'items'): Float32Array {
  const { rows, columns } = tables[side].shape
  const out = new Float32Array(rows * columns)
  tables[side].gather(
    Int32Array.from({ length: rows }, (_, row) => row),
    out,
  )
  return out
}

it('propagates in blocks to the bytes of the operators in memory', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const { columns, layers, seed, threads } = size
      await useBackend('simd', { threads })
      const { graph, rows, tables, gradients } = made(size)
      const weights = Array.from({ length: layers + 1 }, (_, l) => Math.fround(1 / (l + 2)))
      const expected = inMemory(graph, columns, weights, { tables, rows, gradients })
      const largest = Math.max(
        4 * columns * Math.max(graph.userCount, graph.itemCount),
        8 * Math.max(graph.userCount, graph.itemCount) + 8,
        size.chunkBytes,
      )
      const cache = new BlockCache(defaultRuntime(), (11 + size.room) * (largest + 64))
      const at = join(folder, `${seed}-${run++}`)
      const layout = {
        columns,
        blockRows: { users: size.userBlock, items: size.itemBlock },
        chunkBytes: size.chunkBytes,
      }
      const operator = await openOperator(cache, graph, layout, { folder: at })
      const workspace = openWorkspace(operator, at)
      const e = createTables(operator, at, 'e')
      const out = createTables(operator, at, 'out')
      for (const side of ['users', 'items'] as const) {
        const all = Int32Array.from({ length: e[side].shape.rows }, (_, row) => row)
        e[side].scatter(all, tables[side])
      }
      const filter = new BlockedGraphFilter(workspace, weights)
      await filter.forward(e, out)
      const some = await filter.forwardRows(e, rows)
      const gradient = await filter.gradient(rows, gradients)
      for (const side of ['users', 'items'] as const) {
        expect(bytes(read(out, side))).toBe(bytes(expected.all[side]))
        expect(bytes(some[side])).toBe(bytes(expected.some[side]))
        expect(bytes(read(gradient, side))).toBe(bytes(expected.gradient[side]))
      }
      workspace.close()
      for (const each of [e, out]) bySide((side) => each[side].close())
      operator.close()
      cache.dispose()
    }),
    { numRuns: 60 },
  )
})

function inMemory(
  graph: BipartiteGraph,
  columns: number,
  weights: readonly number[],
  { tables, rows, gradients }: Pick<ReturnType<typeof made>, 'tables' | 'rows' | 'gradients'>,
) {
  return tf.tidy(() => {
    const toUsers = graph.biadjacency()
    const operator = { toUsers, toItems: toUsers.transpose() }
    const users = tf.tensor2d(tables.users, [graph.userCount, columns])
    const items = tf.tensor2d(tables.items, [graph.itemCount, columns])
    const indices = {
      users: tf.tensor1d(rows.users, 'int32'),
      items: tf.tensor1d(rows.items, 'int32'),
    }
    const values = ({ users: u, items: i }: { users: Tensor2D; items: Tensor2D }) => ({
      users: u.dataSync<'float32'>(),
      items: i.dataSync<'float32'>(),
    })
    const all = values(graphFilter(operator, { users, items }, weights))
    const some = values(graphFilterRows(operator, { users, items }, weights, indices))
    const dy = {
      users: tf.tensor2d(gradients.users, [rows.users.length, columns]),
      items: tf.tensor2d(gradients.items, [rows.items.length, columns]),
    }
    const [dUsers, dItems] = tf.grads((u, i) => {
      const filtered = graphFilterRows(
        operator,
        { users: u as Tensor2D, items: i as Tensor2D },
        weights,
        indices,
      )
      return tf.add(
        tf.sum(tf.mul(filtered.users, dy.users)),
        tf.sum(tf.mul(filtered.items, dy.items)),
      )
    })([users, items]) as [Tensor2D, Tensor2D]
    const result = { all, some, gradient: values({ users: dUsers, items: dItems }) }
    graph.dispose()
    return result
  })
}
