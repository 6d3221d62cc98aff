import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { globalNorm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'

/** The loss of a batch, without dropout. */
export interface LossProbe {
  /** Parts of the loss by name. */
  readonly terms: Readonly<Record<string, number>>
  /** Norm of all parameters, which tells whether they have changed. */
  readonly parameterNorm: number
}

/** Computes the loss of a batch as in an evaluation, where it depends on the parameters alone. */
export async function probeLoss(model: GraphModel, batch: Batch): Promise<LossProbe> {
  const { total, terms: scalars } = tf.tidy(() => {
    const { total, terms } = model.lossTerms(batch, { training: false })
    return { total, terms: { ...terms } }
  })
  const terms: Record<string, number> = {}
  for (const [name, scalar] of Object.entries(scalars)) terms[name] = (await scalar.data())[0]
  tf.dispose([total, scalars])
  return { terms, parameterNorm: globalNorm(Object.values(model.parameters())) }
}
