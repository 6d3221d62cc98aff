import { sizeLimits } from '@gnnrec/graph'
import { type Counts, type TensorType, tensorsProblem } from './check-tensors.js'
import type { FoldIn } from './fold-in.js'
import type { ModelKind, ScoreDefinition } from './model-json.js'
import type { TensorMap } from './safetensors.js'

/** Returns what does not fit in the way of folding in and its tensors, or undefined when all fits. */
export function foldInProblem(
  kind: ModelKind,
  { items, embeddingDim }: Counts,
  { foldIn, similarity, scale, itemBias }: ScoreDefinition,
  tensors: TensorMap,
): string | undefined {
  if (!foldIn) {
    return tensors.size > 0 ? `tensors for folding in need 'score.foldIn'` : undefined
  }
  if (kind !== 'embeddings') return `'foldIn' of this kind is for embeddings, not for ${kind}`
  if (foldIn.convention === 'implicit' || foldIn.convention === 'rendle') {
    if (similarity !== 'dot' || scale !== 1 || itemBias) {
      return `'foldIn' by least squares is for embeddings whose score is their plain dot product`
    }
    if (embeddingDim !== undefined && embeddingDim > sizeLimits.foldInDim) {
      return `'foldIn' by least squares is for embeddings of up to ${sizeLimits.foldInDim} numbers, not ${embeddingDim}`
    }
  }
  return tensorsProblem(expectedTensors(foldIn, items, embeddingDim, tensors), tensors)
}

function expectedTensors(
  foldIn: FoldIn,
  items: number,
  dim: number | undefined,
  tensors: TensorMap,
): Readonly<Record<string, TensorType>> {
  switch (foldIn.convention) {
    case 'implicit':
    case 'rendle':
    case 'pairwise':
      return {}
    case 'propagated':
      return {
        items: [Float32Array, [items, dim]],
        ...(tensors.has('smooth') && { smooth: [Float32Array, [dim]] }),
      }
    case 'layered': {
      const layers = tensors.get('items')?.shape[0]
      return {
        items: [Float32Array, [layers, items, dim]],
        maps: [Float32Array, [layers, dim, dim]],
        ...(tensors.has('head') && { head: [Float32Array, [dim, dim]] }),
        ...(tensors.has('headBias') && { headBias: [Float32Array, [dim]] }),
      }
    }
  }
}
