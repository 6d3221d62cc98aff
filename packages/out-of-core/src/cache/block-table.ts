import { BlockFile, type BlockFileHeader } from '../files/block-file.js'
import type { BlockCache, BlockStore, BlockUse } from './block-cache.js'

/** Size of a table and of its blocks. */
export interface TableShape {
  readonly rows: number
  readonly columns: number
  /** Rows of each block but the last. */
  readonly blockRows: number
}

/** A range of rows of a table: first..first + count - 1. */
export interface RowRange {
  readonly first: number
  readonly count: number
}

/** A float32 table [rows, columns] in a file, row-major. A cache keeps some blocks of rows in memory. */
export class BlockTable implements BlockStore {
  readonly shape: TableShape
  readonly file: BlockFile
  readonly #cache: BlockCache

  private constructor(cache: BlockCache, file: BlockFile, shape: TableShape) {
    this.#cache = cache
    this.file = file
    this.shape = shape
  }

  /** Makes a table of zeros in a new file. */
  static create(cache: BlockCache, path: string, shape: TableShape, identity: string): BlockTable {
    return new BlockTable(cache, BlockFile.create(path, tableHeader(shape, identity)), shape)
  }

  get blockCount(): number {
    return Math.ceil(this.shape.rows / this.shape.blockRows)
  }

  rowsOf(block: number): RowRange {
    const first = block * this.shape.blockRows
    return { first, count: Math.min(this.shape.blockRows, this.shape.rows - first) }
  }

  /** Returns the number of the block that a row is in. */
  blockOf(row: number): number {
    return Math.floor(row / this.shape.blockRows)
  }

  bytesOf(block: number): number {
    return this.rowsOf(block).count * this.shape.columns * 4
  }

  load(block: number, bytes: Uint8Array): void {
    this.file.read(this.#offset(block), bytes)
  }

  save(block: number, bytes: Uint8Array): void {
    this.file.write(this.#offset(block), bytes)
  }

  /** Calls `work` with the numbers of a block, which are valid until it returns. */
  withValues<Result>(
    block: number,
    use: BlockUse,
    compute: (values: Float32Array) => Result,
  ): Result {
    return this.#cache.with([[this, block, use]], (pointer) =>
      compute(this.#cache.runtime.float32(pointer, this.bytesOf(block) / 4)),
    )
  }

  /**
   * Copies rows, in the order given, to `out` [rows.length, columns].
   *
   * @param rows - indices in 0..rows-1; repeated or not
   */
  gather(rows: Int32Array, out: Float32Array): void {
    const { columns } = this.shape
    this.#byBlock(rows, 'read', (values, row, place) => {
      out.set(values.subarray(row * columns, (row + 1) * columns), place * columns)
    })
  }

  /** Writes `values` [rows.length, columns] to distinct rows. */
  scatter(rows: Int32Array, values: Float32Array): void {
    const { columns } = this.shape
    this.#byBlock(rows, 'change', (block, row, place) => {
      block.set(values.subarray(place * columns, (place + 1) * columns), row * columns)
    })
  }

  /** Writes changed blocks to the file. */
  flush(): void {
    this.#cache.flush(this)
  }

  /** Drops all blocks in memory, changed or not. */
  discard(): void {
    this.#cache.discard(this)
  }

  /** Drops all blocks in memory and closes the file. */
  close(): void {
    this.discard()
    this.file.close()
  }

  #byBlock(
    rows: Int32Array,
    use: BlockUse,
    visit: (values: Float32Array, rowInBlock: number, place: number) => void,
  ): void {
    const places = placesByBlock(rows, this.shape.blockRows, this.blockCount)
    for (const [block, own] of places.entries()) {
      if (own.length === 0) continue
      const { first } = this.rowsOf(block)
      this.withValues(block, use, (values) => {
        for (const place of own) visit(values, rows[place] - first, place)
      })
    }
  }

  #offset(block: number): number {
    return this.rowsOf(block).first * this.shape.columns * 4
  }
}

/** Makes the header of a table's file. */
export function tableHeader(
  { rows, columns }: Pick<TableShape, 'rows' | 'columns'>,
  identity: string,
): BlockFileHeader {
  return { kind: 'table', identity, bytes: rows * columns * 4, details: { rows, columns } }
}

/** Groups rows by block: for each block the places in `rows`, ascending. */
export function placesByBlock(rows: Int32Array, blockRows: number, blockCount: number): number[][] {
  const places: number[][] = Array.from({ length: blockCount }, () => [])
  for (let place = 0; place < rows.length; place++) {
    places[Math.floor(rows[place] / blockRows)].push(place)
  }
  return places
}
