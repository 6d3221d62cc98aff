import * as z from 'zod/mini'
import { InvalidOptionsError } from '../errors.js'
import { sizeLimits } from '../size-limits.js'

export const negativesPerPositiveSchema = z._default(
  z.int().check(z.gte(1), z.lte(sizeLimits.negativesPerPositive)),
  1,
)

/** @throws InvalidOptionsError when the indices of one batch would take too much memory */
export function checkBatchSize(
  owner: string,
  drawsPerEpoch: number,
  {
    batchSize,
    negativesPerPositive,
  }: { readonly batchSize: number; readonly negativesPerPositive: number },
): void {
  const samples = Math.min(batchSize, drawsPerEpoch)
  const indices = samples * (2 + negativesPerPositive)
  if (indices <= sizeLimits.batchItems) return
  throw new InvalidOptionsError(
    `${owner}: batchSize: got ${batchSize} with ${negativesPerPositive} negatives for each positive, which makes ${indices} indices; expected at most ${sizeLimits.batchItems} in a batch. Take a smaller batch or fewer negatives.`,
  )
}
