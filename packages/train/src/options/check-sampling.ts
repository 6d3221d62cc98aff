import { InvalidOptionsError, type SamplingStrategy } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'

/** @throws InvalidOptionsError when the loss of the model corrects for another way of drawing batches */
export function checkSampling(
  { architecture, requiredSampling }: GraphModel,
  sampling: SamplingStrategy,
): void {
  if (requiredSampling === undefined || requiredSampling === sampling) return
  throw new InvalidOptionsError(
    `sampling: got '${sampling}', but the loss of the ${architecture} corrects for '${requiredSampling}'; give the loss and the trainer the same.`,
  )
}
