import { elementGrain } from './kernel-runtime.js'

/**
 * Returns the rows per chunk of a kernel whose work is `workPerRow` elements a row: chunks of about
 * {@link elementGrain} elements, in multiples of 4 rows.
 *
 * @example
 * ```ts
 * import { rowGrain } from '@gnnrec/graph/kernels'
 *
 * console.log(rowGrain(64)) // 512 rows of 64 numbers
 * ```
 */
export function rowGrain(workPerRow: number): number {
  return Math.max(4, Math.ceil(elementGrain / Math.max(1, workPerRow) / 4) * 4)
}
