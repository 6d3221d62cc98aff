import type { BlockStore } from '../cache/block-cache.js'
import type { RowRange } from '../cache/block-table.js'
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

  /** Opens a file that `writeTiles` made. */
  static open(path: string): TiledMatrix {
    const file = BlockFile.open(path, 'tiles')
    const { shape, chunkCount } = file.header.details as { shape: TileShape; chunkCount: number }
    const index = new Float64Array(chunkCount * indexNumbers)
    const bytes = new Uint8Array(index.buffer)
    file.read(file.header.bytes - bytes.length, bytes)
    const chunks = Array.from({ length: chunkCount }, (_, chunk): Chunk => {
      const numbers = index.subarray(chunk * indexNumbers, (chunk + 1) * indexNumbers)
      const [rowBlock, columnBlock, firstRow, rowCount, entries, offset] = numbers
      return { index: chunk, rowBlock, columnBlock, firstRow, rowCount, entries, offset }
    })
    return new TiledMatrix(file, shape, chunks)
  }

  get rowBlockCount(): number {
    return this.#byRowBlock.length
  }

  rowsOf(rowBlock: number): RowRange {
    const first = rowBlock * this.shape.blockRows
    return { first, count: Math.min(this.shape.blockRows, this.shape.rows - first) }
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
