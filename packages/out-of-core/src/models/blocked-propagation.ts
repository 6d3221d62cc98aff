import type { BipartiteGraph, Rng } from '@gnnrec/graph'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'

/** Parts that a propagation is made from. */
export interface PropagationParts {
  readonly workspace: PropagationWorkspace
  readonly graph: BipartiteGraph
  /** Folder for files that are removed when the training is closed. */
  readonly folder: string
}

/** The way of a model from its tables to final embeddings, and of the gradient back. */
export interface BlockedPropagation {
  /**
   * Draws anew what changes with the epoch.
   *
   * @param epoch - number of complete epochs
   * @param rng - the stream that `beginEpoch` of a model in memory is given
   */
  beginEpoch?(epoch: number, rng: Rng, signal?: AbortSignal): Promise<void>
  /** Writes the final embeddings of all nodes, as evaluation sees them, to `out`. */
  forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void>
  /** Computes the final embeddings of some nodes in training. */
  forwardRows(tables: NodeTables, rows: NodeIndices, signal?: AbortSignal): Promise<NodeValues>
  /**
   * Computes the gradient in the tables, of the last {@link forwardRows} and of rows of the tables that the loss
   * looks at directly.
   *
   * @param gradients - gradients in the final embeddings
   * @param direct - gradients in rows of the tables, if there are any
   * @returns tables of the workspace, to be given back
   */
  gradient(
    rows: NodeIndices,
    gradients: NodeValues,
    direct: NodeValues | undefined,
    signal?: AbortSignal,
  ): Promise<NodeTables>
  /** Number of propagation steps. */
  readonly layers: number
  /**
   * Writes a layer of all nodes, as evaluation computes it, to `out`.
   *
   * @param layer - number of the layer, from 1
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
  /** Frees what it has besides the workspace. */
  close?(): void
}
