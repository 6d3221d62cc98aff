/**
 * Factor that brings a gradient of this global norm down to `maxNorm`, and 1 below it, as PyTorch's
 * `clip_grad_norm_` has it: min(1, maxNorm / (norm + 1e-6)).
 */
export function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6))
}
