import type { BipartiteGraph, Ranker } from '@gnnrec/graph'
import { EmbeddingRecommender } from '@gnnrec/models/serving'
import type { TrainingHistory } from '@gnnrec/train'
import type { BatchLoss } from './models/batch-loss.js'
import type { ResolvedModel } from './models/resolve-model.js'
import type { NodeTables } from './propagation/node-tables.js'
import { BlockedRanker } from './serving/blocked-ranker.js'
import type { TrainingState } from './training/training-state.js'

/** A model that was trained in blocks. Its tables stay in files until {@link close}. */
export class OutOfCoreModel {
  /** What training did; guards are not run, so it has no findings. */
  readonly history: TrainingHistory
  readonly #graph: BipartiteGraph
  readonly #model: ResolvedModel
  readonly #splitHash: string
  readonly #state: TrainingState
  readonly #loss: BatchLoss
  readonly #release: () => Promise<void>
  #ranker: BlockedRanker | undefined

  /** @internal */
  constructor(parts: {
    readonly history: TrainingHistory
    readonly graph: BipartiteGraph
    readonly model: ResolvedModel
    readonly splitHash: string
    readonly state: TrainingState
    readonly loss: BatchLoss
    readonly release: () => Promise<void>
  }) {
    this.history = parts.history
    this.#graph = parts.graph
    this.#model = parts.model
    this.#splitHash = parts.splitHash
    this.#state = parts.state
    this.#loss = parts.loss
    this.#release = parts.release
  }

  /**
   * The model as it stands as a ranker for `evaluate`, whose embeddings stay in files; valid until
   * {@link close}.
   */
  async ranker(): Promise<Ranker> {
    this.#ranker ??= await openRanker(this.#state, this.#loss)
    return this.#ranker
  }

  /**
   * The model as it stands, frozen, with all final embeddings in memory: as `toRecommender` of a model in
   * memory, to the same bytes. Its `save` writes a model folder to answer from.
   *
   * @throws NonFiniteError when an embedding is NaN or infinite
   */
  async toRecommender(): Promise<EmbeddingRecommender> {
    await this.ranker()
    const { users, items, interactions } = this.#graph
    const { architecture, options } = this.#model
    const itemBias = await this.#loss.bias()
    const { final } = this.#state
    return new EmbeddingRecommender(
      {
        ...{ users, items, seen: interactions, ...this.#loss.rule },
        embeddingDim: options.embeddingDim,
        userEmbeddings: allRows(final, 'users'),
        itemEmbeddings: allRows(final, 'items'),
        ...(itemBias && { itemBias }),
        origin: { architecture, options, splitHash: this.#splitHash },
      },
      'keep',
    )
  }

  /** Parameters by name, as `weights` of a model in memory, to whose `restoreWeights` they can be given. */
  async weights() {
    const { embeddings } = this.#state
    const table = (side: 'users' | 'items') => {
      const { rows, columns } = embeddings[side].shape
      return { shape: [rows, columns], data: allRows(embeddings, side) }
    }
    return new Map([
      ['userEmbeddings', table('users')],
      ['itemEmbeddings', table('items')],
      ...(await this.#loss.weights()),
    ])
  }

  /** Frees memory and files but for the graph's blocks and the checkpoints. */
  async close(): Promise<void> {
    this.#ranker?.close()
    this.#ranker = undefined
    this.#state.close()
    this.#loss.dispose()
    await this.#release()
  }
}

/** Ranks by the embeddings as they are now. */
export async function openRanker(state: TrainingState, loss: BatchLoss): Promise<BlockedRanker> {
  const { cache, work: folder, final, propagation, embeddings } = state
  await propagation.forward(embeddings, final)
  const itemBias = await loss.bias()
  return BlockedRanker.open({ cache, folder, tables: final, rule: loss.rule, itemBias })
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
