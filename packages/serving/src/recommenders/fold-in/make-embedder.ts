import type { FoldIn } from '../../model-folder/fold-in.js'
import type { TensorMap } from '../../model-folder/safetensors.js'
import type { HistoryEmbedder } from './history-embedder.js'
import { LeastSquaresEmbedder } from './least-squares-embedder.js'
import { PropagatedEmbedder } from './propagated-embedder.js'

/**
 * Makes what gives histories embeddings.
 *
 * @param tensors - the arrays that the way needs, checked before
 * @param items - the embeddings of the items, row-major
 */
export function makeEmbedder(
  foldIn: FoldIn,
  tensors: TensorMap,
  items: Float32Array,
  dim: number,
): HistoryEmbedder {
  switch (foldIn.convention) {
    case 'implicit':
    case 'rendle':
      return new LeastSquaresEmbedder(foldIn, items, dim)
    case 'propagated':
      return new PropagatedEmbedder(foldIn, tensors, dim)
  }
}
