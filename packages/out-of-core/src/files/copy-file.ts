import type { BlockFile } from './block-file.js'
import { digestOf } from './digest.js'

/**
 * Copies the content of a file to another of the same size, and returns its SHA-256 in hexadecimal.
 *
 * @param visit - looks at each piece, whose size is a multiple of 4
 */
export async function copyBytes(
  from: BlockFile,
  to: BlockFile,
  visit?: (piece: Uint8Array) => void,
): Promise<string> {
  let offset = 0
  return digestOf(from, (piece) => {
    visit?.(piece)
    to.write(offset, piece)
    offset += piece.length
  })
}
