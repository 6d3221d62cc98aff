import { presets, type TrainingSettings } from '@gnnrec/models'
import { type Candidate, candidate, type ModelName } from '../trials/candidate.js'

const depths = [2, 4, 8, 16]
const ranks = [15, 30, 60, 120]

/** Training settings: short, so that all depths together take a quarter of an hour. */
const training: TrainingSettings = {
  ...presets.lightGcn.movieLens.training,
  epochs: 30,
  learningRate: 5e-3,
  evaluateEvery: 5,
  earlyStopping: { metric: 'ndcg@10', patience: 10 },
}

/** Models with layers, each with the same L2 weight and training at every depth. */
const layered: { readonly [Name in ModelName]?: (layers: number) => Candidate } = {
  LightGcn: (layers) => candidate('LightGcn', { layers, l2Weight: 1e-3 }, training),
  Gcnii: (layers) => candidate('Gcnii', { layers, l2Weight: 1e-3 }, training),
  // The default coefficients of DGR are 0.1, 1.1, then 0.
  Dgr: (layers) =>
    candidate('Dgr', { layers, regularization: 'layer-zero', l2Weight: 1e-3 }, training),
  LayerGcn: (layers) => candidate('LayerGcn', { layers, l2Weight: 1e-3 }, training),
  GroupShuffle: (layers) => candidate('GroupShuffle', { layers, l2Weight: 1e-3 }, training),
}

/** SVD-GCN-S with the filter of its paper for MovieLens-1M. */
const { degreeRegularization, filterExponent } = presets.svdGcn.paper.movieLens.s.model

export const depthCandidates: readonly { readonly label: string; readonly candidate: Candidate }[] =
  [
    ...Object.entries(layered).flatMap(([name, make]) =>
      depths.map((layers) => ({ label: `${name}, ${layers} layers`, candidate: make(layers) })),
    ),
    ...ranks.map((rank) => ({
      label: `SvdGcn-S, rank ${rank}`,
      candidate: candidate(
        'SvdGcn',
        { variant: 'S', rank, degreeRegularization, filterExponent },
        training,
      ),
    })),
  ]
