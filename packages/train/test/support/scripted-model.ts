import { type Batch, type BipartiteGraph, BipartiteGraph as Graph, type Split } from '@gnnrec/graph'
import { GraphModel, type LossTerms } from '@gnnrec/models'
import type { NodeTensors } from '@gnnrec/ops'
import { EmbeddingRecommender } from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { splitOf } from './splits.js'

/** Users of {@link scriptedSplit}, so that hit@1 takes the values 0, 0.1, ... 1. */
const userCount = 10

/** Each of ten users has item 0 in train and item 1 in validation, of 30 items. */
export function scriptedSplit(): Split<number, number> {
  return splitOf({
    itemCount: 30,
    train: Array.from({ length: userCount }, () => [0]),
    validation: Array.from({ length: userCount }, () => [1]),
  })
}

/**
 * One number trained towards 0 from 1; what it recommends follows a script: its hit@1 in the n-th
 * evaluation is `hits[n] / 10`.
 */
export class ScriptedModel extends GraphModel {
  static override readonly architecture = 'ScriptedModel'
  /** The number at each evaluation. */
  readonly snapshots: number[] = []
  readonly #hits: readonly number[]

  constructor(graph: BipartiteGraph, hits: readonly number[]) {
    super(graph, {})
    this.#hits = hits
    this.addParameter('number', Float32Array.of(1), [1])
  }

  static onSplit(split: Split, hits: readonly number[] = []): ScriptedModel {
    return new ScriptedModel(Graph.fromInteractions(split.train), hits)
  }

  get number(): number {
    return this.parameters()['number'].dataSync()[0]
  }

  override forward(): NodeTensors {
    return { users: tf.zeros([userCount, 1]), items: tf.zeros([this.graph.itemCount, 1]) }
  }

  override layerOutputs(): NodeTensors[] {
    return []
  }

  override lossTerms(_batch: Batch): LossTerms {
    return tf.tidy(() => {
      const square = tf.sum(tf.square(this.parameters()['number'])) as tf.Scalar
      return { total: tf.mul(square, 3) as tf.Scalar, terms: { square } }
    })
  }

  override async toRecommender(): Promise<EmbeddingRecommender> {
    const hits = this.#hits[this.snapshots.length]
    this.snapshots.push(this.number)
    const { users, items, interactions } = this.graph
    return new EmbeddingRecommender({
      users,
      items,
      seen: interactions,
      origin: { architecture: this.architecture, options: {}, splitHash: null },
      embeddingDim: 1,
      // Item 1 comes first for users at 1 and last for users at -1.
      userEmbeddings: Float32Array.from({ length: userCount }, (_, u) => (u < hits ? 1 : -1)),
      itemEmbeddings: Float32Array.from({ length: items.size }, (_, i) => -i),
    })
  }
}
