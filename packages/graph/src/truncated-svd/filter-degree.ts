/** Most products in one filter; a look at the residuals now and then is cheap beside it. */
const MOST = 24
/** How much larger than a column what does not belong to it may become; float64 has 1e16. */
const TOLERATED = 1e6
/** Residuals shrink less than the theory of one vector says. */
const MARGIN = 10

/** Where a subspace iteration stands. */
export interface SubspaceState {
  /** Descending, one per column. */
  readonly eigenvalues: Float64Array
  /** Norm of what is left of each column's equation. */
  readonly residuals: Float64Array
  /** Eigenvalues up to this one are damped. */
  readonly cut: number
  /** The column that matters and is furthest from its goal. */
  readonly slowest: number
  /** By how much the residual of that column must shrink, > 1. */
  readonly missing: number
}

/**
 * The degree of the next Chebyshev filter: as much as is missing, and no more than after which the
 * columns of the subspace can still be told apart. A filter that lets eigenvalue λ_j grow by T_j does
 * the same to the share of its vector in all other columns, which is about column j's relative residual.
 */
export function filterDegree(state: SubspaceState): number {
  const { eigenvalues, residuals, cut, slowest, missing } = state
  const growth = (eigenvalue: number) => Math.acosh(Math.max((2 * eigenvalue) / cut - 1, 1))
  let degree = Math.min(MOST, Math.acosh(MARGIN * missing) / growth(eigenvalues[slowest]))
  for (const [j, eigenvalue] of eigenvalues.entries()) {
    if (eigenvalue <= cut) continue
    const share = Math.min(Math.max(residuals[j] / eigenvalue, Number.EPSILON), 1)
    degree = Math.min(degree, Math.log(TOLERATED / share) / growth(eigenvalue))
  }
  return Math.max(1, Math.ceil(degree))
}
