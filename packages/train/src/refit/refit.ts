import type { MetricAtK } from '@gnnrec/eval'
import {
  BipartiteGraph,
  type BipartiteGraphOptions,
  createSplit,
  type Id,
  type InteractionTable,
  isSplit,
  parseOptions,
  type Split,
  selectRows,
} from '@gnnrec/graph'
import { GraphModel, models, type RecommenderModel } from '@gnnrec/models'
import * as z from 'zod'
import type { TrainingEvent } from '../record/training-events.js'
import type { TrainingHistory } from '../record/training-history.js'
import { Trainer } from '../trainer.js'
import type { FoundModel } from './found-model.js'
import { takeOverVectors } from './take-over-vectors.js'

/** Options of {@link refit}. */
export interface RefitOptions {
  /**
   * A trained model of the same architecture and options, whose vectors the new one starts from: those of the users
   * and items that both have, by their ids. The vector of anybody else starts at the mean of its neighbours'. It is left
   * as it is.
   *
   * @defaultValue training starts from random vectors
   */
  readonly from?: GraphModel
  /** The weights of the edges, as in `BipartiteGraph.fromInteractions`. @defaultValue 'none' */
  readonly weights?: BipartiteGraphOptions['weights']
  /**
   * `'warn'` warns of interactions with a low rating, since all of them are taken for positives; `'accept'` says that
   * this is meant.
   *
   * @defaultValue 'warn'
   */
  readonly lowRatings?: 'warn' | 'accept'
  /**
   * Metrics on the validation part of a split. With some, the model is judged after every epoch, and has the weights of
   * the best epoch by the first of them.
   *
   * @defaultValue none
   */
  readonly metrics?: readonly (string | MetricAtK)[]
  /** Signal that ends the work. */
  readonly signal?: AbortSignal
  /** Callback for each event of a training. */
  readonly onEvent?: (event: TrainingEvent) => unknown
}

/** A model that was fitted. */
export interface RefittedModel<User extends Id = Id, Item extends Id = Id> {
  /** The model; it holds tensors until `dispose`. */
  readonly model: RecommenderModel<User, Item>
  /** The settings that it was fitted with; `bestEpoch` is the one whose weights it has. */
  readonly found: FoundModel
  /** History of the training; absent for a model that is computed, or left as it starts. */
  readonly history?: TrainingHistory
}

const isFunction = (value: unknown) => typeof value === 'function'

const schema = z.strictObject({
  from: z
    .custom<GraphModel>((value) => value instanceof GraphModel, {
      error: 'expected a trained model, for instance of LightGcn.load',
    })
    .optional(),
  weights: z.custom<BipartiteGraphOptions['weights']>().optional(),
  lowRatings: z.enum(['warn', 'accept']).default('warn'),
  metrics: z.array(z.custom<string | MetricAtK>()).readonly().default([]),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z
    .custom<(event: TrainingEvent) => unknown>(isFunction, { error: 'expected a function' })
    .optional(),
})

const foundSchema = z.strictObject({
  model: z.union([z.string(), z.custom<FoundModel['model']>(isFunction)], {
    error: "expected the name of a model, such as 'light-gcn', or a class",
  }),
  options: z.record(z.string(), z.unknown()).optional(),
  training: z.record(z.string(), z.unknown()).nullable().optional(),
  bestEpoch: z.int().min(0).optional(),
  seed: z.int().default(0),
  // Names that a choice has for people.
  label: z.string().optional(),
  setting: z.string().optional(),
})

