import type { VectorTable } from '../vector-table.js'

/** A file beside the one that was asked for, and its bytes. */
export interface EncodedFile {
  /** The ending of its name, in the place of that of the file that was asked for. */
  readonly ending: string
  /** Makes the bytes, piece by piece. */
  pieces(table: VectorTable): Iterable<Uint8Array>
}

/** Numbers that are made into bytes at a time: 2 MB of float32. */
const numbersPerPiece = 1 << 19

/** Returns the ranges of rows that are made into bytes one after the other. */
export function* rangesOf({ size, dim }: VectorTable): Generator<[first: number, last: number]> {
  const step = Math.max(1, Math.floor(numbersPerPiece / dim))
  for (let first = 0; first < size; first += step) yield [first, Math.min(size, first + step)]
}
