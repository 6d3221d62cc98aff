import type { BipartiteGraph } from '@gnnrec/graph'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import type { GroupShuffleOptions } from '../../src/group-shuffle/group-shuffle-options.js'
import { describeFixtures } from '../support/fixture-suite.js'

/** GroupShuffle with given permutations. */
class WithPermutations extends GroupShuffle {
  constructor(graph: BipartiteGraph, options: GroupShuffleOptions, permutations: number[][]) {
    super(graph, options)
    for (const [layer, permutation] of permutations.entries()) {
      this.buffer(`layer.${layer}.permutation`).set(permutation)
    }
  }
}

describeFixtures({
  model: 'groupshuffle',
  count: 8,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create(graph, { params }) {
    const permutations = params['permutations'] as number[][] | undefined
    return new WithPermutations(
      graph,
      {
        embeddingDim: params['dim'] as number,
        layers: params['layers'] as number,
        l2Weight: params['decay'] as number,
        blockSize: params['blockSize'] as number,
        initialResidual: params['alpha'] as number,
        factors: params['factors'] as 1 | 2,
        orthogonalMap: params['method'] === 'exp' ? 'exponential' : 'cayley',
        shuffle: permutations ? 'random' : 'stride',
      },
      permutations ?? [],
    )
  },
})
