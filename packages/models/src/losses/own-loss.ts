import { InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { Scalar } from '@tensorflow/tfjs-core'
import type { LossInput, RankingLoss, WeightedTerms } from './ranking-loss.js'

/**
 * A loss of your own: a function of the final embeddings of a batch. It returns the loss, or its parts by name with
 * their weights, and is differentiable, which functions of TensorFlow.js are.
 */
export type LossFunction = (input: LossInput) => Scalar | WeightedTerms

/**
 * A loss of one's own as an option of a model. Its function is not saved: a loaded model recommends, and says what it
 * lacks when it is to be trained.
 */
export class OwnLoss {
  readonly name = 'own'
  readonly #compute: LossFunction | undefined

  constructor(compute?: LossFunction) {
    this.#compute = compute
  }

  /** The function; undefined in a loaded model. */
  get compute(): LossFunction | undefined {
    return this.#compute
  }

  /** Returns the loss as a part of a model. It ranks by dot products and looks at the negatives. */
  asRankingLoss(): RankingLoss {
    return {
      scoreRule: { similarity: 'dot', scale: 1 },
      itemBias: false,
      usesNegatives: true,
      terms: (input) => this.#terms(input),
    }
  }

  #terms(input: LossInput): WeightedTerms {
    if (!this.#compute) {
      throw new InvalidOptionsError(
        'loss: the model was trained with a loss of your own, whose function is not saved with it. Make a new model with the function as loss, and give it the weights of this one by restoreWeights.',
      )
    }
    const found = this.#compute(input)
    if (isScalar(found)) return { own: { value: found, weight: 1 } }
    const parts = Object.values(typeof found === 'object' && found !== null ? found : {})
    const isRight = parts.every(({ value, weight }) => isScalar(value) && Number.isFinite(weight))
    if (parts.length > 0 && isRight) return found
    throw new InvalidOptionsError(
      `loss: the function returned ${showValue(found)}; expected a scalar tensor, or parts such as { own: { value: scalar, weight: 1 } }.`,
    )
  }
}

function isScalar(value: unknown): value is Scalar {
  const tensor = value as Partial<Scalar> | null | undefined
  return typeof tensor?.dataSync === 'function' && tensor.rank === 0
}
