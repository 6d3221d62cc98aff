import type { KernelRuntime } from '@gnnrec/graph/kernels'
import type { ProductRule } from './row-products.js'

/** Number of rows in which a thread finds the best before it takes more. */
const rankedPerChunk = 8

/** A matrix of scores in kernel memory, a row a list. */
interface ScoreMatrix {
  /** Address of the scores, row-major; they are changed. */
  readonly products: number
  /** Number of rows. */
  readonly rows: number
  /** Length of a row. */
  readonly count: number
}

/** Returns the number of places that the kernel needs to find the k best of `count` scores. */
function placesFor(k: number, count: number): number {
  return Math.min(count, 4 * k + 64)
}

/** Returns the bytes of kernel memory that the list of one row takes, apart from the items left out. */
export function listBytes(k: number, count: number): number {
  return 4 * (2 * placesFor(k, count) + 2 * k)
}

/**
 * Finds the best of each row of scores; `lengths` holds two numbers per row, see the kernel `topRows`.
 *
 * @param exclude - the ascending places to leave out of each row
 */
export function rankProducts(
  runtime: KernelRuntime,
  { products, rows, count }: ScoreMatrix,
  k: number,
  exclude: readonly Int32Array[],
  { scale, shift }: ProductRule,
): { items: Int32Array; scores: Float32Array; lengths: Int32Array } {
  const places = placesFor(k, count)
  const masked = exclude.reduce((sum, own) => sum + own.length, 0)
  // The arrays lie one after the other and hold numbers of 4 bytes.
  const sizes = {
    shift: shift?.length ?? 0,
    pointers: rows + 1,
    masked,
    workItems: rows * places,
    workScores: rows * places,
    items: rows * k,
    scores: rows * k,
    lengths: rows * 2,
  }
  let numbers = 0
  const at = {} as Record<keyof typeof sizes, number>
  for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    at[name] = numbers * 4
    numbers += size
  }
  const start = runtime.allocate(numbers * 4)
  try {
    for (const name of Object.keys(at) as (keyof typeof sizes)[]) at[name] += start
    const pointers = runtime.int32(at.pointers, rows + 1)
    const maskItems = runtime.int32(at.masked, masked)
    pointers[0] = 0
    exclude.forEach((own, row) => {
      maskItems.set(own, pointers[row])
      pointers[row + 1] = pointers[row] + own.length
    })
    if (scale !== 1 || shift) {
      if (shift) runtime.float32(at.shift, count).set(shift)
      const given = [products, count, scale, shift ? at.shift : 0] as const
      runtime.run('scaleShift', rows, rankedPerChunk, ...given)
    }
    const masks = [products, count, at.pointers, at.masked] as const
    const out = [at.workItems, at.workScores, at.items, at.scores, at.lengths] as const
    runtime.run('topRows', rows, rankedPerChunk, ...masks, k, places, ...out)
    return {
      items: runtime.int32(at.items, sizes.items).slice(),
      scores: runtime.float32(at.scores, sizes.scores).slice(),
      lengths: runtime.int32(at.lengths, sizes.lengths).slice(),
    }
  } finally {
    runtime.free(start)
  }
}
