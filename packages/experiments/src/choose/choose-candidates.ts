import { Ease } from '@gnnrec/models'
import type { JsonValue, ModelEntry, ModelSetting } from '../definition/experiment-definition.js'

/** A model that `choose` may choose, and the settings that it tries. */
export interface ChooseCandidate extends Omit<ModelEntry, 'module' | 'search' | 'datasets'> {
  /**
   * The settings, at least one. The first is tried always, the others only when the first can still win.
   *
   * @defaultValue the options as they stand
   */
  readonly settings?: readonly ModelSetting[]
}

/** The facts that decide what is tried. */
export interface CandidateFacts {
  /** Number of rows of the training part. */
  readonly interactions: number
  readonly userCount: number
  readonly itemCount: number
  /** Most bytes of the process of a trial, where there is a limit. */
  readonly memoryBytes: number | undefined
}

/** Least number of users and items for each singular vector; filters with more vectors keep noise and take long. */
const nodesPerVector = 8

/** Fewest bytes of memory in which a process with the library works. */
export const processBytes = 256 * 2 ** 20

/** Number of interactions from which trained models take the presets for large data. */
const manyInteractions = 200_000

/**
 * Returns the models that are tried by default, in the order of what they cost to fit, store and ask: the cheapest
 * first. `sansa` takes the place of `ease` where the square of the items does not fit.
 */
export function defaultCandidates(facts: CandidateFacts): readonly ChooseCandidate[] {
  const { itemCount, memoryBytes } = facts
  const limit = memoryBytes === undefined ? undefined : memoryBytes - processBytes
  const other = Ease.fits(itemCount, limit) ? 'sansa' : 'ease'
  return knownCandidates(facts).filter(({ model }) => model !== other)
}

/** Returns the models that can be named as candidates, with the settings that are tried, in the same order. */
export function knownCandidates({
  interactions,
  userCount,
  itemCount,
  memoryBytes,
}: CandidateFacts): readonly ChooseCandidate[] {
  const limited: Readonly<Record<string, JsonValue>> =
    memoryBytes === undefined ? {} : { memoryLimitBytes: memoryBytes }
  const most = Math.max(1, Math.floor(Math.min(userCount, itemCount) / nodesPerVector))
  const vectors = (wanted: number) => Math.min(wanted, most)
  const isLarge = interactions >= manyInteractions
  return [
    { model: 'popularity' },
    {
      model: 'item-knn',
      settings: [
        setting({ neighbours: 100, shrinkage: 10 }),
        setting({ neighbours: 400, shrinkage: 10 }),
        setting({ neighbours: 100, shrinkage: 100 }),
        setting({ neighbours: 20, shrinkage: 100 }),
      ],
    },
    {
      model: 'user-knn',
      settings: [
        setting({ neighbours: 100, shrinkage: 10 }),
        setting({ neighbours: 400, shrinkage: 10 }),
        setting({ neighbours: 100, shrinkage: 100 }),
        setting({ neighbours: 400, shrinkage: 100 }),
      ],
    },
    {
      model: 'rp3-beta',
      settings: [
        setting({ alpha: 1, beta: 0.3 }),
        setting({ alpha: 1, beta: 0.6 }),
        setting({ alpha: 1, beta: 0.3, neighbours: 400 }),
        setting({ alpha: 0.7, beta: 0.3 }),
        setting({ alpha: 0.7, beta: 0.1, neighbours: 400 }),
      ],
    },
    {
      model: 'spectral-filter',
      settings: distinct([
        setting({ filter: 'gf-cf', vectors: vectors(64), idealWeight: 0.3 }, limited),
        setting({ filter: 'linear' }),
        setting({ filter: 'gf-cf', vectors: vectors(256), idealWeight: 0.3 }, limited),
        setting({ filter: 'bspm', vectors: vectors(448), idealWeight: 0.2 }, limited),
        setting({ filter: 'chebyshev', vectors: vectors(512), idealWeight: 0.2 }, limited),
        setting({ filter: 'chebyshev', vectors: vectors(64), degreeExponent: 0.5 }, limited),
      ]),
    },
    {
      model: 'ials',
      options: limited,
      settings: [
        setting({ embeddingDim: 64, unobservedWeight: 0.3, l2Weight: 0.03 }),
        setting({ embeddingDim: 64, unobservedWeight: 0.1, l2Weight: 0.01 }),
        setting({ embeddingDim: 64, unobservedWeight: 0.1, l2Weight: 0.003 }),
        setting({ embeddingDim: 64, unobservedWeight: 0.3, l2Weight: 0.1 }),
        setting({ embeddingDim: 16, unobservedWeight: 0.3, l2Weight: 0.03 }),
        setting({ embeddingDim: 128, unobservedWeight: 0.1, l2Weight: 0.003 }),
      ],
    },
    ...['ease', 'sansa'].map((model) => ({
      model,
      options: limited,
      settings: [500, 200, 1000, 100, 2500].map((l2Weight) => setting({ l2Weight })),
    })),
    {
      model: 'bpr-mf',
      preset: isLarge ? 'gowalla' : 'recommended',
      ...(isLarge && {
        training: { evaluateEvery: 5, earlyStopping: { metric: 'ndcg@20', patience: 10 } },
      }),
    },
    {
      model: 'light-gcn',
      preset: 'fast',
      settings: [
        { label: 'fast' },
        { label: 'fast, epochs 24', training: { epochs: 24, evaluateEvery: 2 } },
      ],
    },
  ]
}

/** Keeps one of settings with the same name, to which a small catalogue brings filters with too many vectors. */
function distinct(settings: readonly ModelSetting[]): ModelSetting[] {
  return [...new Map(settings.map((each) => [each.label, each])).values()]
}

/** Makes a setting that is named by its options; `unnamed` ones are left out of the name. */
function setting(
  options: Readonly<Record<string, JsonValue>>,
  unnamed: Readonly<Record<string, JsonValue>> = {},
): ModelSetting {
  const label = Object.entries(options)
    .map(([name, value]) => (name === 'filter' ? String(value) : `${name} ${value}`))
    .join(', ')
  return { label, options: { ...options, ...unnamed } }
}
