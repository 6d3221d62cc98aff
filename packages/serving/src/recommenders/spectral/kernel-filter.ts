import type { InteractionLists, RankedRows, SparseMatrix } from '@gnnrec/graph'
import { defaultRuntime, elementGrain, type KernelRuntime, rowGrain } from '@gnnrec/graph/kernels'
import { listBytes, rankProducts } from '../kernel-lists.js'
import { PackedRows } from '../packed-rows.js'
import { dropLeftOut, emptyLists } from '../row-products.js'
import { someHistories } from '../some-histories.js'
import { exitRows, type FilterData, type IdealData, imageOf } from './filter-data.js'
import { DenseInput, SparseInput } from './polynomial-inputs.js'
import type { SpectralFilter } from './spectral-filter.js'
import { isSharpened, type SpectralRule } from './spectral-rule.js'

/** Largest number of histories that are filtered at a time. */
const mostHistories = 64
/** Bytes of kernel memory that histories filtered at a time and their lists take at most, unless one needs more: 256 MB. */
const bytesPerBlock = 1 << 28
/** Chunks for each thread in a product with the sparse matrix. */
const chunksPerThread = 16
/** Threads up to which one history is faster by a kernel of one thread that reads the matrix once. */
const mostThreadsForOne = 2
/** Columns of a panel are a multiple of this, as the kernels sum so many at a time, if there are more than 4. */
const lineColumns = 16

/** Frees the kernel memory of {@link KernelFilter}s that were collected. */
const collected = new FinalizationRegistry<number>((pointer) => defaultRuntime().free(pointer))

/** Addresses of a matrix in compressed rows. */
interface MatrixPlace {
  readonly rows: number
  readonly rowPointers: number
  readonly columnIndices: number
  readonly values: number
  readonly nonZeros: number
}

/** Addresses of the dense panels of a block of histories. */
interface BlockPlaces {
  /** Panels items × width. */
  readonly panels: readonly number[]
  /** The panel users × width. */
  readonly users: number
  /** Images of histories, width × rank. */
  readonly images: number
}

/** A filter that the WebAssembly kernels compute, for blocks of histories as columns of dense panels. */
export class KernelFilter implements SpectralFilter {
  readonly #rule: SpectralRule
  readonly #entry: Float32Array
  readonly #ideal: IdealData | undefined
  readonly #rows: PackedRows | undefined
  readonly #start: number
  readonly #forward: MatrixPlace
  readonly #backward: MatrixPlace
  /** The number -1/2 for each item. */
  readonly #halves: number
  /** The factor of each item's score, or 0 when all are 1. */
  readonly #exit: number

  /**
   * Copies the matrix and the vectors into kernel memory.
   *
   * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
   * @throws OutOfMemoryError when they do not fit into kernel memory
   */
  constructor(data: FilterData) {
    const runtime = defaultRuntime()
    const { matrix, exit, ideal } = data
    const items = matrix.columns
    this.#rule = data.rule
    this.#entry = data.entry
    this.#ideal = ideal
    const sizes = [matrix, matrix.transpose()].map((one) => one.rows + 1 + 2 * one.nonZeros)
    this.#start = runtime.allocate(4 * (sizes[0] + sizes[1] + 2 * items))
    collected.register(this, this.#start, this)
    this.#forward = copyMatrix(runtime, matrix, this.#start)
    this.#backward = copyMatrix(runtime, matrix.transpose(), this.#start + 4 * sizes[0])
    this.#halves = this.#start + 4 * (sizes[0] + sizes[1])
    runtime.float32(this.#halves, items).fill(-0.5)
    this.#exit = exit ? this.#halves + 4 * items : 0
    if (exit) runtime.float32(this.#exit, items).set(exit)
    try {
      this.#rows = ideal && new PackedRows(exitRows(ideal), ideal.rank)
    } catch (error) {
      collected.unregister(this)
      runtime.free(this.#start)
      throw error
    }
  }

  score(histories: InteractionLists, out: Float32Array): void {
    const items = this.#entry.length
    this.#forBlocks(histories, 0, (runtime, scores, first, count) => {
      out.set(runtime.float32(scores, count * items), first * items)
    })
  }

  rank(
    histories: InteractionLists,
    k: number,
    excludeOf: (place: number) => Int32Array,
    shift: Float32Array | undefined,
  ): RankedRows | undefined {
    const lists = emptyLists(histories.pointers.length - 1, k)
    const count = this.#entry.length
    let areNumbers = true
    const bytesPerList = listBytes(k, count)
    this.#forBlocks(histories, bytesPerList, (runtime, products, first, rows) => {
      const exclude = Array.from({ length: rows }, (_, row) => excludeOf(first + row))
      const rule = { scale: 1, shift }
      const found = rankProducts(runtime, { products, rows, count }, k, exclude, rule)
      lists.items.set(found.items, first * k)
      lists.scores.set(found.scores, first * k)
      for (let row = 0; row < rows; row++) {
        lists.lengths[first + row] = found.lengths[2 * row]
        lists.tied[first + row] = found.lengths[2 * row + 1]
        if (found.lengths[2 * row] < 0) areNumbers = false
      }
    })
    dropLeftOut(lists)
    return areNumbers ? lists : undefined
  }

