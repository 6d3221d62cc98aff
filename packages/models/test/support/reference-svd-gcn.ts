import type { Batch } from '@gnnrec/graph'
import type { Pairs } from '../../src/svd-gcn/pair-sampler.js'
import { bpr64, type Nodes64, row64, softplus64 } from './reference.js'

/** Weights of the loss of SVD-GCN. */
export interface SvdGcnWeights {
  readonly rank: number
  readonly embeddingDim: number
  readonly l2Weight: number
  readonly userPairWeight?: number
  readonly itemPairWeight?: number
}

/** The loss of a trained variant, in float64, from the filtered vectors of all nodes and W. */
export function svdGcnLoss64(
  features: Float32Array,
  weight: Float64Array,
  userCount: number,
  batch: Batch,
  pairs: { readonly users?: Pairs; readonly items?: Pairs },
  weights: SvdGcnWeights,
): number {
  const nodes = project64(features, weight, userCount, weights)
  const samples = batch.users.length
  const itemNodes = (items: Int32Array) => items.map((item) => userCount + item)
  const positives = itemNodes(batch.positives)
  const used = [...batch.users, ...positives, ...itemNodes(batch.negatives)]
  let loss = bpr64(nodes, batch)
  const addPairs = (own: Int32Array, nears: Int32Array, strangers: Int32Array, factor: number) => {
    for (const [at, node] of own.entries()) {
      const [near, stranger] = [nears[at] as number, strangers[at] as number]
      const margin = dot64(nodes, node, stranger) - dot64(nodes, node, near)
      loss += (factor * softplus64(margin)) / samples
      used.push(near, stranger)
    }
  }
  if (pairs.users) {
    const { places, positives: nears, negatives: strangers } = pairs.users
    const own = places.map((place) => batch.users[place] as number)
    addPairs(own, nears, strangers, weights.userPairWeight as number)
  }
  if (pairs.items) {
    const { places, positives: nears, negatives: strangers } = pairs.items
    const own = places.map((place) => positives[place] as number)
    addPairs(own, itemNodes(nears), itemNodes(strangers), weights.itemPairWeight as number)
  }
  const squares = used.reduce((sum, node) => sum + dot64(nodes, node, node), 0)
  return loss + (weights.l2Weight * squares) / 2 / samples
}

function project64(
  features: Float32Array,
  weight: Float64Array,
  userCount: number,
  { rank, embeddingDim }: SvdGcnWeights,
): Nodes64 {
  const values = new Float64Array((features.length / rank) * embeddingDim)
  for (let at = 0; at < values.length; at++) {
    const [node, c] = [Math.floor(at / embeddingDim), at % embeddingDim]
    for (let k = 0; k < rank; k++) {
      values[at]! +=
        (features[node * rank + k] as number) * (weight[k * embeddingDim + c] as number)
    }
  }
  return { values, userCount, dim: embeddingDim }
}

function dot64(nodes: Nodes64, first: number, second: number): number {
  const other = row64(nodes, second)
  return row64(nodes, first).reduce((sum, value, c) => sum + value * (other[c] as number), 0)
}
