/** Edges of the generated graph, and those of each of its users; it has as many items as users. */
export const defaultEdges = 100_000_000
export const perUser = 20
/** Bytes for blocks: the process is to stay below 6 GB. */
export const windows = 3.3e9
/** Numbers of an embedding. */
export const dimensions = 64