/**
 * Fits a model anew with settings that were found before: to all interactions, as before going live, or to another
 * training part. A model that is trained goes through the same schedule of learning rates as when its settings were
 * found, and stops after `bestEpoch`; early stopping does not count, unless there are metrics to judge by.
 *
 * The same settings, interactions and seed give the same bytes.
 *
 * @param found - the model and its settings, such as `chosen` of a choice
 * @param interactions - a table, all of which is learnt from, or a split, of which the training part is
 * @throws InvalidOptionsError for a wrong option, or settings that the model or the trainer refuses
 * @throws ShapeMismatchError when `from` has other options than the model
 * @throws NonFiniteError, DegenerateModelError, NotConvergedError, TrainingTooLargeError as the model and `Trainer`
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts
 * import { fromRecords } from '@gnnrec/graph'
 * import { refit } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const found = { model: 'bpr-mf', options: { embeddingDim: 4 }, training: { epochs: 20 }, bestEpoch: 5 }
 * const { model, history } = await refit(found, table)
 * console.log(history?.epochs.length, (await model.toRecommender()).recommend('bob', { k: 1 }).items)
 * model.dispose()
 * ```
 */
export async function refit<User extends Id, Item extends Id>(
  found: FoundModel,
  interactions: InteractionTable<User, Item> | Split<User, Item>,
  options: RefitOptions = {},
): Promise<RefittedModel<User, Item>> {
  const parsed = parseOptions('refit', schema, options)
  const {
    label: _label,
    setting: _setting,
    ...settings
  } = parseOptions('refit', foundSchema, found)
  const { weights, lowRatings, signal } = parsed
  signal?.throwIfAborted()
  const split = asSplit(interactions)
  const graph = BipartiteGraph.fromInteractions(split.train, {
    ...(weights && { weights }),
    lowRatings,
  })
  const modelClass = models.get(settings.model)
  const { isSeeded } = modelClass.capabilities
  const model = models.create(graph, {
    architecture: modelClass,
    options: { ...(isSeeded && { seed: settings.seed }), ...settings.options },
  })
  model.splitHash = split.hash
  try {
    if (!(model instanceof GraphModel)) {
      await model.prepare({ ...(signal && { signal }) })
      return { model, found: settings }
    }
    if (parsed.from) await takeOverVectors(model, parsed.from)
    const isTrained = settings.bestEpoch !== 0 || parsed.metrics.length > 0
    if (!isTrained) return { model, found: settings }
    const history = await train(model, split, settings, parsed)
    const bestEpoch = history.bestEpoch ?? history.epochs.length
    const bestOf = bestEpoch > 0 ? { ...settings, bestEpoch } : settings
    return { model, found: bestOf, history }
  } catch (error) {
    model.dispose()
    throw error
  }
}

async function train(
  model: GraphModel,
  split: Split,
  { training, bestEpoch, seed }: z.output<typeof foundSchema>,
  { metrics, signal, onEvent }: z.output<typeof schema>,
): Promise<TrainingHistory> {
  const isJudged = metrics.length > 0
  const { earlyStopping, evaluateEvery, ...rest } = training ?? {}
  const trainer = new Trainer({
    ...rest,
    ...(isJudged && { metrics, earlyStopping, evaluateEvery }),
    model,
    split,
    seed,
    progress: 'none',
    handleInterrupt: false,
  } as never)
  const enough = new AbortController()
  const last = isJudged ? undefined : bestEpoch
  let history: TrainingHistory | undefined
  const signals = signal ? [signal, enough.signal] : [enough.signal]
  for await (const event of trainer.run({ signal: AbortSignal.any(signals) })) {
    await onEvent?.(event)
    if (event.type === 'end') history = event.history
    else if (event.type === 'epoch' && event.record.epoch === last) enough.abort()
  }
  signal?.throwIfAborted()
  if (!history) throw new Error('The training has no end.')
  return enough.signal.aborted ? { ...history, stopReason: 'completed' } : history
}

/** Returns a split as it is, and a table as a split that has all rows for training. */
function asSplit<User extends Id, Item extends Id>(
  interactions: InteractionTable<User, Item> | Split<User, Item>,
): Split<User, Item> {
  if (isSplit(interactions)) return interactions as Split<User, Item>
  const table = interactions as InteractionTable<User, Item>
  const none = selectRows(table, [])
  return createSplit({ train: table, validation: none, test: none, method: { name: 'everything' } })
}
