import {
  type BipartiteGraph,
  interactionLists,
  ShapeMismatchError,
  type Split,
} from '@gnnrec/graph'

/** @throws ShapeMismatchError unless the graph of a model has the nodes and edges of `split.train` */
export function checkGraph(graph: BipartiteGraph, { train }: Split): void {
  const { users, items } = train
  if (graph.userCount !== users.size || graph.itemCount !== items.size) {
    throw new ShapeMismatchError(
      `The model's graph has ${graph.userCount} users and ${graph.itemCount} items, the split ${users.size} and ${items.size}; make the model on BipartiteGraph.fromInteractions(split.train).`,
    )
  }
  const lists = interactionLists(train)
  const isSame =
    sameNumbers(graph.interactions.pointers, lists.pointers) &&
    sameNumbers(graph.interactions.items, lists.items)
  if (isSame) return
  throw new ShapeMismatchError(
    `The model's graph has ${graph.edgeCount} edges that are not the ${lists.items.length} of split.train; make the model on BipartiteGraph.fromInteractions(split.train), not on the whole table.`,
  )
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
