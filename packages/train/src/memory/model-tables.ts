import type { GraphModel } from '@gnnrec/models'
import type { GraphCounts } from './graph-counts.js'

/**
 * Returns the bytes that parameters of a model would have on a graph of other counts: of a table with a row for
 * each node, of all parameters, and of the largest parameter.
 */
export function tablesOf(model: GraphModel, { users, items }: GraphCounts) {
  const { userCount, itemCount, nodeCount } = model.graph
  const grown = new Map([
    [userCount, users],
    [itemCount, items],
    [nodeCount, users + items],
  ])
  const { tensors } = model.describe()
  const trained = tensors.filter(({ role }) => role !== 'buffer')
  const bytes = trained.map(({ role, shape, bytes }) => {
    const rows = role === 'embeddings' ? grown.get(shape[0]) : undefined
    return rows === undefined ? bytes : (bytes / shape[0]) * rows
  })
  const widths = trained.map(({ role, shape }) => (role === 'embeddings' ? (shape[1] ?? 1) : 0))
  const { embeddingDim, rank } = model.options
  const width = Number(embeddingDim ?? rank ?? Math.max(1, ...widths))
  return {
    table: 4 * width * (users + items),
    parameters: bytes.reduce((total, each) => total + each, 0),
    largest: Math.max(0, ...bytes),
  }
}
