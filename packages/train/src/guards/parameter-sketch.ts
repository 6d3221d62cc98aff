import { Rng } from '@gnnrec/graph'
import type { ParameterSample } from './parameter-samples.js'

/** Number of sums of a sketch: the distance of two sketches is right within about a fifth. */
const sums = 16

/**
 * A few sums of the sampled numbers of a parameter, each number with a random sign. Two sketches tell how far the
 * numbers lie apart, and a sketch is small enough for a checkpoint.
 */
export interface ParameterSketch {
  /** Root of the mean square of the numbers. */
  readonly size: number
  readonly count: number
  readonly sums: readonly number[]
}

/** Makes the sketch of the sampled numbers of a parameter. */
export function sketchOf({ name, values }: ParameterSample): ParameterSketch {
  const rng = Rng.fromSeed('sketch').fork(name)
  const totals: number[] = []
  let squares = 0
  for (const value of values) squares += value * value
  for (let sum = 0; sum < sums; sum++) {
    let total = 0
    for (const value of values) total += rng.integer(2) === 0 ? value : -value
    totals.push(total)
  }
  const count = values.length
  return { size: Math.sqrt(squares / Math.max(1, count)), count, sums: totals }
}

/** Estimates by how much a number of a parameter has changed: the root of the mean square. */
export function changeBetween(before: ParameterSketch, after: ParameterSketch): number {
  const squares = before.sums.reduce((sum, own, at) => sum + (own - (after.sums[at] ?? 0)) ** 2, 0)
  return Math.sqrt(squares / before.sums.length / Math.max(1, before.count))
}
