import type { TrainingSettings } from '@gnnrec/models'
import type { BaselineCandidate } from '../trials/baseline.js'
import { type Candidate, candidate } from '../trials/candidate.js'
import { grid } from '../trials/search.js'

const training: TrainingSettings = {
  epochs: 80,
  batchSize: 4096,
  learningRate: 5e-3,
  sampling: 'user-uniform',
  evaluateEvery: 10,
}

/** Training settings of models that cost more: they were tried with this number of epochs only. */
const shorter: TrainingSettings = { ...training, epochs: 50 }

/**
 * Settings of each model. Validation MRR@10 chose those of BPR-MF and LightGCN and the filter of
 * SVD-GCN among a few; the other models have LightGCN's L2 weight and learning rate.
 */
export const ml1mSettings: Readonly<Record<string, Candidate>> = {
  'bpr-mf': candidate(
    'bpr-mf',
    { l2Weight: 1e-2 },
    { ...training, batchSize: 8192, learningRate: 2e-3 },
  ),
  'light-gcn': candidate('light-gcn', { layers: 2, l2Weight: 1e-3 }, training),
  gcnii: candidate(
    'gcnii',
    { layers: 2, activation: 'identity', head: 'none', initialResidual: 0.5, l2Weight: 1e-3 },
    { ...shorter, weightDecay: { conv: 0.01 } },
  ),
  dgr: candidate(
    'dgr',
    { layers: 2, regularization: 'layer-zero', l2Weight: 1e-3, neighbourWeight: 1e-4 },
    shorter,
  ),
  'svd-gcn': candidate(
    'svd-gcn',
    { variant: 'S', rank: 30, degreeRegularization: 32, filterExponent: 2 },
    training,
  ),
  'layer-gcn': candidate('layer-gcn', { layers: 2, edgePruning: 0.1, l2Weight: 1e-3 }, shorter),
  'group-shuffle': candidate('group-shuffle', { layers: 2, l2Weight: 1e-3 }, shorter),
}

/**
 * Settings of the baselines. Baselines are cheap, so validation chooses among these anew in each
 * run.
 */
export const ml1mBaselines: Readonly<Record<string, readonly BaselineCandidate[]>> = {
  'item-knn': grid({ neighbours: [50, 100, 200, 400], shrinkage: [0, 10, 100, 1000] }).map(
    (options) => ({ name: 'item-knn', options }),
  ),
  ease: grid({ l2Weight: [200, 500, 1000, 2000] }).map((options) => ({ name: 'ease', options })),
}
