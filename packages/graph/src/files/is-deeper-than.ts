/**
 * Returns true when a value has more than a number of levels of lists and objects, and walks no deeper. Functions that
 * visit each level, such as `JSON.stringify`, fail for values from files with thousands of them.
 *
 * @example
 * ```ts
 * import { isDeeperThan } from '@gnnrec/graph/files'
 *
 * console.log(isDeeperThan([[1]], 2), isDeeperThan([[[1]]], 2)) // false true
 * ```
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  if (levels === 0) return true
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return inner.some((each) => isDeeperThan(each, levels - 1))
}
