/** A chooser of the numbers of largest magnitude in lists of up to a number of them. */
export class LargestMagnitudes {
  readonly #scratch: Float64Array

  constructor(longest: number) {
    this.#scratch = new Float64Array(longest)
  }

  /**
   * Returns the places of the `count` numbers of largest magnitude, ascending; of equal ones the first. Zeros are left
   * out.
   *
   * @param length - the numbers at 0..length-1 are chosen from
   */
  places(values: Float64Array, length: number, count: number): Int32Array {
    const least = this.#least(values, length, count)
    let above = 0
    let level = 0
    for (let place = 0; place < length; place++) {
      const magnitude = Math.abs(values[place])
      if (magnitude > least) above++
      else if (magnitude === least) level++
    }
    let equals = least === 0 ? 0 : Math.min(level, count - above)
    const places = new Int32Array(above + equals)
    let found = 0
    for (let place = 0; place < length; place++) {
      const magnitude = Math.abs(values[place])
      if (magnitude > least || (magnitude === least && equals-- > 0)) places[found++] = place
    }
    return places
  }

  /** Returns the magnitude that is at place `count` in descending order, by Hoare's selection; 0 beyond the last. */
  #least(values: Float64Array, length: number, count: number): number {
    if (count >= length) return 0
    if (count === 0) return Number.POSITIVE_INFINITY
    const scratch = this.#scratch
    for (let place = 0; place < length; place++) scratch[place] = Math.abs(values[place])
    const wanted = count - 1
    let first = 0
    let last = length - 1
    while (first < last) {
      const pivot = scratch[(first + last) >> 1]
      let left = first
      let right = last
      while (left <= right) {
        while (scratch[left] > pivot) left++
        while (scratch[right] < pivot) right--
        if (left > right) break
        const swapped = scratch[left]
        scratch[left++] = scratch[right]
        scratch[right--] = swapped
      }
      if (wanted <= right) last = right
      else if (wanted >= left) first = left
      else break
    }
    return scratch[wanted]
  }
}
