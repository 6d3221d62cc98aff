import type { TrainingSettings } from '@gnnrec/models'
import type { BaselineCandidate } from '../trials/baseline.js'
import { type Candidate, candidate, type ModelName } from '../trials/candidate.js'
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
export const ml1mSettings: Readonly<Record<ModelName, Candidate>> = {
  BprMf: candidate(
    'BprMf',
    { l2Weight: 1e-2 },
    { ...training, batchSize: 8192, learningRate: 2e-3 },
  ),
  LightGcn: candidate('LightGcn', { layers: 2, l2Weight: 1e-3 }, training),
  Gcnii: candidate(
    'Gcnii',
    { layers: 2, activation: 'identity', head: 'none', initialResidual: 0.5, l2Weight: 1e-3 },
    { ...shorter, weightDecay: { conv: 0.01 } },
  ),
  Dgr: candidate(
    'Dgr',
    { layers: 2, regularization: 'layer-zero', l2Weight: 1e-3, neighbourWeight: 1e-4 },
    shorter,
  ),
  SvdGcn: candidate(
    'SvdGcn',
    { variant: 'S', rank: 30, degreeRegularization: 32, filterExponent: 2 },
    training,
  ),
  LayerGcn: candidate('LayerGcn', { layers: 2, edgePruning: 0.1, l2Weight: 1e-3 }, shorter),
  GroupShuffle: candidate('GroupShuffle', { layers: 2, l2Weight: 1e-3 }, shorter),
}

/**
 * Settings of the baselines. Baselines are cheap, so validation chooses among these anew in each
 * run.
 */
export const ml1mBaselines: Readonly<Record<string, readonly BaselineCandidate[]>> = {
  ItemKnn: grid({ neighbours: [50, 100, 200, 400], shrinkage: [0, 10, 100, 1000] }).map(
    (options) => ({ name: 'ItemKnn', ...options }),
  ),
  Ease: grid({ l2Weight: [200, 500, 1000, 2000] }).map((options) => ({ name: 'Ease', ...options })),
}
