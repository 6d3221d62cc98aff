import { InvalidOptionsError, NonFiniteError } from './errors.js'

/** The best items of one user, best first. */
export interface TopK {
  readonly items: Int32Array
  readonly scores: Float32Array
}

/**
 * The exact k best of `scores`, best first; equal scores go to the lower item index.
 *
 * Returns fewer than k when fewer items are left after `exclude`. O(items + hits·log k).
 *
 * @param scores - one score per item
 * @param k - 1..scores.length
 * @param exclude - item indices to leave out, ascending and distinct
 * @throws InvalidOptionsError when k is not an integer in 1..scores.length
 * @throws NonFiniteError when a score that takes part is NaN
 */
export function topK(scores: Float32Array, k: number, exclude?: ArrayLike<number>): TopK {
  if (!Number.isInteger(k) || k < 1 || k > scores.length) {
    throw new InvalidOptionsError(
      `k: got ${k}; expected an integer in 1..${scores.length} (the number of items).`,
    )
  }
  const heap = new BoundedHeap(k)
  const excluded = exclude?.length ?? 0
  let nextExcluded = 0
  for (let item = 0; item < scores.length; item++) {
    if (nextExcluded < excluded && exclude![nextExcluded] === item) {
      nextExcluded++
      continue
    }
    const score = scores[item]
    if (heap.isFull && score <= heap.threshold) continue
    if (Number.isNaN(score)) {
      throw new NonFiniteError(
        `The score of item index ${item} is NaN; the model has diverged or was never trained.`,
      )
    }
    heap.push(item, score)
  }
  return heap.drain()
}

/**
 * A heap of the k best seen so far with the worst on top. Items arrive in ascending order, so on
 * equal scores the one with the higher index is worse, and a newcomer never displaces an equal.
 */
class BoundedHeap {
  /** Once full: scores not above this cannot enter; NaN compares false and is caught by the caller. */
  threshold = Number.NEGATIVE_INFINITY
  isFull = false
  readonly #items: Int32Array
  readonly #scores: Float32Array
  readonly #capacity: number
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#items = new Int32Array(capacity)
    this.#scores = new Float32Array(capacity)
  }

  push(item: number, score: number): void {
    if (this.#size < this.#capacity) {
      this.#siftUp(this.#size++, item, score)
      this.isFull = this.#size === this.#capacity
      this.threshold = this.#scores[0]
    } else {
      this.#siftDown(0, item, score)
      this.threshold = this.#scores[0]
    }
  }

  drain(): TopK {
    const size = this.#size
    const items = new Int32Array(size)
    const scores = new Float32Array(size)
    while (this.#size > 0) {
      const place = --this.#size
      items[place] = this.#items[0]
      scores[place] = this.#scores[0]
      if (place > 0) this.#siftDown(0, this.#items[place], this.#scores[place])
    }
    return { items, scores }
  }

  #worse(a: number, item: number, score: number): boolean {
    const other = this.#scores[a]
    return other < score || (other === score && this.#items[a] > item)
  }

  #siftUp(start: number, item: number, score: number): void {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#worse(parent, item, score)) break
      this.#items[place] = this.#items[parent]
      this.#scores[place] = this.#scores[parent]
      place = parent
    }
    this.#items[place] = item
    this.#scores[place] = score
  }

  #siftDown(start: number, item: number, score: number): void {
    let place = start
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#worse(child + 1, this.#items[child], this.#scores[child]))
        child++
      if (!this.#worse(child, item, score)) break
      this.#items[place] = this.#items[child]
      this.#scores[place] = this.#scores[child]
      place = child
    }
    this.#items[place] = item
    this.#scores[place] = score
  }
}
