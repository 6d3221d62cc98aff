import { GnnRecError } from '@gnnrec/graph'

/** What a model takes at least, by part; bytes. */
export interface ModelMemory {
  /** What is trained. */
  readonly parameters: number
  /** Tables that are computed once. */
  readonly buffers: number
  /** Matrices that it propagates with, or decomposes. */
  readonly operators: number
  /** What it ranks by. */
  readonly finalEmbeddings: number
}

/** A model that needs more memory than it may take; the message says how much and what to do. */
export class ModelTooLargeError extends GnnRecError<'MODEL_TOO_LARGE'> {
  /** What a model that is trained takes at least, by part; undefined of others. */
  readonly parts: ModelMemory | undefined

  constructor(message: string, options?: { cause?: unknown; parts?: ModelMemory }) {
    super('MODEL_TOO_LARGE', message, options)
    this.parts = options?.parts
  }
}
