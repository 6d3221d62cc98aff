/** The definitions written out as plainly as possible, to check the package against. */

export function referenceTopK(
  scores: ArrayLike<number>,
  k: number,
  masked: Iterable<number>,
): number[] {
  const hidden = new Set(masked)
  return Array.from(scores, (score, item) => ({ score, item }))
    .filter(({ item }) => !hidden.has(item))
    .sort((a, b) => b.score - a.score || a.item - b.item)
    .slice(0, k)
    .map(({ item }) => item)
}

type Reference = (list: readonly number[], relevant: readonly number[], k: number) => number

const gains = (list: readonly number[], relevant: readonly number[], k: number): number[] =>
  Array.from({ length: k }, (_, place) => (relevant.includes(list[place]) ? 1 : 0))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const discounted = (values: readonly number[]): number =>
  sum(values.map((value, place) => (value * Math.LN2) / Math.log(place + 2)))

export const referenceMetrics = {
  recall: (list, relevant, k) => sum(gains(list, relevant, k)) / relevant.length,
  precision: (list, relevant, k) => sum(gains(list, relevant, k)) / k,
  hit: (list, relevant, k) => (gains(list, relevant, k).includes(1) ? 1 : 0),
  mrr: (list, relevant, k) => {
    const place = gains(list, relevant, k).indexOf(1)
    return place < 0 ? 0 : 1 / (place + 1)
  },
  ndcg: (list, relevant, k) =>
    discounted(gains(list, relevant, k)) /
    discounted(Array.from({ length: Math.min(k, relevant.length) }, () => 1)),
  recallCapped: (list, relevant, k) => sum(gains(list, relevant, k)) / Math.min(k, relevant.length),
  f1: (list, relevant, k) => {
    const hits = sum(gains(list, relevant, k))
    return hits === 0 ? 0 : 2 / (k / hits + relevant.length / hits)
  },
  'map(min)': (list, relevant, k) => precisions(list, relevant, k) / Math.min(k, relevant.length),
  'map(rel)': (list, relevant, k) => precisions(list, relevant, k) / relevant.length,
} satisfies Record<string, Reference>

function precisions(list: readonly number[], relevant: readonly number[], k: number): number {
  const found = gains(list, relevant, k)
  return sum(found.map((gain, place) => (gain * sum(found.slice(0, place + 1))) / (place + 1)))
}

/** Counted pair by pair. */
export function referenceAuc(
  scores: ArrayLike<number>,
  relevant: readonly number[],
  candidates: readonly number[],
): number | undefined {
  const positives = candidates.filter((item) => relevant.includes(item))
  const others = candidates.filter((item) => !relevant.includes(item))
  const wins = positives.flatMap((positive) =>
    others.map((other) =>
      scores[positive] > scores[other] ? 1 : scores[positive] === scores[other] ? 0.5 : 0,
    ),
  )
  return wins.length === 0 ? undefined : sum(wins) / wins.length
}

/** The mean over all pairs, one by one. */
export function referencePersonalization(
  lists: readonly (readonly number[])[],
  k: number,
): number | undefined {
  const cut = lists.map((list) => list.slice(0, k))
  const pairs = cut.flatMap((a, i) =>
    cut.slice(i + 1).map((b) => 1 - a.filter((item) => b.includes(item)).length / k),
  )
  return pairs.length === 0 ? undefined : sum(pairs) / pairs.length
}

/** By the mean absolute difference of all pairs of items. */
export function referenceGini(
  lists: readonly (readonly number[])[],
  k: number,
  itemCount: number,
): number | undefined {
  const shown = lists.flatMap((list) => list.slice(0, k))
  if (shown.length === 0) return undefined
  const counts = Array.from(
    { length: itemCount },
    (_, item) => shown.filter((other) => other === item).length,
  )
  const differences = counts.flatMap((a) => counts.map((b) => Math.abs(a - b)))
  return sum(differences) / (2 * itemCount * sum(counts))
}

/** Pair by pair. */
export function referenceDiversity(
  list: readonly number[],
  vectors: readonly (readonly number[])[],
  k: number,
): number | undefined {
  const own = list.slice(0, k).map((item) => vectors[item])
  const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, d) => x * b[d]))
  const pairs = own.flatMap((a, i) =>
    own.slice(i + 1).map((b) => 1 - (dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0)),
  )
  return pairs.length === 0 ? undefined : sum(pairs) / pairs.length
}

export function referenceCoverage(
  lists: readonly (readonly number[])[],
  k: number,
  itemCount: number,
): number {
  return new Set(lists.flatMap((list) => list.slice(0, k))).size / itemCount
}
