import { type BipartiteGraph, NonFiniteError, ShapeMismatchError } from '@gnnrec/graph'

/** The embeddings of one layer. */
export interface NodeEmbeddings {
  /** Rows of the users, users × dimensions, row by row, finite. */
  readonly users: Float32Array | Float64Array
  /** Rows of the items, items × dimensions, row by row, finite. */
  readonly items: Float32Array | Float64Array
  /** Length of a row, an integer >= 1. */
  readonly dimensions: number
}

/** A view of the rows of all nodes, users first. */
export class NodeRows {
  readonly count: number
  readonly dimensions: number
  readonly #users: Float32Array | Float64Array
  readonly #items: Float32Array | Float64Array
  readonly #userCount: number

  /** @throws NonFiniteError when a number is NaN or infinite */
  constructor({ users, items, dimensions }: NodeEmbeddings) {
    this.dimensions = dimensions
    this.#users = users
    this.#items = items
    this.#userCount = users.length / dimensions
    this.count = (users.length + items.length) / dimensions
    for (const [side, values] of Object.entries({ user: users, item: items })) {
      const place = values.findIndex((value) => !Number.isFinite(value))
      if (place === -1) continue
      throw new NonFiniteError(
        `The embedding of ${side} index ${Math.floor(place / dimensions)} holds ${values[place]}; expected finite numbers.`,
      )
    }
  }

  /** Returns a view of the row of a node. */
  row(node: number): Float32Array | Float64Array {
    const isUser = node < this.#userCount
    const start = (isUser ? node : node - this.#userCount) * this.dimensions
    return (isUser ? this.#users : this.#items).subarray(start, start + this.dimensions)
  }
}

/**
 * Checks the shape of embeddings.
 *
 * @throws ShapeMismatchError when they are not one row for each node of the graph
 */
export function checkShape(graph: BipartiteGraph, layer: NodeEmbeddings): void {
  const { users, items, dimensions } = layer
  for (const [name, values, count] of [
    ['users', users, graph.userCount],
    ['items', items, graph.itemCount],
  ] as const) {
    if (Number.isInteger(dimensions) && dimensions >= 1 && values.length === count * dimensions) {
      continue
    }
    throw new ShapeMismatchError(
      `${name}: got ${values.length} numbers in rows of ${dimensions}; expected a row for each of ${count} ${name} of the graph.`,
    )
  }
}

/** Returns the dot product. */
export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}
