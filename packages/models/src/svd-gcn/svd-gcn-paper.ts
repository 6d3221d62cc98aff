import type { Preset } from '../training/training-settings.js'
import type { SvdGcnOptions } from './svd-gcn-options.js'

/** Makes settings of S, which trains nothing: a trainer ends before its first epoch, whatever they say. */
function spectral(rank: number, degreeRegularization: number, filterExponent: number) {
  return {
    model: { variant: 'S', rank, degreeRegularization, filterExponent },
    training: { epochs: 1, batchSize: 256, learningRate: 1, sampling: 'user-uniform' },
  } as const satisfies Preset<SvdGcnOptions>
}

interface TrainedSettings {
  readonly rank: number
  readonly degreeRegularization: number
  readonly userPairWeight: number
  readonly itemPairWeight: number
  /** Learning rates of B, U, I and M. */
  readonly learningRates: readonly [number, number, number, number]
}

function trained(settings: TrainedSettings) {
  const { rank, degreeRegularization, userPairWeight, itemPairWeight, learningRates } = settings
  const [b, u, i, m] = learningRates
  const common = { rank, degreeRegularization, filterExponent: 2, embeddingDim: 64, l2Weight: 0.02 }
  const training = (learningRate: number) =>
    ({
      epochs: 15,
      batchSize: 256,
      learningRate,
      optimizer: { name: 'sgd' },
      sampling: 'user-uniform',
    }) as const
  return {
    b: { model: { variant: 'B', ...common }, training: training(b) },
    u: { model: { variant: 'U', ...common, userPairWeight }, training: training(u) },
    i: { model: { variant: 'I', ...common, itemPairWeight }, training: training(i) },
    m: {
      model: { variant: 'M', ...common, userPairWeight, itemPairWeight },
      training: training(m),
    },
  } as const satisfies Record<string, Preset<SvdGcnOptions>>
}

/**
 * SVD-GCN's settings by data set and variant (tanatosuu/svd_gcn, `Param_Settings`), for splits with about
 * 20 % of the interactions to train on; with 80 %, more vectors and a smaller exponent rank better.
 */
export const svdGcnPaper = {
  gowalla: {
    s: spectral(90, 4, 6),
    ...trained({
      rank: 90,
      degreeRegularization: 3,
      userPairWeight: 0.5,
      itemPairWeight: 0.9,
      learningRates: [7.5, 10.5, 10.5, 9],
    }),
  },
  yelp: {
    s: spectral(20, 6, 4),
    ...trained({
      rank: 60,
      degreeRegularization: 3,
      userPairWeight: 0.5,
      itemPairWeight: 0.7,
      learningRates: [10, 9, 9, 7],
    }),
  },
  movieLens: {
    s: spectral(15, 6, 2),
    ...trained({
      rank: 60,
      degreeRegularization: 2,
      userPairWeight: 0.5,
      itemPairWeight: 0.9,
      learningRates: [4.5, 6, 9, 7],
    }),
  },
} as const
