import type { ItemStatistics, ItemVectors } from './item-statistics.js'
import type { UserMetric, UserScorer } from './metric.js'
import { checkCutoff } from './relevance.js'

/** The type of {@link intraListDiversity}. */
export interface IntraListDiversity extends UserMetric {
  /**
   * Computes the metric of one list.
   *
   * @param list - item indices, best first, each once; only the first k are looked at
   * @param vectors - one vector per item; a vector of zeros has the cosine 0 with every other
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @returns undefined for a list of fewer than two items
   * @throws InvalidOptionsError when k is out of range
   */
  of(list: ArrayLike<number>, vectors: ItemVectors, k: number): number | undefined
}

/**
 * Diversity within lists: 1 - the mean cosine over the pairs of items in the first k places.
 *
 * Vectors come from the option `itemVectors` of `evaluate`. Without it, items have one dimension per
 * training user: their cosine is |common training users| / √(users of one · users of the other). Users
 * with fewer than two recommended items are left out. Ziegler et al., WWW 2005,
 * https://doi.org/10.1145/1060745.1060754
 */
export const intraListDiversity: IntraListDiversity = {
  kind: 'user',
  name: 'intraListDiversity',
  denominator: 'pairs of items in the list',
  undefinedWhen: 'no list has two items',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { vectors } = items
    return vectors
      ? (list) => intraListDiversity.of(list, vectors, k)
      : diversityByTrainingUsers(items, k)
  },
  of(list, { values, dimensions }, k) {
    checkCutoff(k)
    const places = Math.min(k, list.length)
    const sum = new Float64Array(dimensions)
    let nonZero = 0
    for (let place = 0; place < places; place++) {
      const start = list[place] * dimensions
      let square = 0
      for (let d = 0; d < dimensions; d++) square += values[start + d] ** 2
      if (square === 0) continue
      nonZero++
      const norm = Math.sqrt(square)
      for (let d = 0; d < dimensions; d++) sum[d] += values[start + d] / norm
    }
    let square = 0
    for (let d = 0; d < dimensions; d++) square += sum[d] ** 2
    return diversityOf(square, nonZero, places)
  },
}

function diversityByTrainingUsers(items: ItemStatistics, k: number): UserScorer {
  const { pointers, users } = items.users
  const sum = new Float64Array(items.userCount)
  return (list) => {
    const places = Math.min(k, list.length)
    let nonZero = 0
    let square = 0
    for (let place = 0; place < places; place++) {
      const [start, end] = [pointers[list[place]], pointers[list[place] + 1]]
      if (start === end) continue
      nonZero++
      const share = 1 / Math.sqrt(end - start)
      for (let u = start; u < end; u++) {
        // (s + x)² = s² + x (2 s + x), so that the square grows without a pass over all users.
        square += share * (2 * sum[users[u]] + share)
        sum[users[u]] += share
      }
    }
    for (let place = 0; place < places; place++) {
      for (let u = pointers[list[place]]; u < pointers[list[place] + 1]; u++) sum[users[u]] = 0
    }
    return diversityOf(square, nonZero, places)
  }
}

/**
 * Returns 1 - the mean cosine; undefined for fewer than two places.
 *
 * @param square - ‖Σ x/‖x‖‖², which holds each pair of items twice and each item that is not zero with
 * itself once
 * @param nonZero - the number of items that are not zero
 */
function diversityOf(square: number, nonZero: number, places: number): number | undefined {
  return places < 2 ? undefined : 1 - (square - nonZero) / (places * (places - 1))
}
