import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { applyAdam } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'

/** A training of bare Adam steps, without sampling, clipping or log. */
export class AdamSteps {
  readonly #model: GraphModel
  readonly #learningRate: number
  readonly #parameters: readonly tf.Variable[]
  readonly #moments: readonly { first: tf.Variable; second: tf.Variable }[]
  #step = 0

  constructor(model: GraphModel, learningRate = 1e-3) {
    this.#model = model
    this.#learningRate = learningRate
    this.#parameters = Object.values(model.parameters())
    this.#moments = this.#parameters.map((parameter) => ({
      first: tf.variable(tf.zerosLike(parameter)),
      second: tf.variable(tf.zerosLike(parameter)),
    }))
  }

  /** Makes one step and returns the loss before it. */
  step(batch: Batch): number {
    this.#step++
    const parameters = [...this.#parameters]
    const { value, grads } = tf.variableGrads(() => this.#model.loss(batch), parameters)
    for (const [i, parameter] of parameters.entries()) {
      applyAdam(parameter, grads[parameter.name], this.#moments[i], {
        learningRate: this.#learningRate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        step: this.#step,
        gradientScale: 1,
      })
    }
    const [loss] = value.dataSync<'float32'>()
    tf.dispose([value, grads])
    return loss
  }

  /** Frees the moments and the model. */
  dispose(): void {
    this.#model.dispose()
    for (const { first, second } of this.#moments) tf.dispose([first, second])
  }
}
