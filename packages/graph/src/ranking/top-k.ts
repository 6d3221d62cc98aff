import { InvalidOptionsError, NonFiniteError } from '../errors.js'

/** The best items of one user, best first. */
export interface TopK {
  /** Item indices. */
  readonly items: Int32Array
  /** Scores of the items. */
  readonly scores: Float32Array
  /** Number of items outside the list that have the score of its last place. */
  readonly tied: number
}

/**
 * Finds the exact k best of `scores`, best first. Of equal scores the lower item index wins.
 *
 * Returns fewer than k when fewer items are left after `exclude`. O(items + hits·log k).
 *
 * @param scores - one score per item
 * @param k - 1..scores.length
 * @param exclude - item indices to leave out, ascending and distinct
 * @throws InvalidOptionsError when k is not an integer in 1..scores.length
 * @throws NonFiniteError when a score that takes part is NaN
 * @example
 * ```ts
 * import { topK } from '@gnnrec/graph'
 *
 * const { items, scores } = topK(Float32Array.of(0.5, 2, 1, 2), 2, [1])
 * console.log(items, scores) // [ 3, 2 ] [ 2, 1 ]
 * ```
 */
export function topK(scores: Float32Array, k: number, exclude?: ArrayLike<number>): TopK {
  if (!Number.isInteger(k) || k < 1 || k > scores.length) {
    throw new InvalidOptionsError(
      `k: got ${k}; expected an integer in 1..${scores.length} (the number of items).`,
    )
  }
  const best = new BestItems(k, scores.length)
  const excluded = exclude?.length ?? 0
  let start = 0
  for (let e = 0; e <= excluded; e++) {
    const end = e < excluded ? exclude![e] : scores.length
    takeRange(best, scores, start, end)
    start = end + 1
  }
  return best.finish()
}

/**
 * Takes the items start..end-1. Nearly all scores are too low, so the loop only asks that, for eight at
 * a time. Comparisons with NaN are false, so NaN is found among the others.
 */
function takeRange(best: BestItems, scores: Float32Array, start: number, end: number): void {
  let threshold = best.threshold
  let item = start
  for (; item + 8 <= end; item += 8) {
    if (
      scores[item] < threshold &&
      scores[item + 1] < threshold &&
      scores[item + 2] < threshold &&
      scores[item + 3] < threshold &&
      scores[item + 4] < threshold &&
      scores[item + 5] < threshold &&
      scores[item + 6] < threshold &&
      scores[item + 7] < threshold
    ) {
      continue
    }
    for (let i = item; i < item + 8; i++) if (!(scores[i] < best.threshold)) best.take(i, scores[i])
    threshold = best.threshold
  }
  for (; item < end; item++) {
    if (!(scores[item] < best.threshold)) best.take(item, scores[item])
  }
}

/**
 * A collection of candidates with more places than wanted, which keeps the k best whenever it is full.
 * Items come in ascending order, so an item with the score of the k-th best so far comes too late.
 */
class BestItems {
  /** Scores below this are too low: the k-th best score when the collection was last full. */
  threshold = Number.NEGATIVE_INFINITY
  readonly #k: number
  readonly #items: Int32Array
  readonly #scores: Float32Array
  #size = 0
  #isSettled = false
  /** Items that were left out with the score that is the threshold now. */
  #tied = 0

  constructor(k: number, itemCount: number) {
    this.#k = k
    const places = Math.min(itemCount, 4 * k + 64)
    this.#items = new Int32Array(places)
    this.#scores = new Float32Array(places)
  }

  /** @throws NonFiniteError when the score is NaN */
  take(item: number, score: number): void {
    if (Number.isNaN(score)) {
      throw new NonFiniteError(
        `The score of item index ${item} is NaN; the model has diverged or was never trained.`,
      )
    }
    if (this.#isSettled && score === this.threshold) {
      this.#tied++
      return
    }
    if (this.#size === this.#items.length) this.#settle()
    this.#items[this.#size] = item
    this.#scores[this.#size++] = score
    if (this.#size === this.#items.length) this.#settle()
  }

  finish(): TopK {
    this.#settle()
    const length = Math.min(this.#size, this.#k)
    const [items, scores] = [this.#items.slice(0, length), this.#scores.slice(0, length)]
    sortBest(items, scores, 0, length)
    return { items, scores, tied: this.#tied }
  }

  #settle(): void {
    const [items, scores, k] = [this.#items, this.#scores, this.#k]
    if (this.#size <= k) return
    selectBest(items, scores, this.#size, k)
    let last = scores[0]
    for (let place = 1; place < k; place++) if (scores[place] < last) last = scores[place]
    if (!this.#isSettled || last !== this.threshold) this.#tied = 0
    for (let place = k; place < this.#size; place++) if (scores[place] === last) this.#tied++
    this.threshold = last
    this.#isSettled = true
    this.#size = k
  }
}

/** Length up to which ranges are sorted by insertion. */
const fewItems = 12

/** Moves the k best of the first `size` to the front, in any order. */
function selectBest(items: Int32Array, scores: Float32Array, size: number, k: number): void {
  let [from, to] = [0, size]
  while (to - from > fewItems) {
    const middle = partition(items, scores, from, to)
    if (middle >= k) to = middle
    else from = middle
  }
  insertionSort(items, scores, from, to)
}

/** Sorts start..end-1 by falling score, equal ones by rising item. */
function sortBest(items: Int32Array, scores: Float32Array, start: number, end: number): void {
  let from = start
  while (end - from > fewItems) {
    const middle = partition(items, scores, from, end)
    sortBest(items, scores, from, middle)
    from = middle
  }
  insertionSort(items, scores, from, end)
}

/** Moves all that comes before a pivot to the front of a range, and returns where the rest begins. */
function partition(items: Int32Array, scores: Float32Array, from: number, to: number): number {
  const pivot = medianOfThree(items, scores, from, to)
  const [score, item] = [scores[pivot], items[pivot]]
  let [low, high] = [from - 1, to]
  for (;;) {
    do low++
    while (scores[low] > score || (scores[low] === score && items[low] < item))
    do high--
    while (scores[high] < score || (scores[high] === score && items[high] > item))
    if (low >= high) return high + 1
    swap(items, scores, low, high)
  }
}

function medianOfThree(items: Int32Array, scores: Float32Array, from: number, to: number): number {
  const [a, b, c] = [from, (from + to - 1) >> 1, to - 2]
  const before = (x: number, y: number): boolean =>
    scores[x] > scores[y] || (scores[x] === scores[y] && items[x] < items[y])
  if (before(a, b)) return before(b, c) ? b : before(a, c) ? c : a
  return before(a, c) ? a : before(b, c) ? c : b
}

function insertionSort(items: Int32Array, scores: Float32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const [item, score] = [items[i], scores[i]]
    let place = i
    while (
      place > from &&
      (scores[place - 1] < score || (scores[place - 1] === score && items[place - 1] > item))
    ) {
      items[place] = items[place - 1]
      scores[place] = scores[place - 1]
      place--
    }
    items[place] = item
    scores[place] = score
  }
}

function swap(items: Int32Array, scores: Float32Array, a: number, b: number): void {
  const [item, score] = [items[a], scores[a]]
  items[a] = items[b]
  scores[a] = scores[b]
  items[b] = item
  scores[b] = score
}
