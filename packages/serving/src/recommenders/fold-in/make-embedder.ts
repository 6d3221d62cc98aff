import type { FoldIn } from '../../model-folder/fold-in.js'
import type { TensorMap } from '../../model-folder/safetensors.js'
import type { HistoryEmbedder } from './history-embedder.js'
import { LayeredEmbedder } from './layered-embedder.js'
import { LeastSquaresEmbedder } from './least-squares-embedder.js'
import { PairwiseEmbedder } from './pairwise-embedder.js'
import { PropagatedEmbedder } from './propagated-embedder.js'

/**
 * Makes what gives histories embeddings.
 *
 * @param tensors - the arrays that the way needs, checked before
 * @param items - the embeddings by which items are scored, row-major, and what is added to the scores
 */
export function makeEmbedder(
  foldIn: FoldIn,
  tensors: TensorMap,
  items: { readonly rows: Float32Array; readonly bias: Float32Array | undefined },
  dim: number,
): HistoryEmbedder {
  switch (foldIn.convention) {
    case 'implicit':
    case 'rendle':
      return new LeastSquaresEmbedder(foldIn, items.rows, dim)
    case 'propagated':
      return new PropagatedEmbedder(foldIn, tensors, dim)
    case 'layered':
      return new LayeredEmbedder(foldIn, tensors, dim)
    case 'pairwise':
      return new PairwiseEmbedder(foldIn, items, dim)
  }
}
