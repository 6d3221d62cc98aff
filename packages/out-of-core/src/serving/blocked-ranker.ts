import {
  type InteractionLists,
  InvalidOptionsError,
  type RankedRows,
  type Ranker,
  TimeSlice,
} from '@gnnrec/graph'
import type { ScoreRule } from '@gnnrec/models'
import { ColdNodes, checkExclude, popularityOf } from '@gnnrec/serving/model-folder'
import type { BlockCache } from '../cache/block-cache.js'
import type { BlockTable } from '../cache/block-table.js'
import type { NodeTables } from '../propagation/node-tables.js'
import { BestLists } from './best-lists.js'
import { packItems, panelColumns } from './packed-items.js'
import { bytesOfCall, PieceRanker } from './piece-ranker.js'
import { scoredRows } from './scored-rows.js'

/** Users that the kernel takes at a time, and users of one call of it at most. */
const usersPerChunk = 32
const mostUsersPerCall = 64
/** Bytes of kernel memory that a call takes at most, unless a single user needs more: 32 MB. */
const bytesPerCall = 2 ** 25
/** Items whose scores for the users of a call are in kernel memory at once, in whole panels. */
const itemsPerPiece = 2 ** 12 * panelColumns

/** Final embeddings in files, and the rule by which they are scored. */
export interface RankerParts {
  readonly cache: BlockCache
  /** Folder for the panels of the ranker. */
  readonly folder: string
  readonly tables: NodeTables
  readonly rule: ScoreRule
  readonly itemBias: Float32Array | undefined
  /** The training items of each user; undefined when users without any are like the others. */
  readonly seen: InteractionLists | undefined
}

/**
 * A ranker by embeddings in files, to the same bytes as `EmbeddingRecommender`. Items are copied once into blocks
 * in the layout of its kernels.
 */
export class BlockedRanker implements Ranker {
  readonly userCount: number
  readonly itemCount: number
  readonly #parts: RankerParts
  readonly #panels: BlockTable
  /** Users and items without training interactions, unless they are like the others. */
  readonly cold: ColdNodes | undefined

  private constructor(parts: RankerParts, panels: BlockTable) {
    this.userCount = parts.tables.users.shape.rows
    this.itemCount = parts.tables.items.shape.rows
    this.#parts = parts
    this.#panels = panels
    const { rule, seen } = parts
    this.cold =
      seen && ColdNodes.of(rule.coldStart ?? 'popularity', seen, popularityOf(seen, this.itemCount))
  }

  static async open(parts: RankerParts): Promise<BlockedRanker> {
    const { cache, tables, folder, rule } = parts
    const panels = await packItems(cache, tables.items, folder, rule.similarity === 'cosine')
    return new BlockedRanker(parts, panels)
  }

  scoreUsers(users: Int32Array, out: Float32Array): void {
    for (let first = 0; first < users.length; first += mostUsersPerCall) {
      const some = users.subarray(first, first + mostUsersPerCall)
      this.#score(some, out.subarray(first * this.itemCount))
    }
    this.cold?.overwriteScores(users, undefined, out)
  }

