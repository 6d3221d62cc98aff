import { TimeSlice } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import type { BlockFile } from './block-file.js'

const pieceBytes = 2 ** 20

/** Computes the SHA-256 (in hexadecimal) of the content of a file after its header. */
export async function digestOf(
  file: BlockFile,
  visit?: (piece: Uint8Array) => void,
): Promise<string> {
  const hash = new Sha256()
  const slice = new TimeSlice()
  const { bytes } = file.header
  const buffer = new Uint8Array(Math.min(pieceBytes, bytes))
  for (let offset = 0; offset < bytes; offset += pieceBytes) {
    const piece = buffer.subarray(0, Math.min(pieceBytes, bytes - offset))
    file.read(offset, piece)
    hash.update(piece)
    visit?.(piece)
    if (slice.isOver()) await slice.next()
  }
  return hash.hex()
}
