import type { BlockFile } from './block-file.js'
import { digestOf } from './digest.js'

/** Copies all bytes of a file to another of the same size. @returns their SHA-256 (hex) */
export async function copyBytes(from: BlockFile, to: BlockFile): Promise<string> {
  let offset = 0
  return digestOf(from, (piece) => {
    to.write(offset, piece)
    offset += piece.length
  })
}
