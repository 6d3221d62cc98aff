import { BipartiteGraph, fromColumns, InvalidOptionsError } from '@gnnrec/graph'
import { type GraphModel, models } from '@gnnrec/models'
import { resolveModel } from '../models/resolve-model.js'
import type { OutOfCoreModelSettings } from '../models/resolved-model.js'

/** Number of nodes of each side of the small graph that the model is made on. */
const nodesPerSide = 200

/** Describes a model for training in files, or returns the reason why that is impossible. */
export function filesModel(
  make: (graph: BipartiteGraph) => GraphModel,
): OutOfCoreModelSettings | string {
  const graph = smallGraph()
  const model = make(graph)
  const { architecture, options } = model
  const modelClass = model.constructor
  model.dispose()
  graph.dispose()
  const names = models.names({ files: true })
  const isKnown = names.some((each) => models.get(each) === modelClass)
  if (!isKnown) {
    const name = names.includes(architecture)
      ? `a class derived from ${architecture}`
      : architecture
    return `${name} trains in memory only; in files ${names.join(', ')} do`
  }
  const settings = { architecture, options } as OutOfCoreModelSettings
  try {
    resolveModel(settings)
    return settings
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.message.replace(/\.$/, '')
  }
}

/** Makes a graph in which each user has the items of their own number and of the two after it. */
function smallGraph(): BipartiteGraph {
  const places = Int32Array.from({ length: 3 * nodesPerSide }, (_, at) => at)
  return BipartiteGraph.fromInteractions(
    fromColumns({
      user: [...places].map((at) => Math.floor(at / 3)),
      item: [...places].map((at) => (Math.floor(at / 3) + (at % 3)) % nodesPerSide),
    }),
  )
}
