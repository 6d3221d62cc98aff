/** Edges of the generated graph, and edges of each user; the graph has as many items as users. */
export const defaultEdges = 100_000_000
export const perUser = 20
/** Bytes for blocks; with them the process stays below 6 GB. */
export const windows = 3.3e9
/** Length of an embedding. */
export const dimensions = 64
