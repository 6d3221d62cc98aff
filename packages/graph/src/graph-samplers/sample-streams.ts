import { InvalidOptionsError } from '../errors.js'
import type { Rng } from '../random/rng.js'
import type { SampleAddress } from './sampled-graph.js'

/** A function that returns the draw at a position within one side of one hop. */
export type DrawAt = (position: number) => number

const largestAddress = 2 ** 31 - 1

/** Returns the random stream of one sample, which depends on its address alone. */
export function streamOf(rng: Rng, address: SampleAddress): Rng {
  checkAddress(address)
  return rng.fork(`${address.epoch}/${address.step}`)
}

/** @throws InvalidOptionsError when the address is out of its range */
export function checkAddress({ epoch, step }: SampleAddress): void {
  for (const [name, value] of Object.entries({ epoch, step })) {
    if (Number.isInteger(value) && value >= 0 && value <= largestAddress) continue
    throw new InvalidOptionsError(
      `The ${name} of a sample: got ${value}; expected an integer in 0..${largestAddress}.`,
    )
  }
}

/** @throws InvalidOptionsError when a hop would need more draws than a stream has addresses */
export function checkDrawCount(owner: string, rows: number, drawsPerRow: number): void {
  if (rows * drawsPerRow <= 2 ** 32) return
  throw new InvalidOptionsError(
    `${owner}: got ${rows} rows with ${drawsPerRow} draws each; a hop can have at most 2^32. Sample fewer neighbours or use smaller batches.`,
  )
}
