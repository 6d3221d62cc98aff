import type { DrawAt } from './sample-streams.js'

/**
 * A drawer of subsets of 0..n-1, each subset of a size equally likely (Floyd's algorithm: Bentley &
 * Floyd, "Programming pearls: a sample of brilliance", CACM 1987, https://doi.org/10.1145/30401.315746).
 * It takes one draw for each number and rejects none.
 */
export class SubsetDrawer {
  /** The last subset that holds each number. */
  readonly #marks: Int32Array
  #subset = 0

  /** @param bound - largest n */
  constructor(bound: number) {
    this.#marks = new Int32Array(bound)
  }

  /**
   * Writes `size` distinct numbers of 0..count-1 to `out` from `start`, ascending.
   *
   * @param position - position of the first of the `size` draws
   */
  draw(
    out: Int32Array,
    { start, size, count }: { start: number; size: number; count: number },
    drawAt: DrawAt,
    position: number,
  ): void {
    const marks = this.#marks
    if (this.#subset === lastSubset) {
      marks.fill(0)
      this.#subset = 0
    }
    const subset = ++this.#subset
    for (let chosen = 0; chosen < size; chosen++) {
      const last = count - size + chosen
      const drawn = Math.floor(drawAt(position + chosen) * (last + 1))
      const number = marks[drawn] === subset ? last : drawn
      marks[number] = subset
      insert(out, start, start + chosen, number)
    }
  }
}

const lastSubset = 2 ** 31 - 1

/** Lists longer than this are searched by halves. */
const longList = 64

/** Inserts a number into an ascending list that ends before `end`. */
function insert(out: Int32Array, start: number, end: number, number: number): void {
  let place = end
  if (end - start > longList) {
    let low = start
    while (low < place) {
      const middle = (low + place) >>> 1
      if (out[middle] < number) low = middle + 1
      else place = middle
    }
    out.copyWithin(place + 1, place, end)
  } else {
    for (; place > start && out[place - 1] > number; place--) out[place] = out[place - 1]
  }
  out[place] = number
}
