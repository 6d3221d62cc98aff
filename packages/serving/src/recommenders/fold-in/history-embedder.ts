import type { InteractionLists } from '@gnnrec/graph'
import type { KnownHistory } from '../histories.js'

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

  /**
   * Returns the term of each item in the embedding of one history, row-major, in the ways whose embeddings are sums of
   * such terms and of what depends on the number of items only.
   */
  terms?(history: Pick<KnownHistory, 'items' | 'weights'>): Float64Array

  /** Returns the product of a row with the term of each item of the catalogue, in the same ways, up to a positive factor. */
  products?(row: Float32Array): Float32Array

  /** Frees memory outside of the JavaScript heap at once; it is taken again when it is next needed. */
  free(): void
}
