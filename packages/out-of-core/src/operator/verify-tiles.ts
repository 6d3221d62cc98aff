import { TimeSlice } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import { BlockFileError } from '../errors.js'
import { type Chunk, chunkArrays, damaged, encodeIndex, TiledMatrix } from './tiled-matrix.js'

/**
 * Reads a file of tiles once and checks its digest and all of its entries, because kernels take columns and
 * row pointers as they are.
 *
 * @throws BlockFileError when the bytes are not those that were written
 */
export async function verifyTiles(path: string): Promise<void> {
  const matrix = TiledMatrix.open(path)
  try {
    const hash = new Sha256()
    const slice = new TimeSlice()
    let isWhole = true
    for (const chunk of matrix.chunks) {
      const bytes = new Uint8Array(matrix.bytesOf(chunk.index))
      matrix.load(chunk.index, bytes)
      hash.update(bytes)
      const { columns, blockColumns } = matrix.shape
      const width = Math.min(blockColumns, columns - chunk.columnBlock * blockColumns)
      isWhole &&= isSound(chunk, bytes.buffer, width)
      if (slice.isOver()) await slice.next()
    }
    hash.update(encodeIndex(matrix.chunks))
    if (hash.hex() !== matrix.file.header.sha256) {
      throw new BlockFileError(
        `${path} is damaged: its SHA-256 is not the one in its header. Remove it; it is made anew.`,
      )
    }
    if (!isWhole) throw damaged(path)
  } finally {
    matrix.file.close()
  }
}

/** Returns true when rows have ascending columns below `width`, and values that a normalization can have. */
function isSound(chunk: Chunk, buffer: ArrayBuffer, width: number): boolean {
  const { rowCount, entries } = chunk
  const at = chunkArrays(chunk)
  const pointers = new Int32Array(buffer, 0, rowCount + 1)
  const columns = new Int32Array(buffer, at.columns, entries)
  const values = new Float32Array(buffer, at.values, entries)
  if (pointers[0] !== 0 || pointers[rowCount] !== entries) return false
  for (let row = 0; row < rowCount; row++) {
    const end = pointers[row + 1]
    if (end < pointers[row] || end > entries) return false
    let before = -1
    for (let place = pointers[row]; place < end; place++) {
      const column = columns[place]
      if (column <= before || column >= width) return false
      before = column
    }
  }
  return values.every((value) => value > 0 && value < Infinity)
}
