/** Lanczos coefficients for g = 7, https://doi.org/10.1137/0701008 */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
]

/** Returns ln Γ(x) for x > 0. */
function logGamma(x: number): number {
  let sum = lanczos[0]
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i] / (x - 1 + i)
  const base = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

/**
 * Returns the value of the continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + ...)) by the modified Lentz method,
 * https://doi.org/10.1364/AO.15.000668
 */
function continuedFraction(b0: number, term: (n: number) => readonly [a: number, b: number]) {
  const tiny = 1e-300
  let value = b0 || tiny
  let c = value
  let d = 0
  for (let n = 1; n <= 100_000; n++) {
    const [a, b] = term(n)
    d = 1 / (b + a * d || tiny)
    c = b + a / c || tiny
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return value
}

/**
 * Returns the regularized incomplete beta function I_x(a, b), for a, b > 0 and x in 0..1.
 *
 * @param complement - 1 - x, which is passed separately because it may be smaller than the rounding of x
 */
export function incompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (complement <= 0) return 1
  // The fraction converges fast only up to the mean, so the other side uses the symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(complement, x, b, a)
  const logFactor =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(complement)
  const fraction = continuedFraction(1, (n) => {
    const m = n >> 1
    const coefficient =
      n % 2 === 0
        ? (m * (b - m)) / ((a + 2 * m - 1) * (a + 2 * m))
        : -((a + m) * (a + b + m)) / ((a + 2 * m) * (a + 2 * m + 1))
    return [coefficient * x, 1]
  })
  return Math.exp(logFactor) / (a * fraction)
}

/** Returns erfc(x) = 2/√π ∫ₓ^∞ exp(-t²) dt for x >= 0. */
export function complementaryError(x: number): number {
  const square = x * x
  if (square < 2) {
    // erf(x) = 2/√π exp(-x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
  }
  // erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))
  const fraction = continuedFraction(x, (n) => [n / 2, x])
  return Math.exp(-square) / (Math.sqrt(Math.PI) * fraction)
}
