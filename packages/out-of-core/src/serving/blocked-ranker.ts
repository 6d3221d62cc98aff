import { join } from 'node:path'
import { InvalidOptionsError, type Ranker, TimeSlice } from '@gnnrec/graph'
import type { ScoreRule } from '@gnnrec/models'
import type { BlockCache } from '../cache/block-cache.js'
import { BlockTable } from '../cache/block-table.js'
import type { NodeTables } from '../propagation/node-tables.js'

/** Users that the kernel takes at a time, and those of one call of it. */
const USERS_PER_CHUNK = 32
const USERS_PER_CALL = 64
const PANEL_COLUMNS = 8

/** Final embeddings in files, and how scores follow from them. */
export interface RankerParts {
  readonly cache: BlockCache
  /** Where the ranker keeps its panels. */
  readonly folder: string
  readonly tables: NodeTables
  readonly rule: ScoreRule
  readonly itemBias: Float32Array | undefined
}

/**
 * Scores by embeddings in files, to the same bytes as an `EmbeddingRecommender` gives: items are laid out
 * as its kernels want them once, in blocks of their own.
 */
export class BlockedRanker implements Ranker {
  readonly userCount: number
  readonly itemCount: number
  readonly #parts: RankerParts
  /** Items in panels of {@link PANEL_COLUMNS}, padded to whole panels. */
  readonly #panels: BlockTable

  private constructor(parts: RankerParts, panels: BlockTable) {
    this.userCount = parts.tables.users.shape.rows
    this.itemCount = parts.tables.items.shape.rows
    this.#parts = parts
    this.#panels = panels
  }

  static async open(parts: RankerParts): Promise<BlockedRanker> {
    const { cache, tables, folder, rule } = parts
    const { rows, columns, blockRows } = tables.items.shape
    const whole = (count: number) => Math.ceil(count / PANEL_COLUMNS) * PANEL_COLUMNS
    const shape = {
      rows: whole(rows),
      columns,
      blockRows: blockRows === rows ? whole(rows) : Math.max(8, whole(blockRows - 7)),
    }
    const panels = BlockTable.create(cache, join(folder, 'panels.table'), shape, 'panels')
    const slice = new TimeSlice()
    for (let block = 0; block < panels.blockCount; block++) {
      const { first, count } = panels.rowsOf(block)
      const own = Int32Array.from({ length: Math.min(count, rows - first) }, (_, at) => first + at)
      const values = rowsOf(tables.items, own, rule.similarity === 'cosine')
      const scratch = cache.scratch(values.byteLength)
      try {
        cache.runtime.float32(scratch.pointer, values.length).set(values)
        cache.with([[panels, block, 'write']], (pointer) => {
          const given = [scratch.pointer, columns, own.length, 1, pointer] as const
          cache.runtime.run('packPanels', count / PANEL_COLUMNS, 256, ...given)
        })
      } finally {
        scratch.free()
      }
      if (slice.isOver()) await slice.next()
    }
    return new BlockedRanker(parts, panels)
  }

  scoreUsers(users: Int32Array, out: Float32Array): void {
    for (let first = 0; first < users.length; first += USERS_PER_CALL) {
      const some = users.subarray(first, first + USERS_PER_CALL)
      this.#score(some, out.subarray(first * this.itemCount))
    }
  }

  /** Lets go of the panels. */
  close(): void {
    this.#panels.close()
  }

  #score(users: Int32Array, out: Float32Array): void {
    const { cache, tables, rule } = this.#parts
    const { runtime } = cache
    const { columns, blockRows } = this.#panels.shape
    const rows = rowsOf(tables.users, users, rule.similarity === 'cosine')
    const start = runtime.allocate(rows.byteLength + 4 * users.length * blockRows)
    const scores = start + rows.byteLength
    try {
      runtime.float32(start, rows.length).set(rows)
      for (let block = 0; block < this.#panels.blockCount; block++) {
        const { first } = this.#panels.rowsOf(block)
        const count = Math.min(blockRows, this.itemCount - first)
        cache.with([[this.#panels, block, 'read']], (panels) => {
          const given = [start, panels, columns, count, scores] as const
          runtime.run('matmulPacked', users.length, USERS_PER_CHUNK, ...given)
        })
        const found = runtime.float32(scores, users.length * count)
        for (let row = 0; row < users.length; row++) {
          const at = row * this.itemCount + first
          out.set(found.subarray(row * count, (row + 1) * count), at)
          this.#scaleAndShift(out, at, first, count)
        }
      }
    } finally {
      runtime.free(start)
    }
  }

  #scaleAndShift(out: Float32Array, at: number, firstItem: number, count: number): void {
    const { rule, itemBias } = this.#parts
    if (rule.scale === 1 && !itemBias) return
    for (let place = 0; place < count; place++) {
      const shift = itemBias ? itemBias[firstItem + place] : 0
      out[at + place] = rule.scale * out[at + place] + shift
    }
  }
}

function rowsOf(table: BlockTable, indices: Int32Array, cosine: boolean): Float32Array {
  const { rows: count, columns } = table.shape
  for (const index of indices) {
    if (index >= 0 && index < count) continue
    throw new InvalidOptionsError(`Got the index ${index}; expected one of 0..${count - 1}.`)
  }
  const rows = new Float32Array(indices.length * columns)
  table.gather(indices, rows)
  return cosine ? unitRows(rows, columns) : rows
}

/** Rows of length 1, as an `EmbeddingRecommender` makes them; a row of zeros stays zero. */
function unitRows(rows: Float32Array, columns: number): Float32Array {
  for (let start = 0; start < rows.length; start += columns) {
    let squares = 0
    for (let d = start; d < start + columns; d++) squares += rows[d] * rows[d]
    if (squares === 0) continue
    const norm = Math.sqrt(squares)
    for (let d = start; d < start + columns; d++) rows[d] /= norm
  }
  return rows
}
