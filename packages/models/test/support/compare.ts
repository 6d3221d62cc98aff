import { expect } from 'vitest'

/** Largest absolute value, 0 for none. */
export function largest(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number))
  return most
}

/** Largest absolute difference; NaN where there is one. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let most = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number))
    if (!(difference <= most)) most = difference
    if (Number.isNaN(most)) return most
  }
  return most
}

/** Expects every value within `tolerance` (absolute) of the expected one. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(largestDifference(actual, expected)).toBeLessThanOrEqual(tolerance)
}

/** Expects the same bytes, so that 0 and -0 differ and NaN equals itself. */
export function expectSameBytes(
  actual: Readonly<Record<string, Float32Array>>,
  expected: Readonly<Record<string, Float32Array>>,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [name, values] of Object.entries(actual)) {
    const same = Buffer.from(bytesOf(values)).equals(bytesOf(expected[name] as Float32Array))
    expect(same, `bytes of ${name}`).toBe(true)
  }
}

/** Returns true when all bytes are the same. */
export function sameBytes(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(bytesOf(a)).equals(bytesOf(b))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)
