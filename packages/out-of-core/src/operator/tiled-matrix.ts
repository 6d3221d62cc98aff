import * as z from 'zod'
import type { BlockStore } from '../cache/block-cache.js'
import type { RowRange } from '../cache/block-table.js'
import { BlockFileError } from '../errors.js'
import { BlockFile } from '../files/block-file.js'

/** A run of rows of one tile as compressed sparse rows; columns are counted from the tile's first column. */
export interface Chunk {
  /** Number of the chunk in its store. */
  readonly index: number
  readonly rowBlock: number
  readonly columnBlock: number
  /** First row, counted from the first of the row block. */
  readonly firstRow: number
  readonly rowCount: number
  readonly entries: number
  /** Byte of the file at which the chunk begins. */
  readonly offset: number
}

/** Sizes of the tiles of a matrix. */
export interface TileShape {
  readonly rows: number
  readonly columns: number
  readonly blockRows: number
  readonly blockColumns: number
}

/** Computes the size of a chunk in bytes: row pointers, columns and values take 4 bytes each. */
export const chunkBytes = (rowCount: number, entries: number) => 4 * (rowCount + 1) + 8 * entries

/** Computes the byte offsets of the arrays of a chunk. */
export const chunkArrays = ({ rowCount, entries }: Chunk) => {
  const columns = 4 * (rowCount + 1)
  return { columns, values: columns + 4 * entries }
}

/** Length of a chunk's entry in the index at the end of the file. */
const indexNumbers = 6

const size = z.int().min(1)
const detailsSchema = z.strictObject({
  shape: z.strictObject({ rows: size, columns: size, blockRows: size, blockColumns: size }),
  chunkCount: size,
})

/** A sparse matrix in a file, in tiles of rows × columns. */
export class TiledMatrix implements BlockStore {
  readonly shape: TileShape
  readonly file: BlockFile
  readonly #chunks: readonly Chunk[]
  readonly #byRowBlock: readonly (readonly Chunk[])[]

  private constructor(file: BlockFile, shape: TileShape, chunks: readonly Chunk[]) {
    this.file = file
    this.shape = shape
    this.#chunks = chunks
    const byRowBlock: Chunk[][] = Array.from(
      { length: Math.ceil(shape.rows / shape.blockRows) },
      () => [],
    )
    for (const chunk of chunks) byRowBlock[chunk.rowBlock].push(chunk)
    this.#byRowBlock = byRowBlock
  }

  /**
   * Opens a file that `writeTiles` made.
   *
   * @throws BlockFileError when the header or the index cannot be those of such a file
   */
  static open(path: string): TiledMatrix {
    const file = BlockFile.open(path, 'tiles')
    try {
      const details = detailsSchema.safeParse(file.header.details).data
      const indexBytes = 8 * indexNumbers * (details?.chunkCount ?? 0)
      if (!details || indexBytes > file.header.bytes) throw damaged(path)
      const index = new Float64Array(details.chunkCount * indexNumbers)
      file.read(file.header.bytes - indexBytes, new Uint8Array(index.buffer))
      const chunks = decodeIndex(index)
      if (!fits(chunks, details.shape, file.header.bytes - indexBytes)) throw damaged(path)
      return new TiledMatrix(file, details.shape, chunks)
    } catch (error) {
      file.close()
      throw error
    }
  }

  get rowBlockCount(): number {
    return this.#byRowBlock.length
  }

  rowsOf(rowBlock: number): RowRange {
    const first = rowBlock * this.shape.blockRows
    return { first, count: Math.min(this.shape.blockRows, this.shape.rows - first) }
  }

  /** All chunks, in the order in which they are in the file. */
  get chunks(): readonly Chunk[] {
    return this.#chunks
  }

  /** Returns the chunks of a row block that have entries (at least one chunk), by column block, then by row. */
  chunksOf(rowBlock: number): readonly Chunk[] {
    return this.#byRowBlock[rowBlock]
  }

  bytesOf(chunk: number): number {
    const { rowCount, entries } = this.#chunks[chunk]
    return chunkBytes(rowCount, entries)
  }

  load(chunk: number, bytes: Uint8Array): void {
    this.file.read(this.#chunks[chunk].offset, bytes)
  }

  save(): void {
    throw new Error('Tiles do not change.')
  }
}

/** Encodes the index of chunks. */
export function encodeIndex(chunks: readonly Chunk[]): Uint8Array {
  const numbers = chunks.flatMap((chunk) => [
    ...[chunk.rowBlock, chunk.columnBlock, chunk.firstRow, chunk.rowCount],
    ...[chunk.entries, chunk.offset],
  ])
  return new Uint8Array(Float64Array.from(numbers).buffer)
}

function decodeIndex(index: Float64Array): Chunk[] {
  return Array.from({ length: index.length / indexNumbers }, (_, chunk) => {
    const numbers = index.subarray(chunk * indexNumbers, (chunk + 1) * indexNumbers)
    const [rowBlock, columnBlock, firstRow, rowCount, entries, offset] = numbers
    return { index: chunk, rowBlock, columnBlock, firstRow, rowCount, entries, offset }
  })
}

/**
 * Returns true when chunks are in order, lie in the matrix, take exactly the given bytes, and every row
 * block has one.
 */
function fits(chunks: readonly Chunk[], shape: TileShape, bytes: number): boolean {
  const rowBlocks = Math.ceil(shape.rows / shape.blockRows)
  const columnBlocks = Math.ceil(shape.columns / shape.blockColumns)
  let end = 0
  let before: Chunk | undefined
  for (const chunk of chunks) {
    const { rowBlock, columnBlock, firstRow, rowCount, entries, offset } = chunk
    const isInteger = [rowBlock, columnBlock, firstRow, rowCount, entries].every(
      (number) => Number.isSafeInteger(number) && number >= 0,
    )
    const rows = Math.min(shape.blockRows, shape.rows - rowBlock * shape.blockRows)
    const isInside = columnBlock < columnBlocks && rowCount >= 1 && firstRow + rowCount <= rows
    if (!isInteger || !isInside || offset !== end || !follows(chunk, before)) return false
    end += chunkBytes(rowCount, entries)
    before = chunk
  }
  return end === bytes && before?.rowBlock === rowBlocks - 1
}

function follows(chunk: Chunk, before: Chunk | undefined): boolean {
  if (!before) return chunk.rowBlock === 0
  if (chunk.rowBlock !== before.rowBlock) return chunk.rowBlock === before.rowBlock + 1
  if (chunk.columnBlock !== before.columnBlock) return chunk.columnBlock > before.columnBlock
  return chunk.firstRow >= before.firstRow + before.rowCount
}

/** Makes the error for a file whose parts contradict each other. */
export function damaged(path: string): BlockFileError {
  return new BlockFileError(
    `${path} is damaged: its parts do not fit each other. Remove it; it is made anew.`,
  )
}
