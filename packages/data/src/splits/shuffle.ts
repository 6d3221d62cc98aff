import type { Rng } from '@gnnrec/graph'

/** Puts values in random order, in place (Fisher and Yates), with the next draws of a stream. */
export function shuffle(values: Int32Array, rng: Rng): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = rng.integer(last + 1)
    const value = values[last]
    values[last] = values[other]
    values[other] = value
  }
}
