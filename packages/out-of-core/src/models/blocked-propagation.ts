import type { BipartiteGraph, Rng } from '@gnnrec/graph'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'

/** What a propagation is made from. */
export interface PropagationParts {
  readonly workspace: PropagationWorkspace
  readonly graph: BipartiteGraph
  /** For files that go with the training. */
  readonly folder: string
}

/** How a model makes final embeddings of its tables, and the gradient back. */
export interface BlockedPropagation {
  /**
   * Draws anew what changes with the epoch, from 0.
   *
   * @param rng - the stream that `beginEpoch` of a model in memory is given
   */
  beginEpoch?(epoch: number, rng: Rng, signal?: AbortSignal): Promise<void>
  /** Writes the final embeddings of all nodes, as evaluation sees them, to `out`. */
  forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void>
  /** Final embeddings of some nodes in training. */
  forwardRows(tables: NodeTables, rows: NodeIndices, signal?: AbortSignal): Promise<NodeValues>
  /**
   * The gradient in the tables of what {@link forwardRows} gave last, and of what looks at rows of the
   * tables themselves.
   *
   * @param gradients - in the final embeddings
   * @param direct - in rows of the tables, if there is any
   * @returns tables of the workspace, to be given back
   */
  gradient(
    rows: NodeIndices,
    gradients: NodeValues,
    direct: NodeValues | undefined,
    signal?: AbortSignal,
  ): Promise<NodeTables>
  /** Propagation steps. */
  readonly layers: number
  /**
   * Writes a layer of all nodes, as evaluation has it, to `out`.
   *
   * @param layer - from 1
   * @param x - the layer before
   * @param tables - layer 0
   */
  layer(
    layer: number,
    x: NodeTables,
    tables: NodeTables,
    out: NodeTables,
    signal?: AbortSignal,
  ): Promise<void>
  /** Lets go of what it has besides the workspace. */
  close?(): void
}
