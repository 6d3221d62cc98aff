import type { BipartiteGraph } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import type { ModelCapabilities } from './model-class.js'

/** The names of the classes that have said so. */
const said = /* @__PURE__ */ new Set<string>()

/** Warns once for a class whose models are the same with and without weights of their graph, which has some. */
export function warnOfIgnoredWeights(
  { architecture, capabilities }: { architecture: string; capabilities: ModelCapabilities },
  { isWeighted }: BipartiteGraph,
): void {
  if (!isWeighted || capabilities.usesWeights || said.has(architecture)) return
  said.add(architecture)
  const trained = capabilities.isTrained
    ? "in what it is trained on if positives are drawn by weight (sampling: 'interaction-weighted'), and "
    : ''
  warn(
    `${architecture}: the weights of the graph do not count. They count ${trained}in other models.`,
  )
}
