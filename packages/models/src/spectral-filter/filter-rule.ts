import { InvalidOptionsError } from '@gnnrec/graph'
import { chebyshevCoefficients, chebyshevNodes } from './chebyshev-coefficients.js'
import type { SpectralFilterSettings } from './spectral-filter-options.js'

/** The numbers of a filter, as `SpectralFilterRecommender` takes them. */
interface FilterRule {
  readonly polynomial: readonly number[]
  readonly sharpening: readonly number[]
  readonly degreeExponent: number
  readonly ideal: { weight: number; exponent: number; merge: 'early' | 'late' } | undefined
}

type Chebyshev = Extract<SpectralFilterSettings, { filter: 'chebyshev' }>
type Bspm = Extract<SpectralFilterSettings, { filter: 'bspm' }>

/** The coefficients of G = ½ T_0 - ½ T_1 in I - 2 G. */
const gram = [0.5, -0.5]

/** Returns the polynomials and weights of a filter. @throws InvalidOptionsError when they are not finite */
export function filterRule(settings: SpectralFilterSettings): FilterRule {
  switch (settings.filter) {
    case 'linear':
      return { polynomial: gram, sharpening: [1], degreeExponent: 0, ideal: undefined }
    case 'gf-cf': {
      const ideal = idealPart(settings.idealWeight, 0.5, 'late')
      return { polynomial: gram, sharpening: [1], degreeExponent: 0, ideal }
    }
    case 'chebyshev': {
      const { degreeExponent, idealWeight } = settings
      const ideal = idealPart(idealWeight, 0, 'late')
      const polynomial = chebyshevCoefficients(targetValues(settings))
      return { polynomial, sharpening: [1], degreeExponent, ideal }
    }
    case 'bspm':
      return bspmRule(settings)
  }
}

function idealPart(weight: number, exponent: number, merge: 'early' | 'late'): FilterRule['ideal'] {
  return weight === 0 ? undefined : { weight, exponent, merge }
}

/** Returns the values that the polynomial of ChebyCF takes at its nodes. */
function targetValues({ order, flatness, interpolation }: Chebyshev): number[] {
  const target = (x: number) => (x < 0 ? 0.5 + 0.5 * (-x) ** flatness : 0.5 - 0.5 * x ** flatness)
  if (interpolation === 'exact') return chebyshevNodes(order + 1).map(target)
  // The published code evaluates the target at other points than it interpolates at, both rounded.
  return Array.from({ length: order + 1 }, (_, j) =>
    thousandths(target(thousandths(Math.cos((j * Math.PI) / order)))),
  )
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000
}

/**
 * Returns G followed by the solver's steps of dy/dt = -G y. A step of either solver multiplies the part of an
 * eigenvalue λ of G by a polynomial of λ, so that all steps together are a polynomial as well.
 */
function bspmRule(settings: Bspm): FilterRule {
  const { solver, sharpenTime, sharpenSteps, merge, idealWeight } = settings
  const step = sharpenTime / sharpenSteps
  const sharpened = (eigenvalue: number) => {
    const z = -step * eigenvalue
    const factor = solver === 'euler' ? 1 + z : 1 + z + z ** 2 / 2 + z ** 3 / 6 + z ** 4 / 24
    return factor ** sharpenSteps
  }
  const degree = sharpenSteps * (solver === 'euler' ? 1 : 4)
  const ideal = idealPart(idealWeight, 0.5, merge)
  const isInOne = !ideal || merge === 'late'
  const values = chebyshevNodes(degree + (isInOne ? 2 : 1)).map((x) => {
    const eigenvalue = (1 - x) / 2
    return sharpened(eigenvalue) * (isInOne ? eigenvalue : 1)
  })
  const coefficients = chebyshevCoefficients(values)
  // Sums of float32 numbers need room beyond the largest coefficient.
  if (!coefficients.every((value) => Math.abs(value) < 1e30)) {
    throw new InvalidOptionsError(
      `Invalid options for spectral-filter:\n  - sharpenTime: got ${sharpenTime} in ${sharpenSteps} steps, whose solution grows beyond all numbers; take more steps or less time`,
    )
  }
  return isInOne
    ? { polynomial: coefficients, sharpening: [1], degreeExponent: 0, ideal }
    : { polynomial: gram, sharpening: coefficients, degreeExponent: 0, ideal }
}
