import { elementGrain } from './kernel-runtime.js'

/**
 * Rows per chunk of a kernel whose work is `workPerRow` elements a row: chunks of about
 * {@link elementGrain} elements, in multiples of 4 rows.
 */
export function rowGrain(workPerRow: number): number {
  return Math.max(4, Math.ceil(elementGrain / Math.max(1, workPerRow) / 4) * 4)
}
