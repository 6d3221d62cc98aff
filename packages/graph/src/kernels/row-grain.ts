import { ELEMENT_GRAIN } from './kernel-runtime.js'

/**
 * Rows per chunk of a kernel whose work is `workPerRow` elements a row: chunks of about
 * {@link ELEMENT_GRAIN} elements, in multiples of 4 rows.
 */
export function rowGrain(workPerRow: number): number {
  return Math.max(4, Math.ceil(ELEMENT_GRAIN / Math.max(1, workPerRow) / 4) * 4)
}
