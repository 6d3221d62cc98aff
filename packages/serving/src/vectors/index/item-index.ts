import { type Id, type IdMap, InvalidOptionsError, NonFiniteError, topK } from '@gnnrec/graph'
import { placesIn } from '../../recommenders/list-selection.js'
import type { IndexQuestion, RankingIndex, SearchedRows } from '../../recommenders/ranking-index.js'
import { emptyLists } from '../../recommenders/row-products.js'
import type { ScoredRows } from '../../recommenders/scored-rows.js'
import { saveIndex } from './index-folder.js'
import type { IndexParts, MeasuredRecall } from './index-parts.js'

/** Share of the items from which on looking at all of them takes no longer than finding so many by a graph. */
const mostShareSearched = 1 / 128

/**
 * An index of the items of one model, in which the best items of a list are found without looking at all of them.
 * {@link buildIndex} and {@link loadIndex} make it, and `recommender.withIndex(index)` answers by it.
 *
 * The index finds candidates; their scores are computed as those of exact lists are, to the same bytes. Where filters and seen items
 * leave fewer than a list needs, more candidates are asked for, and then all items are looked at.
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
 * const index = await buildIndex(recommender, { k: 1 })
 * console.log(index.engine, index.measured.recall) // usearch 1
 * console.log(recommender.withIndex(index).recommend('ann', { k: 1 }).items) // [ 'Brazil' ]
 * ```
 */
export class ItemIndex implements RankingIndex {
  /** Name of the library that searches. */
  readonly engine: string
  /** Number of items. */
  readonly itemCount: number
  /** Number of neighbours of an item in the graph. */
  readonly connectivity: number
  /** Number of candidates that a list of length `measured.k` is chosen from. */
  readonly effort: number
  /**
   * Factor on the number of candidates where a filter keeps half of the items or fewer, beside the one that follows from the
   * share it keeps; between half and all of the items it falls to 1.
   */
  readonly filterFactor: number
  readonly measured: MeasuredRecall
  readonly #parts: IndexParts

  /** @internal */
  constructor(parts: IndexParts) {
    this.engine = parts.engine
    this.itemCount = parts.itemCount
    this.connectivity = parts.connectivity
    this.effort = parts.effort
    this.filterFactor = parts.filterFactor
    this.measured = parts.measured
    this.#parts = parts
  }

  /**
   * Saves the index with its recall as a folder, which `loadIndex` reads. The folder holds the old index or the new one
   * at any moment.
   *
   * @param folder - path or `file:` URL
   * @returns the number of bytes of all files
   * @throws SerializationError when the folder cannot be written or holds something else
   */
  async save(folder: string | URL): Promise<number> {
    return saveIndex(folder, this.#parts)
  }

  /** Returns true when the index is of these items. @internal */
  isOf(items: IdMap<Id>, rows: ScoredRows): boolean {
    const { ids, rows: own } = this.#parts
    const isSame = equal(own.items, rows.items) && equal(own.bias, rows.bias)
    return isSame && (ids === items || ids.ids.every((id, item) => id === items.idOf(item)))
  }

  /** Finds the best items of people; see {@link RankingIndex}. @internal */
  rank(question: IndexQuestion): SearchedRows | undefined {
    const { k, people } = question
    const lists = emptyLists(people, k)
    const exact = new Uint8Array(people)
    const missed: number[] = []
    for (let place = 0; place < people; place++) {
      const best = this.#bestOf(question, place)
      if (best) {
        lists.items.set(best.items, place * k)
        lists.scores.set(best.scores, place * k)
        lists.lengths[place] = best.items.length
        lists.tied[place] = best.tied
      } else {
        missed.push(place)
      }
    }
    if (missed.length === 0) return { ...lists, exact }
    const rest = question.rankExactly(Int32Array.from(missed))
    if (!rest) return undefined
    for (const [row, place] of missed.entries()) {
      lists.items.set(rest.items.subarray(row * k, (row + 1) * k), place * k)
      lists.scores.set(rest.scores.subarray(row * k, (row + 1) * k), place * k)
      lists.lengths[place] = rest.lengths[row]
      lists.tied[place] = rest.tied[row]
      exact[place] = 1
    }
    return { ...lists, exact }
  }

  /** Finds the list of one person, or nothing where too few candidates are left. */
  #bestOf(question: IndexQuestion, place: number) {
    const { k, choice, excludeOf } = question
    const { candidates, excluded } = choice
    const own = excludeOf(place)
    const allowed = candidates?.length ?? this.itemCount - excluded.length
    const left = allowed - (candidates ? placesIn(candidates, own).length : own.length)
    if (left < k) return undefined
    // A shorter list needs as many candidates, since a search that keeps fewer misses more of the best.
    const depth =
      Math.max(this.effort, Math.ceil((this.effort * k) / this.measured.k)) *
      this.#factorAt(allowed / this.itemCount)
    const most = Math.max(
      this.itemCount * mostShareSearched,
      4 * depth + Math.min(own.length, this.itemCount / 8),
    )
    const query = this.#queryOf(question.row(place), question.scale)
    let asked = Math.ceil((depth * this.itemCount) / allowed) + own.length
    for (; asked <= most; asked *= 2) {
      const found = this.#parts.graph.search(query, Math.min(asked, this.itemCount))
      const some = this.#distinct(found).filter(
        (item) => isChosen(item, candidates, excluded) && !holds(own, item),
      )
      if (some.length < k) continue
      const scores = new Float32Array(some.length)
      question.score(place, some, scores)
      try {
        const best = topK(scores, k, [])
        return { ...best, items: best.items.map((at) => some[at]) }
      } catch (error) {
        if (error instanceof NonFiniteError) return undefined
        throw error
      }
    }
    return undefined
  }

  /** Returns the factor on the number of candidates where a filter keeps a share of the items. */
  #factorAt(share: number): number {
    return 1 + (this.filterFactor - 1) * Math.min(1, 2 * (1 - share))
  }

  /** Returns the ascending items that an engine has found, each once. @throws InvalidOptionsError for what is no item */
  #distinct(found: Int32Array): Int32Array {
    const sorted = found.slice().sort()
    const wrong = [sorted[0], sorted.at(-1)].find((item = 0) => item < 0 || item >= this.itemCount)
    if (wrong === undefined) return sorted.filter((item, at) => at === 0 || sorted[at - 1] !== item)
    throw new InvalidOptionsError(
      `engine: '${this.engine}' found the row ${wrong}; the index has the rows 0..${this.itemCount - 1}.`,
    )
  }

  #queryOf(row: Float32Array, scale: number): Float32Array {
    const query = new Float32Array(this.#parts.dim)
    for (let d = 0; d < row.length; d++) query[d] = scale * row[d]
    if (query.length > row.length) query[row.length] = 1
    return query
  }
}

function isChosen(item: number, candidates: Int32Array | undefined, excluded: Int32Array): boolean {
  return candidates ? holds(candidates, item) : !holds(excluded, item)
}

/** Returns true when an ascending list holds a number. */
function holds(list: Int32Array, wanted: number): boolean {
  let [from, to] = [0, list.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (list[middle] < wanted) from = middle + 1
    else to = middle
  }
  return list[from] === wanted
}

function equal(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  if (a === b) return true
  return a?.length === b?.length && (a?.every((value, at) => value === b?.[at]) ?? false)
}
