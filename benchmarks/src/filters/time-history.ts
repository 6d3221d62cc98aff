import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph, type InteractionLists, Rng, SparseMatrix, type Split } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import {
  ItemSimilarityRecommender,
  SpectralFilterRecommender,
  type SpectralFilterRecommenderOptions,
} from '@gnnrec/serving'
import { drawHistories, historyLength, medianMilliseconds } from './histories.js'

/** Histories that one dense pass of the kernels takes. */
const historiesPerPass = 64
/** Weights of each item of a compiled filter, the default of `compile`. */
const compiledNeighbours = 200

type FilterRule = Pick<
  SpectralFilterRecommenderOptions,
  'polynomial' | 'sharpening' | 'degreeExponent' | 'ideal'
>

/** Filters of the sizes that are published for Gowalla. Times do not depend on the numbers. */
const filters: Readonly<Record<string, { rule: FilterRule; vectors: number }>> = {
  linear: { rule: { polynomial: [0.5, -0.5] }, vectors: 0 },
  'gf-cf': {
    rule: {
      polynomial: [0.5, -0.5],
      ideal: { weight: 0.3, exponent: 0.5, merge: 'late' },
    },
    vectors: 256,
  },
  bspm: {
    rule: {
      polynomial: [0.5, -0.5],
      sharpening: [0.4, -0.3, 0.05, -0.04, 0.03],
      ideal: { weight: 0.2, exponent: 0.5, merge: 'early' },
    },
    vectors: 448,
  },
  chebyshev: {
    rule: {
      polynomial: [0.4, -0.3, 0.05, -0.04, 0.03, -0.02, 0.02, -0.01, 0.01],
      degreeExponent: 0.4,
      ideal: { weight: 0.2, exponent: 0, merge: 'late' },
    },
    vectors: 512,
  },
}

/**
 * Yields the median time of one history on one thread by filters with random vectors, its ratio to the time of a
 * history in a dense pass of many, and the time by compiled weights.
 */
export async function* timeHistories(
  dataset: string,
  split: Split,
  { seed, threads }: { seed: number; threads: number | undefined },
): AsyncGenerator<ResultRow> {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const { users, items, interactions: seen, itemCount } = graph
  const histories = drawHistories(itemCount, seed)
  const pass = joined(
    Array.from({ length: historiesPerPass }, () => histories[0] as InteractionLists),
  )
  await defaultRuntime().setThreads(1)
  for (const [name, { rule, vectors: rank }] of Object.entries(filters)) {
    const rng = Rng.fromSeed(seed).fork(name)
    const vectors = Float32Array.from({ length: itemCount * rank }, () => rng.normal())
    const recommender = new SpectralFilterRecommender({
      users,
      items,
      seen,
      ...rule,
      ...(rank > 0 && { vectors }),
    })
    const one = medianMilliseconds(recommender, histories)
    const many = medianMilliseconds(recommender, histories.map(() => pass).slice(0, 5))
    yield {
      name: `${name}, one history of ${historyLength} items`,
      dataset,
      metrics: { 'ms of one': one, [`ms of ${historiesPerPass}`]: many },
      ratio: { 'one / dense pass': one / many },
    }
    recommender.dispose()
  }
  const weights = randomWeights(itemCount, seed)
  const compiled = new ItemSimilarityRecommender({ users, items, seen, weights })
  yield {
    name: `compiled, one history of ${historyLength} items`,
    dataset,
    metrics: { 'ms of one': medianMilliseconds(compiled, histories) },
  }
  await defaultRuntime().setThreads(threads)
}

function joined(histories: readonly InteractionLists[]): InteractionLists {
  const pointers = new Int32Array(histories.length + 1)
  histories.forEach(({ items }, row) => {
    pointers[row + 1] = (pointers[row] as number) + items.length
  })
  return { pointers, items: Int32Array.from(histories.flatMap(({ items }) => Array.from(items))) }
}

function randomWeights(items: number, seed: number): SparseMatrix {
  const rng = Rng.fromSeed(seed).fork('weights')
  const each = Math.min(compiledNeighbours, items)
  const step = Math.floor(items / each)
  const rowPointers = Int32Array.from({ length: items + 1 }, (_, row) => row * each)
  const columnIndices = Int32Array.from(
    { length: items * each },
    (_, entry) => (entry % each) * step + rng.integer(step),
  )
  const values = Float32Array.from({ length: items * each }, () => rng.normal())
  return SparseMatrix.fromCsr({ rows: items, columns: items, rowPointers, columnIndices, values })
}
