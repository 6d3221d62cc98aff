const latest = Number.MAX_SAFE_INTEGER

/**
 * Returns the reason why a value cannot be a rating, a timestamp or a weight of a table, or `undefined` when
 * it can.
 *
 * A rating is a finite number in single precision, so below 3.4e38. A weight is one above 0, also when it is
 * rounded to single precision. A timestamp is a number from
 * -(2^53 - 1) to 2^53 - 1: beyond it float64 has no longer every integer, so that different times would
 * become equal.
 *
 * @example
 * ```ts
 * import { invalidValueReason } from '@gnnrec/graph/files'
 *
 * console.log(invalidValueReason('rating', 4.5)) // undefined
 * console.log(invalidValueReason('rating', 1e39)) // expected a number below 3.4e38, ...
 * ```
 */
export function invalidValueReason(
  role: 'rating' | 'timestamp' | 'weight',
  value: unknown,
): string | undefined {
  const isInteger = typeof value === 'bigint'
  if (role === 'timestamp' && (isInteger || Number.isFinite(value))) {
    const isInRange = Math.abs(Number(value)) <= latest
    if (!isInRange) {
      return `expected a number from -${latest} to ${latest}, beyond which different times become equal. Pass seconds, milliseconds or microseconds`
    }
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'expected a finite number'
  if (role === 'timestamp') return undefined
  if (!Number.isFinite(Math.fround(value))) {
    return 'expected a number below 3.4e38, the limit of single precision'
  }
  if (role === 'rating' || Math.fround(value) > 0) return undefined
  return value > 0
    ? 'expected a number above 1.4e-45, the smallest of single precision'
    : 'expected a number above 0. Leave out rows that count for nothing, and pass dislikes as ratings'
}
