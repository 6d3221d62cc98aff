import type { BipartiteGraph } from '@gnnrec/graph'
import { Recommender } from '@gnnrec/serving'
import { type HostTensor, readModelFolder } from '@gnnrec/serving/model-folder'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import type { ModelClass } from '../../src/index.js'
import type { EdgeList } from '../support/graphs.js'

/** Up to 6 users and 8 items, edges at will, users and items without any among them. */
export const edgesArbitrary: fc.Arbitrary<EdgeList> = fc
  .record({ users: fc.integer({ min: 1, max: 6 }), items: fc.integer({ min: 1, max: 8 }) })
  .chain(({ users, items }) =>
    fc.record({
      users: fc.constant(users),
      items: fc.constant(items),
      edges: fc.array(fc.tuple(fc.nat(users - 1), fc.nat(items - 1)), {
        minLength: 1,
        maxLength: 40,
      }),
    }),
  )

/** RᵀR as nested arrays of float64, from the definition. */
export function gram(graph: BipartiteGraph): number[][] {
  const { itemCount, userCount } = graph
  const counts = Array.from({ length: itemCount }, () => new Array<number>(itemCount).fill(0))
  for (let user = 0; user < userCount; user++) {
    for (const i of graph.userItems(user)) {
      for (const j of graph.userItems(user)) (counts[i] as number[])[j] = at(counts, i, j) + 1
    }
  }
  return counts
}

export function at(matrix: readonly (readonly number[])[], row: number, column: number): number {
  return (matrix[row] as number[])[column] as number
}

/** Solves A x = b by elimination with pivots. */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] as number])
  for (let k = 0; k < rows.length; k++) {
    const best = rows.reduce(
      (best, _, r) =>
        r > best && Math.abs(at(rows, r, k)) > Math.abs(at(rows, best, k)) ? r : best,
      k,
    )
    const pivot = rows[best] as number[]
    rows[best] = rows[k] as number[]
    rows[k] = pivot.map((value) => value / (pivot[k] as number))
    for (let r = 0; r < rows.length; r++) {
      if (r === k) continue
      const factor = at(rows, r, k)
      rows[r] = (rows[r] as number[]).map((value, c) => value - factor * at(rows, k, c))
    }
  }
  return rows.map((row) => row.at(-1) as number)
}

/** Every score, a row a user. */
export function scoresOf(model: Recommender): number[][] {
  const { userCount, itemCount } = model
  const out = new Float32Array(userCount * itemCount)
  model.scoreUsers(
    Int32Array.from({ length: userCount }, (_, user) => user),
    out,
  )
  return Array.from({ length: userCount }, (_, user) =>
    Array.from(out.subarray(user * itemCount, (user + 1) * itemCount)),
  )
}

export async function savedFiles(model: Recommender): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  await model.save(files)
  return files
}

/** The tensors that a model saves for answering. */
export async function servingOf(model: Recommender): Promise<ReadonlyMap<string, HostTensor>> {
  return (await readModelFolder(await savedFiles(model), { weights: false })).serving
}

/** The square matrix that a model saves in compressed rows, dense. */
export async function matrixOf(model: Recommender, order: number): Promise<number[][]> {
  const serving = await servingOf(model)
  const [pointers, columns, values] = ['rowPointers', 'columnIndices', 'values'].map(
    (name) => serving.get(name)?.data as Float32Array,
  ) as [Float32Array, Float32Array, Float32Array]
  return Array.from({ length: order }, (_, row) => {
    const dense = new Array<number>(order).fill(0)
    for (let p = pointers[row] as number; p < (pointers[row + 1] as number); p++) {
      dense[columns[p] as number] = values[p] as number
    }
    return dense
  })
}

/** Lets every look at the clock find that a second has passed, so that work yields when it can. */
export function hurryClock(): void {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000))
}

/** A signal that is aborted for the reason `enough of …` after a number of turns of the event loop, from 0 up. */
export function abortedAfter(turns: number): AbortSignal {
  const controller = new AbortController()
  let turn = 0
  const tick = () => {
    if (turn++ === turns) controller.abort(new Error(`enough of ${turns}`))
    else setImmediate(tick)
  }
  setImmediate(tick)
  return controller.signal
}

/** Expects that a second fit saves the same bytes, and that a loaded recommender has the same scores. */
export async function expectReproducible(
  Model: ModelClass,
  graph: BipartiteGraph,
  options: Parameters<typeof fitted>[2],
) {
  const model = await fitted(Model, graph, options)
  const files = await savedFiles(model)
  expect(await savedFiles(await fitted(Model, graph, options))).toEqual(files)
  const loaded = await Recommender.load(files)
  expect(loaded.constructor).toBe(model.constructor)
  expect(scoresOf(loaded)).toEqual(scoresOf(model))
  return { model, files, loaded }
}

/** The recommender of a baseline, by its own numbers for cold users and items, too. */
export async function fitted(
  Model: ModelClass,
  graph: BipartiteGraph,
  {
    splitHash = null,
    signal,
    ...options
  }: { splitHash?: string | null; signal?: AbortSignal } & Record<string, unknown> = {},
): Promise<Recommender> {
  const model = new Model(graph, options as never)
  model.splitHash = splitHash
  await model.prepare({ signal })
  return (await model.toRecommender()).withColdStart('model')
}
