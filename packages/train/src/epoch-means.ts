import type { GradientNormRecord } from './training-history.js'
import type { TrainingStepResult } from './training-step.js'

/** Sums up the steps of one epoch, in float64 and in order. */
export class EpochMeans {
  #samples = 0
  #steps = 0
  #loss = 0
  readonly #terms = new Map<string, number>()
  #normSum = 0
  #largestNorm = 0
  #clippedSteps = 0

  /** Takes the result of a step on a batch of so many samples. */
  add(result: TrainingStepResult, samples: number): void {
    this.#steps++
    this.#samples += samples
    this.#loss += result.loss * samples
    for (const [name, value] of Object.entries(result.lossTerms)) {
      this.#terms.set(name, (this.#terms.get(name) ?? 0) + value * samples)
    }
    const norm = result.gradientNorm ?? 0
    this.#normSum += norm
    this.#largestNorm = Math.max(this.#largestNorm, norm)
    if (result.clipped) this.#clippedSteps++
  }

  get steps(): number {
    return this.#steps
  }

  /** Mean loss of a sample so far. */
  get loss(): number {
    return this.#loss / this.#samples
  }

  /** Mean parts of the loss of a sample so far, by name. */
  get lossTerms(): Record<string, number> {
    const means: Record<string, number> = {}
    for (const [name, sum] of this.#terms) means[name] = sum / this.#samples
    return means
  }

  get gradientNorm(): GradientNormRecord {
    return {
      mean: this.#normSum / this.#steps,
      largest: this.#largestNorm,
      clippedShare: this.#clippedSteps / this.#steps,
    }
  }
}
