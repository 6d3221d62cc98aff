import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { medianSeconds } from '../measure.js'
import { AdamSteps } from './adam-steps.js'

/** Returns the median seconds of a training step. */
export async function stepSeconds(
  model: GraphModel,
  batches: readonly Batch[],
  repetitions: { warmUp: number; repetitions: number } = { warmUp: 5, repetitions: 25 },
): Promise<number> {
  const steps = new AdamSteps(model)
  let step = 0
  const seconds = await medianSeconds(
    () => steps.step(batches[step++ % batches.length]),
    repetitions,
  )
  steps.dispose()
  return seconds
}
