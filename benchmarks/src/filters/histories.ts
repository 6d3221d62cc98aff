import { type InteractionLists, Rng } from '@gnnrec/graph'
import type { ItemSimilarityRecommender, SpectralFilterRecommender } from '@gnnrec/serving'

/** Items of a history that is timed. */
export const historyLength = 20
/** Calls of which the median is taken. */
const calls = 31

/** Draws as many histories of random items as calls are timed. */
export function drawHistories(itemCount: number, seed: number): InteractionLists[] {
  const rng = Rng.fromSeed(seed).fork('histories')
  return Array.from({ length: calls }, () => {
    const items = new Set<number>()
    while (items.size < Math.min(historyLength, itemCount)) items.add(rng.integer(itemCount))
    const sorted = Int32Array.from(items).sort()
    return { pointers: Int32Array.of(0, sorted.length), items: sorted }
  })
}

/** Returns the median time of scoring each of some lists of histories. */
export function medianMilliseconds(
  recommender: SpectralFilterRecommender | ItemSimilarityRecommender,
  histories: readonly InteractionLists[],
): number {
  const most = Math.max(...histories.map(({ pointers }) => pointers.length - 1))
  const out = new Float32Array(most * recommender.itemCount)
  const times = histories.map((history) => {
    const started = performance.now()
    recommender.scoreHistories(history, out)
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}
