import type { InteractionLists } from '@gnnrec/graph'

/** Makes embeddings of histories in the place of embeddings of users. */
export interface HistoryEmbedder {
  /**
   * True when an embedding holds only what follows from the history. The rest of a trained user's embedding is then
   * kept when the user's history grows.
   */
  readonly isPart: boolean

  /**
   * Writes the embedding of each history, row-major, histories × embeddingDim. An empty history gets zeros, and no
   * embedding depends on the other histories.
   */
  embed(histories: InteractionLists, out: Float32Array): void

  /** Frees memory outside of the JavaScript heap at once; it is taken again when it is next needed. */
  free(): void
}
