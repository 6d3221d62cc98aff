/**
 * Solves `A x = b` for a symmetric positive definite matrix by Cholesky's decomposition, in place.
 *
 * @param matrix - order × order, row-major, of which the lower triangle is read and overwritten
 * @param b - becomes x
 * @param leastPivot - a bound below the smallest eigenvalue of A
 * @returns false when a pivot is not above the bound, which tells that it was lost in rounding
 */
export function solveSymmetric(
  matrix: Float64Array,
  order: number,
  b: Float64Array,
  leastPivot: number,
): boolean {
  for (let row = 0; row < order; row++) {
    const start = row * order
    for (let column = 0; column <= row; column++) {
      const other = column * order
      let sum = matrix[start + column]
      for (let k = 0; k < column; k++) sum -= matrix[start + k] * matrix[other + k]
      if (column < row) matrix[start + column] = sum / matrix[other + column]
      else if (sum > leastPivot) matrix[start + row] = Math.sqrt(sum)
      else return false
    }
    let sum = b[row]
    for (let k = 0; k < row; k++) sum -= matrix[start + k] * b[k]
    b[row] = sum / matrix[start + row]
  }
  for (let row = order - 1; row >= 0; row--) {
    const value = b[row] / matrix[row * order + row]
    b[row] = value
    for (let k = 0; k < row; k++) b[k] -= matrix[row * order + k] * value
  }
  return true
}
