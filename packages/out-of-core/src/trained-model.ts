import {
  type BipartiteGraph,
  type Id,
  type InteractionLists,
  NonFiniteError,
  type Ranker,
} from '@gnnrec/graph'
import { EmbeddingRecommender, type Recommendation } from '@gnnrec/serving'
import { type StreamedTensor, writeStreamedModelFolder } from '@gnnrec/serving/model-folder'
import type { TrainingHistory } from '@gnnrec/train'
import type { BlockTable } from './cache/block-table.js'
import type { BatchLoss } from './models/batch-loss.js'
import type { ResolvedModel } from './models/resolved-model.js'
import { sides } from './operator/sides.js'
import type { NodeTables } from './propagation/node-tables.js'
import { BlockedRanker } from './serving/blocked-ranker.js'
import { OpenedOnce } from './serving/opened-once.js'
import { type OutOfCoreRecommendOptions, recommendAll } from './serving/recommend-all.js'
import type { TrainingFiles } from './training/training-files.js'

/**
 * A model that was trained in blocks. Its tables stay in files until {@link close}. `OutOfCoreTrainer.fit` makes it.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const split = splitRows(table, { train: [0, 1, 2, 3], validation: [], test: [] }, { name: 'shop' })
 * const trainer = new OutOfCoreTrainer({
 *   model: { architecture: 'light-gcn', options: { embeddingDim: 8, layers: 1 } },
 *   split,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 100_000_000,
 *   epochs: 3,
 * })
 * const model = await trainer.fit()
 * for await (const lists of model.recommendAll({ k: 2 })) console.log(lists)
 * await model.close()
 * ```
 */
export class OutOfCoreModel {
  /** History of the training. */
  readonly history: TrainingHistory
  readonly #graph: BipartiteGraph
  readonly #model: ResolvedModel
  readonly #splitHash: string
  readonly #files: TrainingFiles
  readonly #loss: BatchLoss
  readonly #release: () => Promise<void>
  readonly #ranker: OpenedOnce<BlockedRanker>

  /** @internal */
  constructor(parts: {
    readonly history: TrainingHistory
    readonly graph: BipartiteGraph
    readonly model: ResolvedModel
    readonly splitHash: string
    readonly files: TrainingFiles
    readonly loss: BatchLoss
    readonly release: () => Promise<void>
  }) {
    this.history = parts.history
    this.#graph = parts.graph
    this.#model = parts.model
    this.#splitHash = parts.splitHash
    this.#files = parts.files
    this.#loss = parts.loss
    this.#release = parts.release
    this.#ranker = new OpenedOnce(
      () => openRanker(this.#files, this.#loss, this.#graph.interactions),
      (ranker) => ranker.close(),
    )
  }

  /**
   * Makes a ranker for `evaluate`, whose embeddings stay in files; valid until {@link close}.
   */
  async ranker(): Promise<Ranker> {
    return this.#ranker.get()
  }

