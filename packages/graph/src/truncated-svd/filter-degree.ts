/** The largest number of products in one filter. Computing the residuals in between is cheap. */
const mostProducts = 24
/** The largest ratio of the foreign part of a column to the column; float64 has 1e16. */
const toleratedGrowth = 1e6
/** A safety factor: residuals shrink less than the theory of one vector says. */
const convergenceMargin = 10

/** The state of a subspace iteration. */
export interface SubspaceState {
  /** The eigenvalues, descending, one per column. */
  readonly eigenvalues: Float64Array
  /** The norm of the residual of each column. */
  readonly residuals: Float64Array
  /** The largest eigenvalue that is damped. */
  readonly cut: number
  /** The wanted column whose residual is furthest from its goal. */
  readonly slowest: number
  /** The factor by which the residual of that column must shrink, > 1. */
  readonly missing: number
}

/**
 * Chooses the degree of the next Chebyshev filter: high enough to reach the goal, and low enough that the
 * columns of the subspace stay linearly independent. A filter that multiplies eigenvalue λ_j by T_j also
 * multiplies the share of its vector in all other columns, which is about column j's relative residual.
 */
export function filterDegree(state: SubspaceState): number {
  const { eigenvalues, residuals, cut, slowest, missing } = state
  const growth = (eigenvalue: number) => Math.acosh(Math.max((2 * eigenvalue) / cut - 1, 1))
  let degree = Math.min(
    mostProducts,
    Math.acosh(convergenceMargin * missing) / growth(eigenvalues[slowest]),
  )
  for (const [j, eigenvalue] of eigenvalues.entries()) {
    if (eigenvalue <= cut) continue
    const share = Math.min(Math.max(residuals[j] / eigenvalue, Number.EPSILON), 1)
    degree = Math.min(degree, Math.log(toleratedGrowth / share) / growth(eigenvalue))
  }
  return Math.max(1, Math.ceil(degree))
}
