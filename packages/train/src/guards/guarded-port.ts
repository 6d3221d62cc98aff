import type { TrainedModel } from '../loop/trained-model.js'
import type { TrainingPort } from '../loop/training-port.js'
import { measureDataGradient } from './data-gradient.js'
import { finalEmbeddings, type GuardedModel } from './guarded-model.js'

/** Returns the model of a training as guards see it. */
export function guardedPort(
  { architecture, options, graph }: TrainedModel,
  port: TrainingPort,
  signal: AbortSignal,
): GuardedModel {
  return {
    architecture,
    options,
    graph,
    samples: (nodes) => port.sampleParameters(nodes),
    ranker: () => port.ranker(),
    async *layers(nodes) {
      for await (const { layer, users, items, dim } of port.sampleLayers(nodes, signal)) {
        const name = layer === 'final' ? finalEmbeddings : `layer ${layer}`
        yield { name, users, items, dim }
      }
    },
    dataGradient: (batch) => measureDataGradient(port, batch, signal),
    ...(port.probeLoss && { probe: port.probeLoss.bind(port) }),
  }
}
