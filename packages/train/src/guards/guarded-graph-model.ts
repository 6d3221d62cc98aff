import { yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { gatherRows, type NodeTensors } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { measureDataGradient } from './data-gradient.js'
import { finalEmbeddings, type GuardedModel, type SampledLayer } from './guarded-model.js'
import { probeLoss } from './loss-probe.js'
import { sampleParameters } from './parameter-samples.js'
import type { SampledNodes } from './sampled-nodes.js'

/** Adapts a model in memory for guards. */
export function guardedGraphModel(model: GraphModel): GuardedModel {
  return {
    architecture: model.architecture,
    options: model.options,
    graph: model.graph,
    samples: (nodes) => sampleParameters(model, nodes),
    async ranker() {
      const ranker = await model.toRecommender()
      return { ranker, release: () => ranker.dispose() }
    },
    layers: (nodes) => sampledLayers(model, nodes),
    dataGradient: (batch) => measureDataGradient(model, batch),
    probe: (batch) => probeLoss(model, batch),
  }
}

async function* sampledLayers(
  model: GraphModel,
  { users, items }: SampledNodes,
): AsyncGenerator<SampledLayer> {
  const sampled = (layer: NodeTensors) => ({
    users: gather(layer.users, users),
    items: gather(layer.items, items),
  })
  const layers = tf.tidy(() => model.layerOutputs().map(sampled))
  await yieldToEventLoop()
  const final = tf.tidy(() => sampled(model.forward()))
  await yieldToEventLoop()
  const named = [
    ...layers.map((rows, layer) => [`layer ${layer}`, rows] as const),
    [finalEmbeddings, final] as const,
  ]
  for (const [name, rows] of named) {
    const values = {
      users: await rows.users.data<'float32'>(),
      items: await rows.items.data<'float32'>(),
    }
    yield { name, ...values, dim: rows.users.shape[1] }
    tf.dispose(rows)
  }
}

function gather(table: Tensor2D, rows: Int32Array): Tensor2D {
  return gatherRows(table, tf.tensor1d(rows, 'int32'))
}