  free(): void {
    this.#rows?.free()
    collected.unregister(this)
    defaultRuntime().free(this.#start)
  }

  /**
   * Filters histories in blocks and hands out the address of their scores, a row a history.
   *
   * @param bytesPerList - bytes of kernel memory that the list of a history takes besides
   */
  #forBlocks(
    histories: InteractionLists,
    bytesPerList: number,
    take: (runtime: KernelRuntime, scores: number, first: number, count: number) => void,
  ): void {
    const runtime = defaultRuntime()
    const items = this.#entry.length
    const users = this.#forward.rows
    const rank = this.#ideal?.rank ?? 0
    const panelCount = 3 + (this.#ideal ? 1 : 0) + (isSharpened(this.#rule) ? 2 : 0)
    const bytesPerHistory = 4 * (panelCount * items + users + rank)
    const affordable = Math.floor(bytesPerBlock / (bytesPerHistory + bytesPerList))
    const most = blockWidth(Math.min(mostHistories, affordable))
    const total = histories.pointers.length - 1
    const width = panelWidth(Math.min(most, total))
    if (total === 0) return
    const start = runtime.allocate(bytesPerHistory * width)
    try {
      const panelBytes = 4 * items * width
      const usersStart = start + panelCount * panelBytes
      const places = {
        panels: Array.from({ length: panelCount }, (_, panel) => start + panel * panelBytes),
        users: usersStart,
        images: usersStart + 4 * users * width,
      }
      for (let first = 0; first < total; first += width) {
        const last = Math.min(first + width, total)
        const block = someHistories(histories, first, last)
        const scores = this.#filter(runtime, block, panelWidth(last - first), places)
        take(runtime, scores, first, last - first)
      }
    } finally {
      runtime.free(start)
    }
  }

  /** Filters one block; returns the address of the scores, width × items. */
  #filter(
    runtime: KernelRuntime,
    histories: InteractionLists,
    width: number,
    { panels, users, images }: BlockPlaces,
  ): number {
    const rule = this.#rule
    const ideal = this.#ideal
    const items = this.#entry.length
    const size = items * width
    const [a, b, c, d, e, f] = panels
    const sparse = new SparseInput(histories, this.#entry, width)
    let [filtered, free] = this.#polynomial(
      runtime,
      rule.polynomial,
      sparse,
      [a, b, c],
      users,
      width,
    )
    if (ideal) {
      this.#idealPart(runtime, histories, width, images, d)
      if (rule.ideal?.merge === 'early') {
        runtime.run('transpose', items, rowGrain(width), d, items, width, free)
        runtime.run('add', size, elementGrain, filtered, free, filtered)
      }
    }
    if (isSharpened(rule)) {
      const more = ideal ? [e, f] : [d, e]
      const dense = new DenseInput(filtered, c, size)
      const [next, after] = more as [number, number]
      ;[filtered, free] = this.#polynomial(
        runtime,
        rule.sharpening,
        dense,
        [next, after, c],
        users,
        width,
      )
    }
    if (this.#exit) {
      const grain = rowGrain(width)
      runtime.run('scaleRows', items, grain, this.#exit, filtered, filtered, width)
    }
    runtime.run('transpose', width, lineColumns, filtered, width, items, c)
    if (ideal && rule.ideal?.merge === 'late') runtime.run('add', size, elementGrain, c, d, c)
    // This makes -0 a 0.
    else runtime.run('affine', size, elementGrain, c, 1, 0, c)
    return c
  }

