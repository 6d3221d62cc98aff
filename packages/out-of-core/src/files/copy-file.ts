import type { BlockFile } from './block-file.js'
import { digestOf } from './digest.js'

/** Copies the content of a file to another of the same size, and returns its SHA-256 in hexadecimal. */
export async function copyBytes(from: BlockFile, to: BlockFile): Promise<string> {
  let offset = 0
  return digestOf(from, (piece) => {
    to.write(offset, piece)
    offset += piece.length
  })
}
