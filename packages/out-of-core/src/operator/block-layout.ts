import { alignedBytes, alignment } from '../cache/arena.js'
import { leastBlocks } from '../cache/block-cache.js'
import { MemoryLimitError } from '../errors.js'
import type { Side } from './sides.js'

/** Sizes of the blocks of both tables, and of the chunks of the matrices between them. */
export interface BlockLayout {
  /** Length of a row of the tables. */
  readonly columns: number
  /** Number of rows of a block, by side. */
  readonly blockRows: Readonly<Record<Side, number>>
  /** Largest size of a chunk of a matrix in bytes; a single longer row makes a larger chunk. */
  readonly chunkBytes: number
}

/** Sizes of a graph and its tables. */
export interface GraphSizes {
  readonly userCount: number
  readonly itemCount: number
  readonly edgeCount: number
  /** Length of a row of the tables. */
  readonly columns: number
}

/** Number of numbers of which every block's start is a multiple, so that the kernel's partial sums fit in blocks. */
export const reductionBlock = 4096

/** Numbers of blocks in memory, the preferred first; fewer and larger ones when tiles would be too sparse. */
const preferredBlocks = [48, 24, leastBlocks + 1]
const preferredEntries = 4

/**
 * Chooses the sizes of blocks for an amount of memory.
 *
 * @throws MemoryLimitError when not even the smallest blocks fit
 */
export function layoutFor(sizes: GraphSizes, capacity: number): BlockLayout {
  const smallest = smallestCapacity(sizes)
  if (capacity < smallest) {
    throw new MemoryLimitError(
      `Got ${capacity} bytes for blocks; rows of ${sizes.columns} numbers need at least ${smallest}.`,
      smallest,
    )
  }
  const candidates = [...preferredBlocks, leastBlocks].flatMap((blocks) => {
    const layout = cut(sizes, Math.floor(capacity / blocks / alignment) * alignment)
    return layout ? [layout] : []
  })
  return (
    candidates.find((layout) => entriesPerRow(sizes, layout) >= preferredEntries) ??
    (candidates.at(-1) as BlockLayout)
  )
}

/** Computes the least memory for blocks, in bytes, that every graph of these sizes can be propagated with. */
export function smallestCapacity(sizes: GraphSizes): number {
  const rows = Math.min(granule(sizes.columns), Math.max(sizes.userCount, sizes.itemCount))
  return leastBlocks * blockBytes(rows, sizes.columns)
}

/** Computes the size of the largest block in bytes: one of a table, or a full row of a tile. */
function blockBytes(rows: number, columns: number): number {
  return alignedBytes(Math.max(4 * rows * columns, 8 * rows + 8))
}

function cut(sizes: GraphSizes, bytes: number): BlockLayout | undefined {
  const { userCount, itemCount, columns } = sizes
  const step = granule(columns)
  const most = Math.min(Math.floor(bytes / (4 * columns)), Math.floor((bytes - 8) / 8))
  const rowsFor = (count: number) => {
    if (count <= most) return count
    const whole = Math.floor(most / step) * step
    if (whole === 0) return undefined
    const blocks = Math.ceil(count / whole)
    return Math.min(whole, Math.ceil(count / blocks / step) * step)
  }
  const [users, items] = [rowsFor(userCount), rowsFor(itemCount)]
  if (users === undefined || items === undefined) return undefined
  return { columns, blockRows: { users, items }, chunkBytes: bytes }
}

/** Computes the mean number of entries of a row in a tile, in the sparser direction. */
function entriesPerRow(sizes: GraphSizes, { blockRows }: BlockLayout): number {
  const { userCount, itemCount, edgeCount } = sizes
  const userBlocks = Math.ceil(userCount / blockRows.users)
  const itemBlocks = Math.ceil(itemCount / blockRows.items)
  if (userBlocks === 1 && itemBlocks === 1) return Number.POSITIVE_INFINITY
  return Math.min(edgeCount / userCount / itemBlocks, edgeCount / itemCount / userBlocks)
}

/** Computes the least number of rows whose numbers are a multiple of {@link reductionBlock}. */
function granule(columns: number): number {
  let [a, b] = [reductionBlock, columns]
  while (b > 0) [a, b] = [b, a % b]
  return reductionBlock / a
}
