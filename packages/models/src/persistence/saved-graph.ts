import { BipartiteGraph, type Id, type InteractionTable } from '@gnnrec/graph'
import type { ModelParts } from '@gnnrec/serving/model-folder'

/** Makes the training graph from the ids and the seen items of a saved model, and their weights if it had any. */
export function savedGraph(parts: ModelParts): BipartiteGraph {
  const { users, items, seen } = parts
  const userIndex = new Int32Array(seen.items.length)
  for (let user = 0; user < users.size; user++) {
    userIndex.fill(user, seen.pointers[user], seen.pointers[user + 1])
  }
  const { items: itemIndex, weights } = seen
  const table: InteractionTable<Id, Id> = {
    users,
    items,
    userIndex,
    itemIndex,
    ...(weights && { weight: weights }),
  }
  return BipartiteGraph.fromInteractions(table, { weights: weights ? 'counts' : 'none' })
}
