import type { BipartiteGraph } from '@gnnrec/graph'
import type { BipartiteOperator } from '@gnnrec/ops'

/** The blocks of (D + αI)^{-1/2} A (D + αI)^{-1/2} with α = `regularization`, shared by all who ask. */
export function symmetricOperator(graph: BipartiteGraph, regularization = 0): BipartiteOperator {
  const toUsers = graph.biadjacency({ normalization: 'symmetric', regularization })
  return { toUsers, toItems: toUsers.transpose() }
}
