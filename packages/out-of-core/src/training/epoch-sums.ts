/** Sums of the steps of an epoch, in float64 and in order; plain JSON. */
export interface EpochSums {
  readonly samples: number
  readonly steps: number
  readonly loss: number
  readonly terms: Readonly<Record<string, number>>
  readonly norms: number
  readonly largestNorm: number
  readonly clippedSteps: number
}

/** What a step found. */
export interface StepResult {
  readonly samples: number
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Global norm of the gradient before clipping; undefined without `clipNorm`. */
  readonly gradientNorm: number | undefined
  readonly clipped: boolean
}

export const noSums: EpochSums = {
  ...{ samples: 0, steps: 0, loss: 0, terms: {}, norms: 0, largestNorm: 0, clippedSteps: 0 },
}

export function addStep(sums: EpochSums, step: StepResult): EpochSums {
  const terms = { ...sums.terms }
  for (const [name, value] of Object.entries(step.lossTerms)) {
    terms[name] = (terms[name] ?? 0) + value * step.samples
  }
  const norm = step.gradientNorm ?? 0
  return {
    samples: sums.samples + step.samples,
    steps: sums.steps + 1,
    loss: sums.loss + step.loss * step.samples,
    terms,
    norms: sums.norms + norm,
    largestNorm: Math.max(sums.largestNorm, norm),
    clippedSteps: sums.clippedSteps + Number(step.clipped),
  }
}

/** The means of an epoch as a record has them. */
export function epochMeans({
  samples,
  steps,
  loss,
  terms,
  norms,
  largestNorm,
  clippedSteps,
}: EpochSums) {
  return {
    loss: loss / samples,
    lossTerms: Object.fromEntries(
      Object.entries(terms).map(([name, sum]) => [name, sum / samples]),
    ),
    gradientNorm: { mean: norms / steps, largest: largestNorm, clippedShare: clippedSteps / steps },
  }
}
