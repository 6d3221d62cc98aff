import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { globalNorm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'

/** The parts of the loss of a batch, without dropout. */
export interface LossProbe {
  readonly terms: Readonly<Record<string, number>>
  /** Tells whether parameters are the same. */
  readonly parameterNorm: number
}

/** The forward pass of a batch as evaluation would have it, which depends on the parameters alone. */
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
