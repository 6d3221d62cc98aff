import type { BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { inBatchSoftmaxLoss } from './in-batch-softmax.js'
import { logItemChances } from './item-chances.js'
import type { RankingLoss } from './ranking-loss.js'
import { unitRows } from './unit-rows.js'

interface SampledSoftmaxOptions {
  readonly similarity: 'cosine' | 'dot'
  readonly temperature: number
  /** The strategy that draws positives, for the log-Q correction; undefined without it. */
  readonly sampling: SamplingStrategy | undefined
  readonly itemBias: boolean
  /** β of the β · ln(degree) that ranking adds. */
  readonly popularityWeight: number
}

/**
 * {@link inBatchSoftmaxLoss} as a part of a model, on s_bj = similarity / temperature + bias of j. It
 * ranks by that score, without the correction (the model scores as if over all items), plus
 * popularityWeight · ln(degree of the item).
 */
export function sampledSoftmax({
  similarity,
  temperature,
  sampling,
  itemBias,
  popularityWeight,
}: SampledSoftmaxOptions): RankingLoss {
  const scale = 1 / temperature
  const known = new WeakMap<BipartiteGraph, Float32Array>()
  const logChances = (graph: BipartiteGraph, strategy: SamplingStrategy): Float32Array => {
    const values = known.get(graph) ?? logItemChances(graph, strategy)
    known.set(graph, values)
    return values
  }
  return {
    scoreRule: { similarity, scale },
    itemBias,
    ...(popularityWeight > 0 && {
      rankingBias: ({ itemDegrees }: BipartiteGraph) =>
        Float32Array.from(
          itemDegrees,
          (degree) => popularityWeight * Math.log(Math.max(degree, 1)),
        ),
    }),
    usesNegatives: false,
    sampling,
    terms({ users, positives, bias, indices, graph }) {
      const direction = (rows: Tensor2D) => (similarity === 'cosine' ? unitRows(rows) : rows)
      const left = tf.mul<Tensor2D>(direction(users), scale)
      const scores = allPairs(left, direction(positives), bias?.positives)
      const items = indices.positives
      const chances = sampling && logChances(graph, sampling)
      const value = inBatchSoftmaxLoss(
        scores,
        items,
        chances && Float32Array.from(items, (item) => chances[item]),
      )
      return { softmax: { value, weight: 1 } }
    },
  }
}

/** left · rightᵀ + bias of each column. */
function allPairs(left: Tensor2D, right: Tensor2D, bias: Tensor1D | undefined): Tensor2D {
  const products: Tensor2D = tf.matMul(left, right, false, true)
  if (!bias) return products
  // A product with ones, because adding a row goes through every index of the matrix in tfjs.
  const ones = tf.ones<tf.Rank.R2>([left.shape[0], 1])
  return tf.add<Tensor2D>(products, tf.matMul(ones, tf.reshape<tf.Rank.R2>(bias, [1, -1])))
}
