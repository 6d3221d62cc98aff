import { GnnRecError } from '@gnnrec/graph'

/** The least memory that a model takes, in bytes by part. */
export interface ModelMemory {
  /** Trained tensors. */
  readonly parameters: number
  /** Tables that are computed once. */
  readonly buffers: number
  /** Matrices that it propagates with, or decomposes. */
  readonly operators: number
  /** Embeddings that the model ranks by. */
  readonly finalEmbeddings: number
}

/**
 * A model that needs more memory than it may take; the message says how much and what to do.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn, ModelTooLargeError } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * try {
 *   new LightGcn(graph, { maxMemory: 100 })
 * } catch (error) {
 *   if (error instanceof ModelTooLargeError) console.log(error.parts)
 * }
 * ```
 */
export class ModelTooLargeError extends GnnRecError<'MODEL_TOO_LARGE'> {
  /** The least memory of a trained model, in bytes by part; undefined for baselines. */
  readonly parts: ModelMemory | undefined

  constructor(message: string, options?: { cause?: unknown; parts?: ModelMemory }) {
    super('MODEL_TOO_LARGE', message, options)
    this.parts = options?.parts
  }
}
