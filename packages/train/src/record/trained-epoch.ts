import { InvalidInteractionsError } from '@gnnrec/graph'
import type { ClippingLimits } from '../step/clipping.js'
import type { EpochMeans } from './epoch-means.js'
import type { EpochRecord } from './training-history.js'

/**
 * Makes the record of an epoch before it is evaluated.
 *
 * @throws InvalidInteractionsError when the epoch had no step
 */
export function trainedEpoch(
  means: EpochMeans,
  { clipNorm, clipValue }: ClippingLimits,
  trained: Pick<EpochRecord, 'epoch' | 'learningRate' | 'seconds'>,
): EpochRecord {
  const { epoch, learningRate, seconds } = trained
  if (means.steps === 0) {
    throw new InvalidInteractionsError(
      `All draws of epoch ${epoch} fell on users without train items or negatives; use sampling: 'interaction-shuffle', which draws pairs, or filter such users. Parts of the graph that graphSampling draws may be too small.`,
    )
  }
  return {
    epoch,
    learningRate,
    loss: means.loss,
    lossTerms: means.lossTerms,
    ...(clipNorm !== undefined && { gradientNorm: means.gradientNorm }),
    ...(clipValue !== undefined && { valueClippedShare: means.valueClippedShare }),
    steps: means.steps,
    seconds,
    evaluationSeconds: 0,
    guardSeconds: 0,
  }
}
