import { TimeSlice } from '@gnnrec/graph'
import { type KernelArguments, type KernelRuntime, rowGrain } from '@gnnrec/graph/kernels'
import type { BlockCache } from '../cache/block-cache.js'
import type { BlockTable } from '../cache/block-table.js'
import { type Chunk, chunkArrays, type TiledMatrix } from '../operator/tiled-matrix.js'

/** Number of chunks that a sparse kernel cuts its rows into, per thread, as in the operators in memory. */
const sparseChunksPerThread = 16

/** A table that is added to a product. */
interface AddedTable {
  readonly table: BlockTable
  readonly scale: number
}

/** Knowledge of the rows of x that are zeros. */
export interface FilledRows {
  /** Address of an int32 for each row of x: 0 where it is known to be zeros. */
  readonly flags: number
  /** True for blocks of x that have a row other than zeros. */
  readonly blocks: ReadonlySet<number>
}

/** Settings of {@link multiply}. */
export interface ProductOptions {
  readonly scale: number
  readonly base?: AddedTable | undefined
  readonly filled?: FilledRows | undefined
  /** Address of a float32 one for each row of a block. */
  readonly ones: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Computes out = scale · A x + baseScale · base by blocks of rows, and within them by blocks of columns in
 * ascending order. The kernel is that of the operators in memory. It starts from the sums so far (1 · sum,
 * which is exact) instead of 0, so that a row adds its neighbours in the same order and gives the same bytes.
 */
export async function multiply(
  cache: BlockCache,
  matrix: TiledMatrix,
  x: BlockTable,
  out: BlockTable,
  options: ProductOptions,
): Promise<void> {
  const { base, filled, signal } = options
  const { runtime } = cache
  const { columns } = out.shape
  const slice = new TimeSlice(signal)
  for (let rowBlock = 0; rowBlock < matrix.rowBlockCount; rowBlock++) {
    const chunks = wantedChunks(matrix.chunksOf(rowBlock), filled)
    const [first, last] = [chunks[0].columnBlock, chunks[chunks.length - 1].columnBlock]
    const held = cache.hold(out, rowBlock, 'write')
    try {
      for (const chunk of chunks) {
        const { columnBlock } = chunk
        const isLast = columnBlock === last
        const added = isLast ? base : undefined
        cache.with(
          [
            [x, columnBlock, 'read'],
            [matrix, chunk.index, 'read'],
            ...(added ? [[added.table, rowBlock, 'read'] as const] : []),
          ],
          (xPointer, chunkPointer, basePointer) => {
            const at = chunkArrays(chunk)
            const skipped = 4 * chunk.firstRow * columns
            const own = held.pointer + skipped
            const flags = filled ? filled.flags + 4 * columnBlock * matrix.shape.blockColumns : 0
            runSpmm(runtime, chunk, columns, [
              ...([chunkPointer, chunkPointer + at.columns, chunkPointer + at.values] as const),
              ...([xPointer, own, columns, isLast ? options.scale : 1] as const),
              ...([added ? basePointer + skipped : 0, added?.scale ?? 0] as const),
              ...(columnBlock === first ? ([0, 0] as const) : ([options.ones, own] as const)),
              ...([0, flags] as const),
            ])
          },
        )
        if (slice.isOver()) await slice.next()
      }
    } finally {
      cache.release(held)
    }
  }
}

/** Settings of {@link multiplyRows}. */
export interface RowsOptions {
  readonly scale: number
  /** Address of the rows of base [rows.length, columns], and their scale. */
  readonly base?: { readonly pointer: number; readonly scale: number } | undefined
  readonly ones: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Computes some rows of scale · A x + baseScale · base, to the same bytes as {@link multiply}.
 *
 * @param rows - distinct and ascending
 * @param out - address of float32 [rows.length, columns]
 */
export async function multiplyRows(
  cache: BlockCache,
  matrix: TiledMatrix,
  x: BlockTable,
  rows: Int32Array,
  out: number,
  { scale, base, ones, signal }: RowsOptions,
): Promise<void> {
  const { runtime } = cache
  const { columns } = x.shape
  const slice = new TimeSlice(signal)
  for (let start = 0; start < rows.length; ) {
    const rowBlock = Math.floor(rows[start] / matrix.shape.blockRows)
    const { first: firstRow, count: blockRows } = matrix.rowsOf(rowBlock)
    let end = start
    while (end < rows.length && rows[end] < firstRow + blockRows) end++
    const chunks = matrix.chunksOf(rowBlock)
    const [first, last] = [chunks[0].columnBlock, chunks[chunks.length - 1].columnBlock]
    for (const chunk of chunks) {
      const own = ownRows(rows, start, end, firstRow, chunk)
      if (own.count === 0) continue
      const { columnBlock } = chunk
      const isLast = columnBlock === last
      cache.with(
        [
          [x, columnBlock, 'read'],
          [matrix, chunk.index, 'read'],
        ],
        (xPointer, chunkPointer) => {
          const part = selectRows(cache, chunk, chunkPointer, own.rows)
          try {
            const skipped = 4 * own.start * columns
            const target = out + skipped
            runSpmm(runtime, part, columns, [
              ...([part.pointer, part.columns, part.values, xPointer, target, columns] as const),
              ...([isLast ? scale : 1] as const),
              ...([isLast && base ? base.pointer + skipped : 0, base?.scale ?? 0] as const),
              ...(columnBlock === first ? ([0, 0] as const) : ([ones, target] as const)),
              ...([0, 0] as const),
            ])
          } finally {
            part.free()
          }
        },
      )
      if (slice.isOver()) await slice.next()
    }
    start = end
  }
}

/** Leaves out chunks that add nothing, but keeps at least one, which writes the row block. */
function wantedChunks(chunks: readonly Chunk[], filled: FilledRows | undefined): readonly Chunk[] {
  if (!filled) return chunks
  const wanted = chunks.filter(({ columnBlock }) => filled.blocks.has(columnBlock))
  if (wanted.length > 0) return wanted
  return chunks.filter(({ columnBlock }) => columnBlock === chunks[0].columnBlock)
}

/** Selects those of `rows[start..end - 1]` that a chunk has, counted from its first row. */
function ownRows(
  rows: Int32Array,
  start: number,
  end: number,
  firstRow: number,
  chunk: Chunk,
): { readonly start: number; readonly count: number; readonly rows: Int32Array } {
  const from = firstRow + chunk.firstRow
  let first = start
  while (first < end && rows[first] < from) first++
  let last = first
  while (last < end && rows[last] < from + chunk.rowCount) last++
  const own = rows.slice(first, last)
  for (let place = 0; place < own.length; place++) own[place] -= from
  return { start: first, count: own.length, rows: own }
}

interface SelectedRows {
  readonly rowCount: number
  readonly entries: number
  readonly pointer: number
  readonly columns: number
  readonly values: number
  free(): void
}

/** Copies some rows of a chunk into a matrix of their own. */
function selectRows(
  cache: BlockCache,
  chunk: Chunk,
  pointer: number,
  rows: Int32Array,
): SelectedRows {
  const { runtime } = cache
  const at = chunkArrays(chunk)
  const pointers = runtime.int32(pointer, chunk.rowCount + 1)
  let entries = 0
  for (const row of rows) entries += pointers[row + 1] - pointers[row]
  const scratch = cache.scratch(4 * (rows.length + 1) + 8 * entries)
  const columns = scratch.pointer + 4 * (rows.length + 1)
  const values = columns + 4 * entries
  const allColumns = runtime.int32(pointer + at.columns, chunk.entries)
  const allValues = runtime.float32(pointer + at.values, chunk.entries)
  const ownPointers = runtime.int32(scratch.pointer, rows.length + 1)
  const ownColumns = runtime.int32(columns, entries)
  const ownValues = runtime.float32(values, entries)
  let entry = 0
  ownPointers[0] = 0
  for (let place = 0; place < rows.length; place++) {
    const [first, last] = [pointers[rows[place]], pointers[rows[place] + 1]]
    ownColumns.set(allColumns.subarray(first, last), entry)
    ownValues.set(allValues.subarray(first, last), entry)
    entry += last - first
    ownPointers[place + 1] = entry
  }
  return {
    rowCount: rows.length,
    entries,
    pointer: scratch.pointer,
    columns,
    values,
    free: scratch.free,
  }
}

function runSpmm(
  runtime: KernelRuntime,
  { rowCount, entries }: { readonly rowCount: number; readonly entries: number },
  columns: number,
  given: KernelArguments<'spmm'>,
): void {
  const work = columns * (Math.ceil(entries / Math.max(rowCount, 1)) + 1)
  const share = Math.ceil(rowCount / (sparseChunksPerThread * runtime.threads))
  runtime.run('spmm', rowCount, Math.max(rowGrain(work), share), ...given)
}
