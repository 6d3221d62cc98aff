import { parseMetric } from '@gnnrec/eval'
import { type Id, InvalidOptionsError, isSplit, parseOptions, type Split } from '@gnnrec/graph'
import { nearestHint } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { mostSeconds } from '../definition/definition-schema.js'
import type { TrialPool } from '../pool/trial-pool.js'
import {
  type ChooseCandidate,
  defaultCandidates,
  knownCandidates,
  processBytes,
} from './choose-candidates.js'
import type { ChooseProgress } from './choose-progress.js'
import { type LeftOutCandidate, quickCandidates } from './quick-candidates.js'

/** Options of {@link choose}. */
export interface ChooseOptions {
  /** Limits of the search. */
  readonly budget?: {
    /**
     * Seconds after which no further setting is tried and the one under way is ended, > 0. Fitting the chosen model
     * once more comes after them. A choice that was cut short depends on the speed of the machine.
     *
     * @defaultValue no limit
     */
    readonly seconds?: number
    /**
     * Most bytes of memory of the process of each trial, at least 256 MiB. Models that need more are rows with that
     * reason.
     *
     * @defaultValue no limit beyond those of the models
     */
    readonly memoryBytes?: number
  }
  /** Metric on the validation part to choose by; it has a value per user. @defaultValue 'ndcg@20' */
  readonly metric?: string
  /**
   * The candidates, cheapest first: names of candidates that have settings (the default ones, `ease` and `sansa`), or models with settings of your own. Of those that are
   * level the first is preferred.
   *
   * @defaultValue popularity, item-knn, user-knn, rp3-beta, spectral-filter, ials, ease (sansa where the items × items
   * matrices of ease do not fit), bpr-mf and light-gcn, each with a few settings
   */
  readonly candidates?: readonly (string | ChooseCandidate)[]
  /**
   * The default candidates: `'quick'` keeps of every model the first settings whose fit takes little, as estimated from
   * the size of the data, so that 100,000 interactions take a minute or two; models without such a setting are rows
   * with that reason. `'thorough'` keeps all. Candidates that are given are all tried.
   *
   * @defaultValue 'thorough'
   */
  readonly effort?: 'quick' | 'thorough'
  /**
   * Largest share of the best value that a cheaper candidate may lose to be preferred, in [0, 1), when it is level with
   * the best.
   *
   * @defaultValue 0.01
   */
  readonly tolerance?: number
  /**
   * `'warn'` warns when interactions to train on have a low rating, since all of them are taken for positives;
   * `'accept'` says that this is meant.
   *
   * @defaultValue 'warn'
   */
  readonly lowRatings?: 'warn' | 'accept'
  /**
   * The weights of the edges of the graph, as in `BipartiteGraph.fromInteractions` of `@gnnrec/graph`.
   *
   * @defaultValue 'none', with a warning for interactions that have weights
   */
  readonly weights?: 'none' | 'counts' | 'log'
  /** Seed of the models and their training, an integer. @defaultValue 0 */
  readonly seed?: number
  /**
   * Folder for results, logs and checkpoints. A choice that was interrupted continues there; results of the same
   * settings on the same split are not computed again.
   *
   * @defaultValue a temporary folder, which is removed
   */
  readonly folder?: string
  /** The place where trials run, one process each. @defaultValue new LocalPool() */
  readonly pool?: TrialPool
  /** A signal that ends the choice; a training that is under way writes a checkpoint. */
  readonly signal?: AbortSignal
  /** Callback for each trial that starts, trains an epoch or ends; it is waited for. */
  readonly onProgress?: (progress: ChooseProgress) => unknown
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const isFunction = (value: unknown) => typeof value === 'function'

const schema = z.strictObject({
  budget: z
    .strictObject({
      seconds: z.number().positive().max(mostSeconds).optional(),
      memoryBytes: z.number().min(processBytes).optional(),
    })
    .default({}),
  metric: z.string().default('ndcg@20'),
  candidates: z
    .array(
      z.union([
        z.string(),
        z.custom<ChooseCandidate>((value) => isObject(value) && 'model' in (value as object), {
          error: "expected the name of a model, or an object such as { model: 'ease' }",
        }),
      ]),
    )
    .min(1)
    .optional(),
  effort: z.enum(['quick', 'thorough']).default('thorough'),
  tolerance: z.number().min(0).lt(1).default(0.01),
  lowRatings: z.enum(['warn', 'accept']).default('warn'),
  weights: z.enum(['none', 'counts', 'log']).optional(),
  seed: z.int().default(0),
  folder: z.string().min(1).optional(),
  pool: z
    .custom<TrialPool>((value) => isObject(value) && isFunction((value as TrialPool).run), {
      error: 'expected a pool, for instance new LocalPool({ parallel: 2 })',
    })
    .optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: z
    .custom<(progress: ChooseProgress) => unknown>(isFunction, { error: 'expected a function' })
    .default(() => () => undefined),
})

/** The options of {@link choose}, checked and with their defaults. */
export type CheckedChooseOptions = Omit<z.output<typeof schema>, 'candidates'> & {
  readonly candidates: readonly ChooseCandidate[]
  /** The default candidates that are not tried. */
  readonly leftOut: readonly LeftOutCandidate[]
}

/**
 * Checks the arguments of {@link choose} and fills in defaults.
 *
 * @throws InvalidOptionsError naming what is wrong
 */
export function resolveChooseOptions(
  split: Split<Id, Id>,
  options: ChooseOptions,
): CheckedChooseOptions {
  if (!isSplit(split)) {
    throw new InvalidOptionsError(
      'choose: split: expected a Split, which temporalSplit and randomSplit of @gnnrec/data make.',
    )
  }
  const { candidates: given, ...checked } = parseOptions('choose', schema, options)
  const { metric } = parseMetric(checked.metric)
  if (metric.kind !== 'user') {
    throw new InvalidOptionsError(
      `choose: metric: got '${checked.metric}', which has no value per user, so that no interval can be given; expected one that has, such as 'ndcg@20'.`,
    )
  }
  const facts = {
    interactions: split.train.userIndex.length,
    userCount: split.train.users.size,
    itemCount: split.train.items.size,
    memoryBytes: checked.budget.memoryBytes,
  }
  if (!given) {
    return checked.effort === 'quick'
      ? { ...checked, ...quickCandidates(facts) }
      : { ...checked, candidates: defaultCandidates(facts), leftOut: [] }
  }
  const known = knownCandidates(facts)
  return { ...checked, candidates: given.map((each) => named(each, known)), leftOut: [] }
}

function named(
  candidate: string | ChooseCandidate,
  known: readonly ChooseCandidate[],
): ChooseCandidate {
  if (typeof candidate !== 'string') return candidate
  const found = known.find(({ model }) => model === candidate)
  if (found) return found
  const names = known.map(({ model }) => model)
  throw new InvalidOptionsError(
    `choose: candidates: got '${candidate}'${nearestHint(candidate, names)}; expected ${names.join(', ')}, or a model with settings of your own, such as { model: 'slim', settings: [...] }.`,
  )
}
