import type { Gradients } from '../loop/training-port.js'

/** Limits of gradients; undefined where there is none. */
export interface ClippingLimits {
  /** Largest global norm. */
  readonly clipNorm?: number | undefined
  /** Largest size of a number, applied before the norm. */
  readonly clipValue?: number | undefined
}

/** Result of {@link clipGradients}. */
export interface ClippedGradients {
  /** Global norm before clipping by norm; undefined without limits. */
  readonly norm: number | undefined
  /** Factor that brings the norm down to its limit, at most 1. */
  readonly scale: number
  /** True when a number was cut. */
  readonly valueClipped: boolean
}

/**
 * Cuts the numbers of gradients in place (`clipValue`), and computes the factor that brings their norm down to
 * `clipNorm`.
 */
export async function clipGradients(
  gradients: Gradients,
  { clipNorm, clipValue }: ClippingLimits,
): Promise<ClippedGradients> {
  if (clipNorm === undefined && clipValue === undefined) {
    return { norm: undefined, scale: 1, valueClipped: false }
  }
  let norm = await gradients.norm()
  let valueClipped = false
  if (clipValue !== undefined) {
    const before = norm
    gradients.clip(clipValue)
    norm = await gradients.norm()
    valueClipped = norm < before
  }
  const scale = clipNorm === undefined ? 1 : clipFactor(norm, clipNorm)
  return { norm, scale, valueClipped }
}

/**
 * Computes the factor that brings a gradient of this global norm down to `maxNorm`, as PyTorch's
 * `clip_grad_norm_`: min(1, maxNorm / (norm + 1e-6)).
 */
export function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6))
}
