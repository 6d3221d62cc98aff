import { LightGcn, SvdGcn, type TrainingSettings } from '@gnnrec/models'
import { type Candidate, candidate } from '../trials/candidate.js'

const depths = [2, 4, 8, 16]
const ranks = [15, 30, 60, 120]

/** Training settings: short, so that all depths together take a quarter of an hour. */
const training: TrainingSettings = {
  ...LightGcn.presets.movieLens.training,
  epochs: 30,
  learningRate: 5e-3,
  evaluateEvery: 5,
  earlyStopping: { metric: 'ndcg@10', patience: 10 },
}

/** Models with layers, each with the same L2 weight and training at every depth. */
const layered: Readonly<Record<string, (layers: number) => Candidate>> = {
  'light-gcn': (layers) => candidate('light-gcn', { layers, l2Weight: 1e-3 }, training),
  gcnii: (layers) => candidate('gcnii', { layers, l2Weight: 1e-3 }, training),
  // The default coefficients of DGR are 0.1, 1.1, then 0.
  dgr: (layers) =>
    candidate('dgr', { layers, regularization: 'layer-zero', l2Weight: 1e-3 }, training),
  'layer-gcn': (layers) => candidate('layer-gcn', { layers, l2Weight: 1e-3 }, training),
  'group-shuffle': (layers) => candidate('group-shuffle', { layers, l2Weight: 1e-3 }, training),
}

/** SVD-GCN-S with the filter of its paper for MovieLens-1M. */
const { degreeRegularization, filterExponent } = SvdGcn.presets.paper.movieLens.s.model

export const depthCandidates: readonly { readonly label: string; readonly candidate: Candidate }[] =
  [
    ...Object.entries(layered).flatMap(([name, make]) =>
      depths.map((layers) => ({ label: `${name}, ${layers} layers`, candidate: make(layers) })),
    ),
    ...ranks.map((rank) => ({
      label: `svd-gcn-s, rank ${rank}`,
      candidate: candidate(
        'svd-gcn',
        { variant: 'S', rank, degreeRegularization, filterExponent },
        training,
      ),
    })),
  ]
