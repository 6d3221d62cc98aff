import type { GraphModel } from '@gnnrec/models'

/** The size of a graph. */
export type GraphCounts = Parameters<GraphModel['memoryLaw']>[0]
