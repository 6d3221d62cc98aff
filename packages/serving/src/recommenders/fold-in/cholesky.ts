/** Returns the lower factor L of a positive definite matrix L Lᵀ, of which only the lower half is read. */
export function choleskyOf(matrix: Float64Array, dim: number): Float64Array {
  const factor = new Float64Array(dim * dim)
  for (let row = 0; row < dim; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * dim + column]
      for (let k = 0; k < column; k++) sum -= factor[row * dim + k] * factor[column * dim + k]
      factor[row * dim + column] =
        row === column ? Math.sqrt(sum) : sum / factor[column * dim + column]
    }
  }
  return factor
}

/** Solves L Lᵀ x = right for x, which takes the place of the right side. */
export function solveCholesky(factor: Float64Array, right: Float64Array): void {
  const dim = right.length
  for (let row = 0; row < dim; row++) {
    let sum = right[row]
    for (let k = 0; k < row; k++) sum -= factor[row * dim + k] * right[k]
    right[row] = sum / factor[row * dim + row]
  }
  for (let row = dim - 1; row >= 0; row--) {
    let sum = right[row]
    for (let k = row + 1; k < dim; k++) sum -= factor[k * dim + row] * right[k]
    right[row] = sum / factor[row * dim + row]
  }
}
