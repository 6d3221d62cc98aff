import { BipartiteGraph, fromRecords } from '@gnnrec/graph'

/** Two users and two items. */
export const smallGraph = BipartiteGraph.fromInteractions(
  fromRecords([
    { user: 'ann', item: 'Alien' },
    { user: 'bob', item: 'Alien' },
    { user: 'bob', item: 'Brazil' },
  ]),
)
