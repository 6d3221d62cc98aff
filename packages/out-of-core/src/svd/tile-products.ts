import { TimeSlice } from '@gnnrec/graph'
import { panels } from '@gnnrec/graph/kernels'
import type { Side } from '../operator/sides.js'
import { chunkArrays, type TiledMatrix } from '../operator/tiled-matrix.js'

/**
 * Makes the products of a matrix in files, users × items, each row of which lies in one tile.
 *
 * @param onProduct - called for each product of a panel
 */
export function tileProducts(
  to: Readonly<Record<Side, TiledMatrix>>,
  signal: AbortSignal | undefined,
  onProduct: () => void,
): panels.PanelProducts {
  const slice = new TimeSlice(signal)
  let buffer = new ArrayBuffer(0)
  const multiply = async (matrix: TiledMatrix, x: Float64Array, out: Float64Array) => {
    for (let rowBlock = 0; rowBlock < matrix.rowBlockCount; rowBlock++) {
      const { first } = matrix.rowsOf(rowBlock)
      for (const chunk of matrix.chunksOf(rowBlock)) {
        const { rowCount, entries, firstRow } = chunk
        const bytes = matrix.bytesOf(chunk.index)
        if (buffer.byteLength < bytes) buffer = new ArrayBuffer(bytes)
        matrix.load(chunk.index, new Uint8Array(buffer, 0, bytes))
        const at = chunkArrays(chunk)
        const rows = {
          rowPointers: new Int32Array(buffer, 0, rowCount + 1),
          columnIndices: new Int32Array(buffer, at.columns, entries),
          values: new Float32Array(buffer, at.values, entries),
        }
        const start = 8 * (first + firstRow)
        panels.multiplyPanel(rows, x, out.subarray(start, start + 8 * rowCount), 0, rowCount)
        if (slice.isOver()) await slice.next()
      }
    }
    onProduct()
  }
  const { rows, columns } = to.users.shape
  return {
    rows,
    columns,
    multiply: (x, out) => multiply(to.users, x, out),
    multiplyTransposed: (x, out) => multiply(to.items, x, out),
  }
}
