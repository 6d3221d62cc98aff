import type { BipartiteGraph, Rng } from '@gnnrec/graph'

/** The directed edges that a step keeps: rows of users first, nodes numbered users, then items. */
export type DirectedEdges = ReadonlySet<string>

export const directedEdge = (row: number, column: number) => `${row} ${column}`

/** Every edge in both directions. */
export function allDirectedEdges(graph: BipartiteGraph): string[] {
  const edges: string[] = []
  for (let user = 0; user < graph.userCount; user++) {
    for (const item of graph.userItems(user)) {
      const node = graph.userCount + item
      edges.push(directedEdge(user, node), directedEdge(node, user))
    }
  }
  return edges
}

/**
 * A stream whose draws make edge dropout keep the given edges and no others, at every step: draws
 * by address are 0 (dropped, below any rate) or just under 1 (kept).
 */
export function maskStream(graph: BipartiteGraph, kept: DirectedEdges): Rng {
  const pattern = graph.biadjacency()
  const directions = [pattern, pattern.transpose()].map((matrix, direction) => {
    const [rows, columns] = direction === 0 ? [0, graph.userCount] : [graph.userCount, 0]
    const names: string[] = []
    for (let row = 0; row < matrix.rows; row++) {
      for (
        let e = matrix.rowPointers[row] as number;
        e < (matrix.rowPointers[row + 1] as number);
        e++
      ) {
        names.push(directedEdge(rows + row, columns + (matrix.columnIndices[e] as number)))
      }
    }
    return names
  })
  const stream = {
    fork: () => stream,
    uniformAt: (direction: number, entry: number) =>
      kept.has(directions[direction]?.[entry] as string) ? 1 - 2 ** -53 : 0,
  }
  return stream as unknown as Rng
}
