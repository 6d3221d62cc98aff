import type { AdamStep } from './kernel-interface.js'

/** The numbers of a parameter of `rows` rows, of its gradient and of its moments. */
export interface RowAdamValues {
  readonly rows: number
  readonly parameter: Float32Array
  readonly gradient: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
}

/**
 * An Adam step in place on the rows whose gradient has a number other than 0. Formulas in
 * `optimizer-ops.ts`. Few rows have one, so this is a scan of the gradient more than arithmetic.
 */
export function rowAdam(
  { rows, parameter, gradient, first, second }: RowAdamValues,
  { gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon }: AdamStep,
): void {
  const columns = parameter.length / rows
  // Bits are compared faster than numbers; the one of the sign does not make a 0 another number.
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
