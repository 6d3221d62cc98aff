import { complementaryError, incompleteBeta } from './special-functions.js'

/** Returns P(Z <= z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  const tail = complementaryError(Math.abs(z) / Math.SQRT2) / 2
  return z < 0 ? tail : 1 - tail
}

/** Returns the z with P(Z <= z) = p, for p in (0, 1). */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  return lowerQuantile(p, normalCdf)
}

/** Returns P(T <= t) of Student's t distribution. */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  const square = t * t
  const sum = degreesOfFreedom + square
  const tail = incompleteBeta(degreesOfFreedom / sum, square / sum, degreesOfFreedom / 2, 0.5) / 2
  return t < 0 ? tail : 1 - tail
}

/** Returns the t with P(T <= t) = p, for p in (0, 1). */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  if (p > 0.5) return -studentTQuantile(1 - p, degreesOfFreedom)
  return lowerQuantile(p, (t) => studentTCdf(t, degreesOfFreedom))
}

/** Finds the quantile of p <= 0.5 of a distribution that is symmetric about 0, by bisection. */
function lowerQuantile(p: number, cdf: (x: number) => number): number {
  let low = -1
  while (cdf(low) > p) low *= 2
  let high = 0
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (cdf(middle) < p) low = middle
    else high = middle
  }
}
