import type { TrainingStepResult } from '../step/training-step.js'
import type { GradientNormRecord } from './training-history.js'

/** The sums of {@link EpochMeans}; plain JSON. */
export interface EpochSums {
  readonly samples: number
  readonly steps: number
  readonly loss: number
  readonly terms: Readonly<Record<string, number>>
  readonly norms: number
  readonly largestNorm: number
  readonly clippedSteps: number
  readonly valueClippedSteps: number
}

const nothing: EpochSums = {
  samples: 0,
  steps: 0,
  loss: 0,
  terms: {},
  norms: 0,
  largestNorm: 0,
  clippedSteps: 0,
  valueClippedSteps: 0,
}

/** Means over the steps of one epoch, summed in float64 and in order. */
export class EpochMeans {
  #sums: EpochSums

  /** @param sums - sums of the steps that were trained before, if any */
  constructor(sums: EpochSums = nothing) {
    this.#sums = sums
  }

  /** Adds the result of a step. */
  add(result: TrainingStepResult, samples: number): void {
    const sums = this.#sums
    const terms = { ...sums.terms }
    for (const [name, value] of Object.entries(result.lossTerms)) {
      terms[name] = (terms[name] ?? 0) + value * samples
    }
    const norm = result.gradientNorm ?? 0
    this.#sums = {
      samples: sums.samples + samples,
      steps: sums.steps + 1,
      loss: sums.loss + result.loss * samples,
      terms,
      norms: sums.norms + norm,
      largestNorm: Math.max(sums.largestNorm, norm),
      clippedSteps: sums.clippedSteps + Number(result.clipped),
      valueClippedSteps: sums.valueClippedSteps + Number(result.valueClipped),
    }
  }

  get sums(): EpochSums {
    return this.#sums
  }

  get steps(): number {
    return this.#sums.steps
  }

  /** Mean loss of a sample. */
  get loss(): number {
    return this.#sums.loss / this.#sums.samples
  }

  /** Mean parts of the loss of a sample, by name. */
  get lossTerms(): Record<string, number> {
    const { terms, samples } = this.#sums
    return Object.fromEntries(Object.entries(terms).map(([name, sum]) => [name, sum / samples]))
  }

  get gradientNorm(): GradientNormRecord {
    const { norms, steps, largestNorm, clippedSteps } = this.#sums
    return { mean: norms / steps, largest: largestNorm, clippedShare: clippedSteps / steps }
  }

  /** Share of steps in which a number was cut, 0..1. */
  get valueClippedShare(): number {
    return this.#sums.valueClippedSteps / this.#sums.steps
  }
}
