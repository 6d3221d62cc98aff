import type { Rng } from './rng.js'

/** Draws some of the numbers, each with the same chance, in ascending order; all if there are not enough. */
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
