import type { Recommendation } from '../recommenders/contract.js'

/** Turns blocks of lists into the bytes of a file, piece by piece. */
export interface RecommendationEncoder {
  /** Bytes that are to be written before the first block. */
  start(): Uint8Array
  /** Bytes that are to be written now; a format may hold some back. */
  encode(block: readonly Recommendation[]): Uint8Array
  /** Bytes that end the file. */
  finish(): Uint8Array
}

/** The shortest decimal number that is the same float32. */
export function floatText(value: number): number {
  return Number(value.toPrecision(9))
}