  rankUsers(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined {
    const lists = new BestLists(users.length, k)
    for (const isNumber of this.#pieces(lists, users, k, exclude)) if (!isNumber) return undefined
    this.#overwrite(lists, users, exclude)
    return lists
  }

  /**
   * Ranks as {@link rankUsers}, and gives other work its turn. Each item is read once for all of the users, so that
   * more users at a time are faster when the items do not stay in memory.
   */
  async rank(
    users: Int32Array,
    k: number,
    exclude: InteractionLists,
    signal?: AbortSignal,
  ): Promise<RankedRows | undefined> {
    const lists = new BestLists(users.length, k)
    const slice = new TimeSlice(signal)
    for (const isNumber of this.#pieces(lists, users, k, exclude)) {
      if (!isNumber) return undefined
      if (slice.isOver()) await slice.next()
    }
    this.#overwrite(lists, users, exclude)
    return lists
  }

  /** Closes the panels. */
  close(): void {
    this.#panels.close()
  }

  #overwrite(lists: RankedRows, users: Int32Array, { pointers, items }: InteractionLists): void {
    this.cold?.overwriteLists(lists, users, (place) =>
      items.subarray(pointers[users[place]], pointers[users[place] + 1]),
    )
  }

  /** Adds pieces of the items to the lists; yields true while all scores are numbers. */
  *#pieces(
    lists: BestLists,
    users: Int32Array,
    k: number,
    exclude: InteractionLists,
  ): Generator<boolean> {
    if (!Number.isInteger(k) || k < 1 || k > this.itemCount) {
      throw new InvalidOptionsError(
        `k: got ${k}; expected an integer in 1..${this.itemCount} (the number of items).`,
      )
    }
    const { cache, tables, rule, itemBias } = this.#parts
    const { columns, blockRows } = this.#panels.shape
    const rows = scoredRows(tables.users, users, rule.similarity === 'cosine')
    checkExclude(exclude, users, this)
    const pieceItems = Math.min(itemsPerPiece, blockRows)
    const settings = { columns, pieceItems, k, scale: rule.scale, itemBias }
    const ranker = new PieceRanker(cache.runtime, rows, users, exclude, settings)
    const { shared, perUser } = bytesOfCall(settings, longestList(users, exclude))
    const affordable = Math.floor((bytesPerCall - shared) / perUser)
    const usersPerCall = Math.max(1, Math.min(mostUsersPerCall, affordable))
    for (let block = 0; block < this.#panels.blockCount; block++) {
      const { first } = this.#panels.rowsOf(block)
      const count = Math.min(blockRows, this.itemCount - first)
      for (let start = 0; start < users.length; start += usersPerCall) {
        const end = Math.min(start + usersPerCall, users.length)
        for (let piece = 0; piece < count; piece += pieceItems) {
          const size = Math.min(pieceItems, count - piece)
          const range = { firstItem: first + piece, count: size, firstRow: start, endRow: end }
          const found = cache.with([[this.#panels, block, 'read']], (panels) =>
            ranker.rank(panels + 4 * columns * piece, range),
          )
          if (found) lists.add(start, found)
          yield found !== undefined
        }
      }
    }
  }

  #score(users: Int32Array, out: Float32Array): void {
    const { cache, tables, rule } = this.#parts
    const { runtime } = cache
    const { columns, blockRows } = this.#panels.shape
    const pieceItems = Math.min(itemsPerPiece, blockRows)
    const rows = scoredRows(tables.users, users, rule.similarity === 'cosine')
    const start = runtime.allocate(rows.byteLength + 4 * users.length * pieceItems)
    const scores = start + rows.byteLength
    try {
      runtime.float32(start, rows.length).set(rows)
      for (let block = 0; block < this.#panels.blockCount; block++) {
        const { first } = this.#panels.rowsOf(block)
        const count = Math.min(blockRows, this.itemCount - first)
        for (let piece = 0; piece < count; piece += pieceItems) {
          const size = Math.min(pieceItems, count - piece)
          cache.with([[this.#panels, block, 'read']], (panels) => {
            const given = [start, panels + 4 * columns * piece, columns, size, scores] as const
            runtime.run('matmulPacked', users.length, usersPerChunk, ...given)
          })
          const found = runtime.float32(scores, users.length * size)
          for (let row = 0; row < users.length; row++) {
            const at = row * this.itemCount + first + piece
            out.set(found.subarray(row * size, (row + 1) * size), at)
            this.#scaleAndShift(out, at, first + piece, size)
          }
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

/** Returns the largest number of items that are left out for one of the users. */
function longestList(users: Int32Array, { pointers }: InteractionLists): number {
  return users.reduce((most, user) => Math.max(most, pointers[user + 1] - pointers[user]), 0)
}
