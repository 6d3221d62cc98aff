import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkStepSettings, decayedGradient } from './gradients.js'
import type { Optimizer, OptimizerStepSettings } from './optimizer.js'

/**
 * Plain stochastic gradient descent: x ← x - η · (g + λ x), with λ the weight decay. It remembers
 * nothing.
 */
export class Sgd implements Optimizer {
  step(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    settings: OptimizerStepSettings,
  ): void {
    checkStepSettings('Sgd', settings)
    const { learningRate } = settings
    for (const [name, parameter] of Object.entries(parameters)) {
      const gradient = gradients[name]
      if (gradient === undefined) continue
      tf.tidy(() => {
        const { gradient: decayed, scale } = decayedGradient(name, parameter, gradient, settings)
        parameter.assign(tf.sub(parameter, tf.mul(decayed, scale * learningRate)))
      })
    }
  }

  dispose(): void {}
}
