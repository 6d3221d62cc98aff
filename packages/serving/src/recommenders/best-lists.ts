import { type RankedRows, topK } from '@gnnrec/graph'
import { type BestItems, shortestList } from './best-items.js'
import type { ItemChoice } from './cold-start.js'
import type { ListRule } from './list-rule.js'
import { placesIn, union } from './list-selection.js'
import type { SearchedRows } from './ranking-index.js'

/** Number of scores that are in memory at a time: 4 MB. */
export const scoresPerBlock = 1 << 20

/** The people of one call, who are users of training or histories of anybody. */
export interface Askers {
  /** Number of people. */
  readonly count: number
  /** Returns the ascending items that are left out for the person at a place. */
  excludeOf(place: number): Int32Array
  /** Writes the scores of `items` (all when undefined) for the people from one place to before another, row-major. */
  score(first: number, last: number, items: Int32Array | undefined, out: Float32Array): void
  /** Finds the best items of all without handing out their scores, in the kinds of recommender that can. */
  rank(k: number, choice: ItemChoice): SearchedRows | undefined
  /** True when an index finds lists. */
  readonly usesIndex?: boolean
}

/** Finds the best items of each of some people; blocks of scores are bounded in bytes. */
export function bestLists(
  askers: Askers,
  { k, choice }: Pick<ListRule, 'k' | 'choice'>,
  itemCount: number,
): readonly BestItems[] {
  const { candidates, excluded } = choice
  const width = candidates ? candidates.length : itemCount
  if (width === 0) return Array.from({ length: askers.count }, () => shortestList)
  if (width >= shareOfAll(askers.count) * itemCount) {
    const ranked = askers.rank(k, choice)
    const isWhole = ranked && !lacksItems(ranked, askers.excludeOf, choice, itemCount)
    if (isWhole) return rowsOf(ranked)
  }
  const perBlock = Math.max(1, Math.floor(scoresPerBlock / width))
  const scores = new Float32Array(Math.min(askers.count, perBlock) * width)
  const lists: BestItems[] = []
  for (let first = 0; first < askers.count; first += perBlock) {
    const last = Math.min(first + perBlock, askers.count)
    askers.score(first, last, candidates, scores)
    for (let place = first; place < last; place++) {
      const own = askers.excludeOf(place)
      const best = topK(
        scores.subarray((place - first) * width, (place - first + 1) * width),
        Math.min(k, width),
        candidates ? placesIn(candidates, own) : union(own, excluded),
      )
      const items = candidates ? best.items.map((at) => candidates[at]) : best.items
      lists.push({ items, scores: best.scores, ...(askers.usesIndex && { search: 'exact' }) })
    }
  }
  return lists
}

/** Time that it takes to copy the rows of candidates and lay them out, as a multiple of that of their scores. */
const copyingFactor = 30

/**
 * Returns the share of the items from which on scores of some of them are picked from those of all, which takes no copies
 * of their rows.
 *
 * @param people - number of people for whom the same items are scored
 */
export function shareOfAll(people: number): number {
  return Math.min(1 / 8, people / (people + copyingFactor))
}

/** Returns true when a list ends though there are more items, whose scores are then -Infinity. */
export function lacksItems(
  { k, lengths }: RankedRows,
  excludeOf: (place: number) => Int32Array,
  { candidates, excluded }: ItemChoice,
  itemCount: number,
): boolean {
  return lengths.some((length, place) => {
    if (length === k) return false
    const own = excludeOf(place)
    const available = candidates
      ? candidates.length - placesIn(candidates, own).length
      : itemCount - union(own, excluded).length
    return length < Math.min(k, available)
  })
}

function rowsOf({ k, items, scores, lengths, exact }: SearchedRows): BestItems[] {
  return Array.from(lengths, (length, row) => ({
    items: items.subarray(row * k, row * k + length),
    scores: scores.subarray(row * k, row * k + length),
    ...(exact && { search: exact[row] === 1 ? 'exact' : 'index' }),
  }))
}
