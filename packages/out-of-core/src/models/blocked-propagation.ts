import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'

/** How a model makes final embeddings of its tables, and the gradient back. */
export interface BlockedPropagation {
  /** Writes the final embeddings of all nodes, as evaluation sees them, to `out`. */
  forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void>
  /** Final embeddings of some nodes in training. */
  forwardRows(tables: NodeTables, rows: NodeIndices, signal?: AbortSignal): Promise<NodeValues>
  /**
   * The gradient in the tables of what {@link forwardRows} gave last.
   *
   * @returns tables that are to be discarded
   */
  gradient(rows: NodeIndices, gradients: NodeValues, signal?: AbortSignal): Promise<NodeTables>
}
