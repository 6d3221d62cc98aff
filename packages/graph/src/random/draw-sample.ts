import type { Rng } from './rng.js'

/**
 * Draws some of the numbers, each with the same chance, in ascending order; all if there are not enough.
 *
 * @example
 * ```ts
 * import { Rng } from '@gnnrec/graph'
 * import { drawSample } from '@gnnrec/graph/kernels'
 *
 * const numbers = Int32Array.of(2, 3, 5, 7, 11, 13)
 * const sample = drawSample(numbers, 3, Rng.fromSeed(1))
 * console.log(sample.length, sample.every((number) => numbers.includes(number))) // 3 true
 * ```
 */
export function drawSample(numbers: Int32Array, size: number, rng: Rng): Int32Array {
  const rest = numbers.slice()
  const count = Math.min(size, rest.length)
  for (let place = 0; place < count; place++) {
    const other = place + rng.integer(rest.length - place)
    const number = rest[place]
    rest[place] = rest[other]
    rest[other] = number
  }
  return rest.slice(0, count).sort()
}
