import { type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { EmbeddingRecommender } from '../../recommenders/embedding-recommender.js'
import { listLength } from '../../recommenders/list-selection.js'
import type { RecommenderInterface } from '../../recommenders/recommender-interface.js'
import { embeddingRecommender } from '../vectors-of.js'
import { fingerprintOf } from './fingerprint.js'
import { expansionShare, mostConnectivity, mostFilterFactor } from './index-manifest.js'
import { holds, type IndexParts, type RecallOfLists } from './index-parts.js'
import { ItemIndex } from './item-index.js'
import { drawSample, measureLists, type RecallSample } from './measure-recall.js'
import { RecallError, shortfallText } from './recall-error.js'
import { engineSchema, type SearchEngine, type SearchGraph } from './search-engine.js'
import { usearchEngine } from './usearch.js'

/** Options of {@link buildIndex}. */
export interface BuildIndexOptions {
  /**
   * The least recall less two standard errors, of lists of all items and of lists by a filter that keeps half
   * of them; above 0 and at most 1.
   *
   * @defaultValue `0.98`
   */
  recallAtLeast?: number
  /**
   * Length of the lists that are compared, an integer from 1 to the number of items.
   *
   * @defaultValue `20`, or the number of items when there are fewer
   */
  k?: number
  /**
   * Number of users whose lists are compared, an integer from 1 up.
   *
   * @defaultValue `200`, or all users when there are fewer
   */
  sample?: number
  /**
   * Seed by which these users are drawn, an integer from 0 up.
   *
   * @defaultValue `1`
   */
  seed?: number
  /**
   * Number of neighbours of an item in the graph at first, from 4 to 64; it is doubled when the recall is not reached
   * otherwise.
   *
   * @defaultValue `16`
   */
  connectivity?: number
  /**
   * The treatment of an index that does not reach the recall: `'error'` throws a {@link RecallError}, `'warn'` warns and
   * returns it.
   *
   * @defaultValue `'error'`
   */
  shortfall?: 'error' | 'warn'
  /**
   * Number of threads that build, from 1 up; 0 for all. With one, equal models give equal graphs.
   *
   * @defaultValue `1`
   */
  threads?: number
  /**
   * The library that searches.
   *
   * @defaultValue usearch, which must be installed
   */
  engine?: SearchEngine
  /** Stops the work; the error is then the signal's reason. */
  signal?: AbortSignal | undefined
}

const whole = (from: number) => {
  const text = `expected an integer from ${from} up`
  return z.number({ error: text }).check(z.int(text), z.gte(from, text), z.lte(2 ** 31 - 1, text))
}
const share = 'expected a number above 0 and at most 1'
const schema = z.strictObject({
  recallAtLeast: z._default(
    z.number({ error: share }).check(z.gt(0, share), z.lte(1, share)),
    0.98,
  ),
  k: z.optional(whole(1)),
  sample: z._default(whole(1), 200),
  seed: z._default(whole(0), 1),
  connectivity: z._default(
    whole(4).check(z.lte(mostConnectivity, `expected at most ${mostConnectivity}`)),
    16,
  ),
  shortfall: z._default(
    z.enum(['error', 'warn'], { error: "expected 'error' or 'warn'" }),
    'error',
  ),
  threads: z._default(whole(0), 1),
  engine: z.optional(engineSchema),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

/** Rows that are added before other work may run. */
const rowsPerTurn = 1024
/** Candidates beyond which more neighbours in the graph are tried first. */
const mostEffort = (itemCount: number) => Math.min(itemCount, Math.max(1024, itemCount >> 6))
/** Steps that narrow the effort down after it was doubled. */
const narrowingSteps = 2
/** Factor between two factors for filters that are tried. */
const filterStep = Math.sqrt(2)

/**
 * Builds an index of the items of a recommender by embeddings, for catalogues above a few hundred thousand items, and measures
 * what it finds: lists of drawn users, without the items that they have seen, against exact ones, and the same by a filter
 * that keeps a drawn half of the items. The number of candidates is doubled, and then the graph is built with more
 * neighbours, until both recalls hold, each less two standard errors.
 *
 * The index searches by inner product, with biases as one more number; it needs no transformation.
 *
 * @throws InvalidOptionsError for a wrong option
 * @throws NotSupportedError when the recommender is of another kind or has no users
 * @throws RecallError when the recall is not reached and `shortfall` is `'error'`
 * @throws NonFiniteError when a score of a drawn user is NaN or infinite
 * @throws SerializationError when usearch is not installed
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { EmbeddingRecommender } from '@gnnrec/serving'
 * import { buildIndex } from '@gnnrec/serving/vectors'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new EmbeddingRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   embeddingDim: 2,
 *   userEmbeddings: Float32Array.of(1, 0, 0, 1),
 *   itemEmbeddings: Float32Array.of(1, 0, 0.5, 0.5),
 * })
 * const index = await buildIndex(recommender, { recallAtLeast: 0.98, k: 1, sample: 2 })
 * const fast = recommender.withIndex(index)
 * console.log(index.measured.recall, fast.recommend('ann', { k: 1 }).items) // 1 [ 'Brazil' ]
 * ```
 */
export async function buildIndex<UserId extends Id, ItemId extends Id>(
  recommender: RecommenderInterface<UserId, ItemId>,
  options: BuildIndexOptions = {},
): Promise<ItemIndex> {
  const asked = parseOptions('buildIndex', schema, options)
  const model = embeddingRecommender(recommender)
  const k = asked.k ?? Math.min(20, model.itemCount)
  listLength('buildIndex', k, model.itemCount, 'items')
  const engine = asked.engine ?? (await usearchEngine({ threads: asked.threads }))
  const sample = drawSample(model, { count: asked.sample, k, seed: asked.seed })
  const slice = new TimeSlice(asked.signal)
  let best: ItemIndex | undefined
  for (let { connectivity } = asked; ; connectivity *= 2) {
    const made = await makeGraph(engine, model, connectivity, slice)
    const index = await raiseEffort(model, sample, made, asked.recallAtLeast, slice)
    const { measured } = index
    const isEnough =
      holds(measured, asked.recallAtLeast) && holds(measured.filtered, asked.recallAtLeast)
    if (isEnough) return index
    if (!best || measured.recall > best.measured.recall) best = index
    if (2 * connectivity > mostConnectivity) break
  }
  if (asked.shortfall === 'error') {
    throw new RecallError(asked.recallAtLeast, best.measured, best.effort)
  }
  warn(shortfallText(asked.recallAtLeast, best.measured, best.effort))
  return best
}

type GraphParts = Omit<IndexParts, 'effort' | 'filterFactor' | 'measured'>

/** Makes the graph of all items, with other work in between. */
async function makeGraph(
  engine: SearchEngine,
  model: EmbeddingRecommender,
  connectivity: number,
  slice: TimeSlice,
): Promise<GraphParts> {
  const rows = model.scoredRows()
  const { embeddingDim, itemCount } = model
  const dim = embeddingDim + (rows.bias ? 1 : 0)
  const expansion = expansionShare * connectivity
  const graph: SearchGraph = engine.create({ dim, connectivity, expansion })
  for (let first = 0; first < itemCount; first += rowsPerTurn) {
    const last = Math.min(itemCount, first + rowsPerTurn)
    const some = new Float32Array((last - first) * dim)
    for (let item = first; item < last; item++) {
      const row = rows.items.subarray(item * embeddingDim, (item + 1) * embeddingDim)
      some.set(row, (item - first) * dim)
      if (rows.bias) some[(item - first + 1) * dim - 1] = rows.bias[item]
    }
    graph.add(first, some)
    await slice.next()
  }
  return {
    engine: engine.name,
    graph,
    dim,
    connectivity,
    expansion,
    itemCount,
    ids: model.items,
    rows,
    fingerprint: () => fingerprintOf(model.items, rows),
  }
}

/**
 * Doubles the number of candidates until the recall holds, then narrows it down; then raises the factor for filters.
 * Returns the best when it never holds.
 */
async function raiseEffort(
  model: EmbeddingRecommender,
  sample: RecallSample,
  parts: GraphParts,
  wanted: number,
  slice: TimeSlice,
): Promise<ItemIndex> {
  const { k } = sample
  const makeIndex = (effort: number, filterFactor: number, all: RecallOfLists, half = all) => {
    const { recall, standardError, exactShare } = all
    const { users, seed } = sample
    const measured = { recall, standardError, exactShare, k, users: users.length, seed }
    return new ItemIndex({
      ...parts,
      effort,
      filterFactor,
      measured: { ...measured, filtered: half },
    })
  }
  const tryEffort = async (effort: number): Promise<Trial> => {
    await slice.next()
    const recall = measureLists(model, makeIndex(effort, 1, unmeasured), sample, 'all')
    return { value: effort, recall, isEnough: holds(recall, wanted) }
  }
  const most = mostEffort(parts.itemCount)
  let best = await tryEffort(Math.min(most, Math.max(2 * k, 32)))
  for (let effort = best.value; !best.isEnough && effort < most; ) {
    effort = Math.min(most, 2 * effort)
    const next = await tryEffort(effort)
    if (next.isEnough || next.recall.recall >= best.recall.recall) best = next
  }
  let [low, high] = [Math.max(k, best.value >> 1), best.value]
  for (let step = 0; best.isEnough && step < narrowingSteps && high - low > low >> 3; step++) {
    const middle = (low + high) >> 1
    const less = await tryEffort(middle)
    if (less.isEnough) [best, high] = [less, middle]
    else low = middle
  }
  const tryFactor = async (factor: number): Promise<Trial> => {
    await slice.next()
    const index = makeIndex(best.value, factor, best.recall)
    const recall = measureLists(model, index, sample, 'half')
    return { value: factor, recall, isEnough: holds(recall, wanted) }
  }
  let filtered = await tryFactor(1)
  for (let factor = filterStep; best.isEnough && !filtered.isEnough; factor *= filterStep) {
    if (factor > mostFilterFactor) break
    const next = await tryFactor(factor)
    if (next.isEnough || next.recall.recall >= filtered.recall.recall) filtered = next
  }
  return makeIndex(best.value, filtered.value, best.recall, filtered.recall)
}

/** A number of candidates, or a factor on it, that was tried. */
interface Trial {
  readonly value: number
  readonly recall: RecallOfLists
  readonly isEnough: boolean
}

const unmeasured: RecallOfLists = { recall: 0, standardError: 0, exactShare: 0 }