  /** Writes the part of the singular vectors, width × items. */
  #idealPart(
    runtime: KernelRuntime,
    histories: InteractionLists,
    width: number,
    images: number,
    out: number,
  ): void {
    const ideal = this.#ideal
    if (!ideal || !this.#rows) return
    const { rank } = ideal
    const table = runtime.float32(images, width * rank).fill(0)
    for (let row = 0; row < histories.pointers.length - 1; row++) {
      const history = someHistories(histories, row, row + 1)
      imageOf(ideal, history, table.subarray(row * rank, (row + 1) * rank))
    }
    this.#rows.multiply(images, width, out)
  }

  /**
   * Computes `Σ_m c_m T_m(I - 2 G) x` by Clenshaw's recurrence.
   *
   * @param panels - two for the recurrence and one for products
   * @returns the panel of the result and the other one, which is free
   */
  #polynomial(
    runtime: KernelRuntime,
    coefficients: readonly number[],
    input: SparseInput | DenseInput,
    panels: readonly [number, number, number],
    users: number,
    width: number,
  ): [result: number, free: number] {
    const degree = coefficients.length - 1
    const items = this.#entry.length
    let [next, after] = panels
    const product = panels[2]
    input.write(runtime, coefficients[degree], next, items * width)
    for (let m = degree - 1; m >= 0; m--) {
      const isFirst = m === degree - 1
      const scale = m === 0 ? -2 : -4
      const isSparse = isFirst && input instanceof SparseInput
      if (isSparse) this.#firstHop(runtime, input, coefficients[degree], users)
      if (width === 1 && runtime.threads <= mostThreadsForOne) {
        const image = isSparse ? users : 0
        this.#hopOfOne(runtime, { x: next, image, out: after, product, scale, isFirst })
      } else {
        if (!isSparse) {
          const terms = { x: next, out: users, width, scale: 1, base: 0, own: 0 }
          this.#multiply(runtime, this.#forward, terms)
        }
        const base = isFirst ? 0 : after
        const terms = { x: users, out: after, width, scale, base, own: next }
        this.#multiply(runtime, this.#backward, terms)
      }
      input.add(runtime, coefficients[m], after)
      ;[next, after] = [after, next]
    }
    return [next, after]
  }

  /**
   * Computes `scale · (G x - x / 2) - out` for one history, without the last term at the first hop. `image` is the
   * address of `R̃ x` where that is known, or 0.
   */
  #hopOfOne(
    runtime: KernelRuntime,
    terms: {
      x: number
      image: number
      out: number
      product: number
      scale: number
      isFirst: boolean
    },
  ): void {
    const { x, image, out, product, scale, isFirst } = terms
    const items = this.#entry.length
    const { rows, rowPointers, columnIndices, values } = this.#forward
    const sum = isFirst ? out : product
    runtime.run('affine', items, elementGrain, x, -0.5, 0, sum)
    // One chunk, since no two threads may add to the same items.
    runtime.run(
      image ? 'addTransposeProduct' : 'addGramProduct',
      rows,
      Math.max(1, rows),
      rowPointers,
      columnIndices,
      values,
      image || x,
      sum,
    )
    runtime.run('affine', items, elementGrain, sum, scale, 0, sum)
    if (!isFirst) runtime.run('subtract', items, elementGrain, product, out, out)
  }

  /** Multiplies R̃ with histories by the few entries of their items, summed in the order of the whole product. */
  #firstHop(runtime: KernelRuntime, input: SparseInput, coefficient: number, out: number): void {
    const { rowPointers, columnIndices, values, nonZeros } = this.#backward
    const users = this.#forward.rows
    input.scatter(
      coefficient,
      {
        pointers: runtime.int32(rowPointers, this.#backward.rows + 1),
        users: runtime.int32(columnIndices, nonZeros),
        values: runtime.float32(values, nonZeros),
      },
      runtime.float32(out, users * input.width).fill(0),
    )
  }

  /** Computes `scale · (M x - own / 2) - base`, without the terms whose address is 0. */
  #multiply(
    runtime: KernelRuntime,
    { rows, rowPointers, columnIndices, values, nonZeros }: MatrixPlace,
    terms: { x: number; out: number; width: number; scale: number; base: number; own: number },
  ): void {
    const { x, out, width, scale, base, own } = terms
    const share = Math.ceil(rows / (chunksPerThread * runtime.threads))
    const work = width * (Math.ceil(nonZeros / Math.max(1, rows)) + 1)
    const grain = Math.max(rowGrain(work), share)
    const matrix = [rowPointers, columnIndices, values, x, out, width, scale] as const
    const loops = own ? this.#halves : 0
    runtime.run('spmm', rows, grain, ...matrix, base, -1, loops, own, 0, 0)
  }
}

/** Returns the columns of a panel for some histories. */
function panelWidth(histories: number): number {
  if (histories <= 1) return 1
  return histories <= 4 ? 4 : Math.ceil(histories / lineColumns) * lineColumns
}

/** Returns the largest width of a panel that is not above a number of columns, and at least 1. */
function blockWidth(columns: number): number {
  if (columns < 4) return 1
  return columns < lineColumns ? 4 : columns - (columns % lineColumns)
}

function copyMatrix(runtime: KernelRuntime, matrix: SparseMatrix, start: number): MatrixPlace {
  const { rows, nonZeros } = matrix
  const columnIndices = start + 4 * (rows + 1)
  const values = columnIndices + 4 * nonZeros
  runtime.int32(start, rows + 1).set(matrix.rowPointers)
  runtime.int32(columnIndices, nonZeros).set(matrix.columnIndices)
  runtime.float32(values, nonZeros).set(matrix.values)
  return { rows, rowPointers: start, columnIndices, values, nonZeros }
}
