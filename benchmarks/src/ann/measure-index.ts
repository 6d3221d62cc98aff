import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResultRow } from '@gnnrec/example-support'
import type { EmbeddingRecommender } from '@gnnrec/serving'
import { buildIndex, loadIndex } from '@gnnrec/serving/vectors'
import { peakMegabytes } from '../measure.js'
import { generatedEmbeddings } from './generated-embeddings.js'

/** Settings of {@link measureIndex}. */
export interface IndexSettings {
  readonly items: number
  readonly dim: number
  /** Number of users whose lists tune the index, and of as many others whose lists judge it. */
  readonly sample: number
  readonly seed: number
  /** Threads that build. */
  readonly threads: number
}

const k = 20
const recallAtLeast = 0.98

/** Compares lists by an index with exact ones: time of a call for one user, recall, and what the index takes. */
export async function* measureIndex(settings: IndexSettings): AsyncGenerator<ResultRow> {
  const { items, dim, sample, seed, threads } = settings
  const recommender = generatedEmbeddings({ users: 2 * sample, items, dim }, seed)
  const inMegabytes = (bytes: number) => Math.round(bytes / 1e5) / 10
  const before = process.memoryUsage().rss
  const started = performance.now()
  const index = await buildIndex(recommender, { recallAtLeast, k, sample, seed, threads })
  const seconds = (performance.now() - started) / 1000
  const memory = process.memoryUsage().rss - before
  const fast = recommender.withIndex(index)
  const users = recommender.users.ids
  const exact = timeLists(recommender, users)
  const found = timeLists(fast, users)
  const ratio = exact.milliseconds / found.milliseconds
  const byIndex = found.lists.filter(({ search }) => search === 'index').length / users.length
  const halves = recommender.filter((item) => item % 2 === 0)
  const filtered = timeLists(fast, users, halves)
  const filteredExact = timeLists(recommender, users, halves)
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-ann-'))
  try {
    const bytes = await index.save(folder)
    const loading = performance.now()
    await loadIndex(folder, recommender)
    yield {
      name: 'exact',
      settings: { items, dim, k },
      metrics: {
        'ms per list': exact.milliseconds,
        'ms per list of half the items': filteredExact.milliseconds,
        'MB of vectors': inMegabytes(4 * items * dim),
      },
    }
    yield {
      name: 'index',
      settings: { engine: index.engine, connectivity: index.connectivity, effort: index.effort },
      metrics: {
        'recall@20': recallOf(exact.lists, found.lists),
        'measured recall@20': index.measured.recall,
        'share by the index': byIndex,
        'ms per list': found.milliseconds,
        'ms per list of half the items': filtered.milliseconds,
        'recall@20 of half the items': recallOf(filteredExact.lists, filtered.lists),
        'seconds to build and measure': seconds,
        'MB saved': inMegabytes(bytes),
        'MB of memory': inMegabytes(memory),
        'seconds to load': (performance.now() - loading) / 1000,
      },
      ratio: { 'speed of exact lists': ratio },
      seconds,
      peakRssMb: peakMegabytes(),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Makes a list for each user in a call of its own; returns them and the mean time of a call. */
function timeLists(
  recommender: EmbeddingRecommender<number, number>,
  users: readonly number[],
  candidates?: ReturnType<EmbeddingRecommender<number, number>['filter']>,
) {
  const options = { k, ...(candidates && { candidates }) }
  recommender.recommend(users[0], options)
  const started = performance.now()
  const lists = users.map((user) => recommender.recommend(user, options))
  return { lists, milliseconds: (performance.now() - started) / users.length }
}

/** Returns the mean share of the items of exact lists that others hold. */
function recallOf(
  exact: readonly { readonly items: readonly number[] }[],
  found: readonly { readonly items: readonly number[] }[],
): number {
  const shares = exact.map(({ items }, at) => {
    const own = new Set(found[at].items)
    return items.filter((item) => own.has(item)).length / items.length
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
