import { type Askers, scoresPerBlock } from './best-lists.js'
import type { KnownHistory } from './histories.js'
import type { ListRule } from './list-rule.js'
import type { ListMaker, RuledItems } from './rules.js'

/**
 * Makes the lists of some people by rules.
 *
 * @param histories - the items of each of the people that count
 */
export function ruledLists(
  askers: Askers,
  histories: readonly KnownHistory[],
  rule: ListRule,
  make: ListMaker,
  itemCount: number,
): RuledItems[] {
  const perBlock = Math.max(1, Math.floor(scoresPerBlock / itemCount))
  const all = new Float32Array(Math.min(askers.count, perBlock) * itemCount)
  const lists: RuledItems[] = []
  for (let first = 0; first < askers.count; first += perBlock) {
    const last = Math.min(first + perBlock, askers.count)
    askers.score(first, last, undefined, all.subarray(0, (last - first) * itemCount))
    for (let place = first; place < last; place++) {
      const scores = all.subarray((place - first) * itemCount, (place - first + 1) * itemCount)
      const history = histories[place]
      const list = make({ scores, exclude: askers.excludeOf(place), chosen: rule, history })
      lists.push({ ...list, ...(askers.usesIndex && { search: 'exact' }) })
    }
  }
  return lists
}
