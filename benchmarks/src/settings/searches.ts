import { LightGcn } from '@gnnrec/models'
import { candidate } from '../trials/candidate.js'
import { grid, type Search, search } from '../trials/search.js'

const { training } = LightGcn.presets.recommended

/** Settings that `tune` tries for each model; the others are those of the papers. */
export const searches: Readonly<Record<string, Search>> = {
  'bpr-mf': search(
    candidate('bpr-mf', {}, training),
    grid({ learningRate: [1e-3, 2e-3, 5e-3], l2Weight: [1e-3, 1e-2, 3e-2, 1e-1] }),
  ),
  'light-gcn': search(
    candidate('light-gcn', {}, training),
    grid({
      learningRate: [1e-3, 2e-3, 5e-3],
      l2Weight: [1e-3, 1e-2, 3e-2, 1e-1],
      layers: [2, 3],
    }),
  ),
  gcnii: search(
    candidate(
      'gcnii',
      { layers: 2, l2Weight: 1e-2 },
      { ...training, learningRate: 2e-3, weightDecay: { conv: 0.01 } },
    ),
    grid({ initialResidual: [0.1, 0.5] }).flatMap((change) => [
      { ...change, activation: 'relu', head: 'linear' } as const,
      { ...change, activation: 'identity', head: 'none' } as const,
    ]),
    grid({ learningRate: [2e-3, 5e-3], l2Weight: [1e-2, 3e-2] }),
    grid({ layers: [2, 4] }),
  ),
  dgr: search(
    candidate('dgr', { regularization: 'layer-zero' }, training),
    [
      { regularization: 'official', l2Weight: 1e-4 },
      ...grid({ neighbourWeight: [1e-4, 1e-3, 1e-2], l2Weight: [1e-2, 3e-2, 1e-1] }),
    ],
    grid({ learningRate: [1e-3, 2e-3, 5e-3] }),
  ),
  'svd-gcn': search(
    candidate('svd-gcn', { variant: 'S' }, training),
    grid({
      rank: [15, 30, 60, 90],
      degreeRegularization: [0, 2, 4, 8, 16],
      filterExponent: [1, 2, 3, 4, 6],
    }),
  ),
  'layer-gcn': search(
    candidate('layer-gcn', { layers: 4, edgePruning: 0.1 }, training),
    grid({ learningRate: [1e-3, 2e-3, 5e-3], l2Weight: [1e-3, 1e-2, 3e-2] }),
    grid({ layers: [2, 3, 4], edgePruning: [0, 0.1, 0.2] }),
  ),
  'group-shuffle': search(
    candidate('group-shuffle', { layers: 3, blockSize: 8 }, training),
    grid({ learningRate: [2e-3, 5e-3], l2Weight: [1e-2, 3e-2] }),
    grid({ layers: [2, 3] }),
    grid({ initialResidual: [0, 0.1, 0.3] }),
  ),
}