  /**
   * Finds the best items for all users, block by block, with the embeddings in files, to the same bytes as
   * `recommendAll` of {@link toRecommender}. `writeRecommendations` writes them into a
   * file. Valid until {@link close}.
   *
   * @throws InvalidOptionsError for a wrong option
   * @throws UnknownIdError for a user that the model never saw
   * @throws NonFiniteError when a score is NaN
   */
  recommendAll(
    options: OutOfCoreRecommendOptions = {},
  ): AsyncIterableIterator<Recommendation<Id, Id>[]> {
    return recommendAll(this.#graph, () => this.#ranker.get(), options)
  }

  /**
   * Makes a recommender with all final embeddings in memory, to the same bytes as `toRecommender` of a model in
   * memory.
   *
   * @throws NonFiniteError when an embedding is NaN or infinite
   */
  async toRecommender(): Promise<EmbeddingRecommender> {
    await this.ranker()
    const { users, items, interactions } = this.#graph
    const { architecture, options } = this.#model
    const itemBias = await this.#loss.bias()
    const { final } = this.#files
    return new EmbeddingRecommender({
      ...this.#loss.rule,
      users,
      items,
      seen: interactions,
      embeddingDim: options.embeddingDim,
      userEmbeddings: allRows(final, 'users'),
      itemEmbeddings: allRows(final, 'items'),
      ...(itemBias && { itemBias }),
      origin: { architecture, options, splitHash: this.#splitHash },
      copy: false,
    })
  }

  /** Reads all parameters by name; `restoreWeights` of a model in memory takes them. */
  async weights() {
    const { embeddings } = this.#files
    const table = (side: 'users' | 'items') => {
      const { rows, columns } = embeddings[side].shape
      return { shape: [rows, columns], data: allRows(embeddings, side) }
    }
    return new Map([
      ['userEmbeddings', table('users')],
      ['itemEmbeddings', table('items')],
      ...this.#loss.weights(),
    ])
  }

  /**
   * Saves the model piece by piece, to the same files as `save` of a model in memory: weights to go on training,
   * final embeddings to answer with, ids and seen items.
   *
   * @param target - a folder (path or file URL)
   * @throws SerializationError when writing fails; what was there before stays readable
   * @throws NonFiniteError when an embedding is NaN or infinite, before anything is written
   */
  async save(target: string | URL): Promise<void> {
    await this.ranker()
    const { users, items, interactions } = this.#graph
    const { architecture, options } = this.#model
    const { embeddings, final } = this.#files
    const itemBias = await this.#loss.bias()
    for (const side of sides) checkFinite(final, side)
    const small = (name: string, data: Float32Array) =>
      [name, { shape: [data.length], pieces: () => [data] }] as const
    const weights = this.#loss.weights()
    await writeStreamedModelFolder(target, {
      architecture,
      options,
      splitHash: this.#splitHash,
      users,
      items,
      seen: interactions,
      embeddingDim: options.embeddingDim,
      score: { ...this.#loss.rule, itemBias: itemBias !== undefined },
      weights: new Map([
        ['userEmbeddings', streamed(embeddings.users)],
        ['itemEmbeddings', streamed(embeddings.items)],
        ...[...weights].map(([name, { data }]) => small(name, data as Float32Array)),
      ]),
      serving: new Map([
        ['users', streamed(final.users)],
        ['items', streamed(final.items)],
        ...(itemBias ? [small('itemBias', itemBias)] : []),
      ]),
    })
  }

  /** Frees memory and files but for the graph's blocks and the checkpoints. */
  async close(): Promise<void> {
    try {
      await this.#ranker.close()
    } finally {
      try {
        this.#files.close()
      } finally {
        this.#loss.dispose()
        await this.#release()
      }
    }
  }
}

/** Makes a ranker by the present embeddings. */
export async function openRanker(
  files: TrainingFiles,
  loss: BatchLoss,
  seen: InteractionLists,
): Promise<BlockedRanker> {
  const { cache, work: folder, final, propagation, embeddings } = files
  await propagation.forward(embeddings, final)
  const itemBias = await loss.bias()
  return BlockedRanker.open({ cache, folder, tables: final, rule: loss.rule, itemBias, seen })
}

/** Approximate size of a piece in bytes. */
const pieceBytes = 2 ** 20

/** Makes a tensor of a table, read in pieces that are copies. */
function streamed(table: BlockTable): StreamedTensor {
  const { rows, columns } = table.shape
  const most = Math.max(1, Math.floor(pieceBytes / (4 * columns)))
  return {
    shape: [rows, columns],
    *pieces() {
      for (let first = 0; first < rows; first += most) {
        const count = Math.min(most, rows - first)
        const piece = new Float32Array(count * columns)
        table.gather(
          Int32Array.from({ length: count }, (_, at) => first + at),
          piece,
        )
        yield piece
      }
    },
  }
}

/** @throws NonFiniteError naming the first row that holds a NaN or an infinite number */
function checkFinite(tables: NodeTables, side: 'users' | 'items'): void {
  let row = 0
  for (const piece of streamed(tables[side]).pieces()) {
    const bad = piece.findIndex((value) => !Number.isFinite(value))
    const { columns } = tables[side].shape
    if (bad >= 0) {
      throw new NonFiniteError(
        `The embedding of row ${row + Math.floor(bad / columns)} of the ${side} holds ${piece[bad]}; the model has diverged.`,
      )
    }
    row += piece.length / columns
  }
}

function allRows(tables: NodeTables, side: 'users' | 'items'): Float32Array {
  const { rows, columns } = tables[side].shape
  const out = new Float32Array(rows * columns)
  tables[side].gather(
    Int32Array.from({ length: rows }, (_, row) => row),
    out,
  )
  return out
}
