import { DisposedError, yieldToEventLoop } from '@gnnrec/graph'
import { globalNorm } from '@gnnrec/ops'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { Gradients } from '../loop/training-port.js'

/**
 * Gradients as tensors, by parameter name. Parameters that the loss does not reach are left out.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { TensorGradients } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const gradients = new TensorGradients({ weight: tf.tensor1d([3, -4]) })
 * console.log(gradients.norm()) // 5
 * gradients.clip(1)
 * console.log(gradients.norm())
 * gradients.dispose()
 * ```
 */
export class TensorGradients implements Gradients {
  readonly #tensors: Record<string, Tensor>
  #isDisposed = false

  /** @param tensors - gradients by parameter name, which now belong to this object */
  constructor(tensors: Readonly<Record<string, Tensor>>) {
    this.#tensors = { ...tensors }
  }

  /**
   * The gradients by parameter name.
   *
   * @throws DisposedError after {@link dispose}
   */
  get tensors(): Readonly<Record<string, Tensor>> {
    if (this.#isDisposed) {
      throw new DisposedError('These gradients have been disposed of; compute them anew.')
    }
    return this.#tensors
  }

  scale(factor: number): void {
    for (const [name, gradient] of Object.entries(this.tensors)) {
      this.#tensors[name] = tf.mul(gradient, factor)
      gradient.dispose()
    }
  }

  add(other: TensorGradients, share: number): void {
    for (const [name, gradient] of Object.entries(other.tensors)) {
      const before: Tensor | undefined = this.tensors[name]
      this.#tensors[name] = tf.tidy(() => {
        const scaled = tf.mul(gradient, share)
        return before ? tf.add(before, scaled) : scaled
      })
      before?.dispose()
    }
    other.dispose()
  }

  /** Cuts every number to the range from -limit to limit, as PyTorch's `clip_grad_value_`. */
  clip(limit: number): void {
    for (const [name, gradient] of Object.entries(this.tensors)) {
      this.#tensors[name] = tf.clipByValue(gradient, -limit, limit)
      gradient.dispose()
    }
  }

  norm(): number {
    return globalNorm(Object.values(this.tensors))
  }

  async combinedSquares(other: TensorGradients, sign: 1 | -1): Promise<number> {
    let squares = 0
    for (const name of new Set([...Object.keys(this.tensors), ...Object.keys(other.tensors)])) {
      const [own, others]: (Tensor | undefined)[] = [this.#tensors[name], other.tensors[name]]
      squares += tf.tidy(() => {
        if (!own || !others) return globalNorm([(own ?? others) as Tensor]) ** 2
        return globalNorm([sign === 1 ? tf.add(own, others) : tf.sub(own, others)]) ** 2
      })
      await yieldToEventLoop()
    }
    return squares
  }

  dispose(): void {
    this.#isDisposed = true
    tf.dispose(this.#tensors)
  }
}
