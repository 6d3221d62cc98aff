import fs from 'node:fs'
import { type InteractionLists, TimeSlice } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import { BlockFile } from '../files/block-file.js'
import { onFiles } from '../files/folders.js'
import { type Chunk, chunkArrays, chunkBytes, encodeIndex, type TileShape } from './tiled-matrix.js'

/** A matrix to be written in tiles: the neighbours of each row, and the scales of their entries. */
export interface TileSource {
  /** Lists of the columns of each row, ascending. */
  readonly lists: InteractionLists
  readonly rowDegrees: ArrayLike<number>
  readonly columnDegrees: ArrayLike<number>
}

/** File and layout of a matrix to be written. */
export interface TileTarget {
  readonly path: string
  readonly shape: TileShape
  /** Largest size of a chunk in bytes. */
  readonly chunkBytes: number
  readonly identity: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes D_r^{-1/2} R D_c^{-1/2} in tiles. Each value is computed in float64 and rounded once, as in
 * `BipartiteGraph`. The file gets its name when it is whole.
 *
 * @throws DiskFullError when there is no room
 */
export async function writeTiles(source: TileSource, target: TileTarget): Promise<void> {
  const { shape, identity, path, signal } = target
  const { rows, columns, blockRows, blockColumns } = shape
  const draft = `${path}.tmp`
  const file = BlockFile.create(draft, { kind: 'tiles', identity, bytes: 0 })
  try {
    const hash = new Sha256()
    const chunks: Chunk[] = []
    let offset = 0
    const slice = new TimeSlice(signal)
    const append = (bytes: Uint8Array) => {
      file.write(offset, bytes)
      hash.update(bytes)
      offset += bytes.length
    }
    for (let rowBlock = 0; rowBlock * blockRows < rows; rowBlock++) {
      const firstRow = rowBlock * blockRows
      const count = Math.min(blockRows, rows - firstRow)
      const starts = source.lists.pointers.slice(firstRow, firstRow + count)
      const before = chunks.length
      for (let columnBlock = 0; columnBlock * blockColumns < columns; columnBlock++) {
        const firstColumn = columnBlock * blockColumns
        const tile = { firstRow, firstColumn, endColumn: firstColumn + blockColumns, starts }
        const ends = endsOf(source.lists, tile)
        const isLast = firstColumn + blockColumns >= columns
        for (const part of parts(starts, ends, target.chunkBytes)) {
          const isNeeded = isLast && chunks.length === before
          if (part.tileEntries === 0 && !isNeeded) continue
          const { tileEntries, ...rows } = part
          const chunk = { index: chunks.length, rowBlock, columnBlock, ...rows, offset }
          append(encodeChunk(source, chunk, tile, ends))
          chunks.push(chunk)
          if (slice.isOver()) await slice.next()
        }
        starts.set(ends)
      }
    }
    append(encodeIndex(chunks))
    file.sync()
    const details = { shape, chunkCount: chunks.length }
    const header = { kind: 'tiles', identity, bytes: offset, sha256: hash.hex(), details }
    file.writeHeader(header)
    file.sync()
  } finally {
    file.close()
  }
  onFiles('rename', draft, () => fs.renameSync(draft, path))
}

interface Tile {
  readonly firstRow: number
  readonly firstColumn: number
  readonly endColumn: number
  /** Start of the entries of this tile, for each row of the block. */
  readonly starts: Int32Array
}

function endsOf({ pointers, items }: InteractionLists, tile: Tile): Int32Array {
  const { firstRow, endColumn, starts } = tile
  const ends = new Int32Array(starts.length)
  for (let row = 0; row < ends.length; row++) {
    let end = starts[row]
    const last = pointers[firstRow + row + 1]
    while (end < last && items[end] < endColumn) end++
    ends[row] = end
  }
  return ends
}

/** Cuts rows into runs whose chunks are not too large; a run has at least one row. */
function parts(starts: Int32Array, ends: Int32Array, largest: number) {
  const found: { firstRow: number; rowCount: number; entries: number; tileEntries: number }[] = []
  let [firstRow, entries, tileEntries] = [0, 0, 0]
  const close = (end: number) => {
    found.push({ firstRow, rowCount: end - firstRow, entries, tileEntries: 0 })
    ;[firstRow, entries] = [end, 0]
  }
  for (let row = 0; row < starts.length; row++) {
    const own = ends[row] - starts[row]
    if (row > firstRow && chunkBytes(row - firstRow + 1, entries + own) > largest) close(row)
    entries += own
    tileEntries += own
  }
  close(starts.length)
  return found.map((part) => ({ ...part, tileEntries }))
}

function encodeChunk(source: TileSource, chunk: Chunk, tile: Tile, ends: Int32Array): Uint8Array {
  const { lists, rowDegrees, columnDegrees } = source
  const { firstRow, rowCount, entries } = chunk
  const at = chunkArrays(chunk)
  const buffer = new ArrayBuffer(chunkBytes(rowCount, entries))
  const rowPointers = new Int32Array(buffer, 0, rowCount + 1)
  const columns = new Int32Array(buffer, at.columns, entries)
  const values = new Float32Array(buffer, at.values, entries)
  let entry = 0
  for (let row = 0; row < rowCount; row++) {
    const rowDegree = rowDegrees[tile.firstRow + firstRow + row]
    for (let place = tile.starts[firstRow + row]; place < ends[firstRow + row]; place++) {
      const column = lists.items[place]
      columns[entry] = column - tile.firstColumn
      values[entry++] = 1 / Math.sqrt(rowDegree * columnDegrees[column])
    }
    rowPointers[row + 1] = entry
  }
  return new Uint8Array(buffer)
}
