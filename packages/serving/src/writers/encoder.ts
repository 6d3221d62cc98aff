import type { Recommendation } from '../recommenders/recommendation.js'

/** An encoder of blocks of lists as the bytes of a file, piece by piece. */
export interface RecommendationEncoder {
  /** Returns the bytes before the first block. */
  start(): Uint8Array
  /** Encodes a block; a format may hold bytes back for a later call. */
  encode(block: readonly Recommendation[]): Uint8Array
  /** Returns the bytes that end the file. */
  finish(): Uint8Array
}

/** Rounds a float32 to a decimal number of at most 9 digits that is the same float32. */
export function floatText(value: number): number {
  return Number(value.toPrecision(9))
}
