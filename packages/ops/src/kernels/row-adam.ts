import type { AdamStep } from './kernel-interface.js'

/** The numbers of a parameter, its gradient and its moments. */
export interface RowAdamValues {
  readonly rows: number
  readonly parameter: Float32Array
  readonly gradient: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
}

/**
 * Makes an Adam step in place on the rows whose gradient has a number other than 0; `optimizer-ops.ts`
 * has the formulas. Few rows have one, so most of the work is to scan the gradient.
 */
export function rowAdam(
  { rows, parameter, gradient, first, second }: RowAdamValues,
  { gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon }: AdamStep,
): void {
  const columns = parameter.length / rows
  // Bits are compared faster than numbers. The sign bit is ignored, since -0 is 0.
  const bits = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length)
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * columns
    let any = 0
    for (let i = row * columns; i < end; i++) any |= bits[i]
    if (any << 1 === 0) continue
    for (let i = row * columns; i < end; i++) {
      const g = gradientScale * gradient[i]
      first[i] = beta1 * first[i] + (1 - beta1) * g
      second[i] = beta2 * second[i] + (1 - beta2) * g * g
      parameter[i] -= (stepSize * first[i]) / (Math.sqrt(second[i]) * inverseRoot + epsilon)
    }
  }
}
