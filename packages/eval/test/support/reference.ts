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
} satisfies Record<string, Reference>

export function referenceCoverage(
  lists: readonly (readonly number[])[],
  k: number,
  itemCount: number,
): number {
  return new Set(lists.flatMap((list) => list.slice(0, k))).size / itemCount
}
