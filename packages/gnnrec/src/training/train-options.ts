import { parseMetric } from '@gnnrec/eval'
import type { ChooseCandidate } from '@gnnrec/experiments'
import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import type { ModelClass, TrainingSettings } from '@gnnrec/models'
import * as z from 'zod'
import type { EventColumns } from '../reading/source.js'

/** A model that is taken as it is, without a choice. */
export interface ModelRequest {
  /** The name of a model (`'light-gcn'`), or a class of your own. */
  readonly model: string | ModelClass
  /** Name of a preset of the model. @defaultValue 'fast' or 'recommended', where there is one */
  readonly preset?: string
  /** Options of the model, over those of the preset. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Training settings, over those of the preset. */
  readonly training?: Partial<TrainingSettings>
}

/** A model folder to go on from. */
export interface WarmStart {
  /** Path of a folder that `save` of a result of `train` has written. */
  readonly folder: string
  /**
   * Most epochs of training on the events with the new ones, an integer >= 1.
   *
   * @defaultValue a quarter of the epochs of the model
   */
  readonly epochs?: number | undefined
  /**
   * True to train from nothing as well, for as many epochs as the model was, and to tell what the shorter training
   * costs on the validation part. This takes the time that a warm start saves.
   *
   * @defaultValue false
   */
  readonly compare?: boolean | undefined
}

/** Progress of {@link train}. */
export interface TrainProgress {
  /** The part of the work: reading, choosing settings on validation, judging on test, fitting to all events. */
  readonly stage: 'read' | 'choose' | 'judge' | 'fit'
  /** A sentence or a line for people. */
  readonly message: string
  /** Epoch of a training, from 1. */
  readonly epoch?: number
  /** Number of epochs of the training. */
  readonly epochs?: number
}

/** Options of {@link train}. */
export interface TrainOptions {
  /**
   * The columns of a file or a query by name or position from 0, or false for one that is not to be read.
   *
   * @defaultValue those that are recognized
   */
  readonly columns?: EventColumns
  /** True when the first line of a file of text has the names of the columns. @defaultValue what is recognized */
  readonly header?: boolean
  /**
   * The order of day and month in times such as `03/04/2024`, where a file does not tell it.
   *
   * @defaultValue what is recognized
   */
  readonly timestampFormat?: 'day-first' | 'month-first'
  /**
   * A model that is taken as it is, by name or with settings, in place of the one that validation would choose.
   *
   * @defaultValue the choice among `candidates`
   */
  readonly model?: string | ModelClass | ModelRequest
  /** The models to choose among, as in `choose` of `@gnnrec/experiments`. @defaultValue models of all kinds, by `effort` */
  readonly candidates?: readonly (string | ChooseCandidate)[]
  /**
   * A model folder to go on from: its model and settings are taken, vectors of known users and items are taken over,
   * its events are kept, and `source` holds new ones, or old and new ones.
   *
   * @defaultValue the training starts from nothing
   */
  readonly from?: string | WarmStart
  /**
   * Metric to choose and judge by; it has a value per user.
   *
   * @defaultValue 'ndcg@20', with a shorter list where there are fewer than 40 items
   */
  readonly metric?: string
  /**
   * The rows that test and validation are cut off from: the latest of each user (`'time'`), or any (`'random'`).
   *
   * @defaultValue 'time' where the events have times that differ, else 'random'
   */
  readonly split?: 'time' | 'random'
  /** Shares of each user's events to learn from, to choose by and to judge on. @defaultValue [0.7, 0.15, 0.15] */
  readonly ratios?: readonly [train: number, validation: number, test: number]
  /**
   * The lowest rating of an event that is learnt from. Events below it count as not there: their items may be
   * recommended.
   *
   * @defaultValue all events are learnt from
   */
  readonly minRating?: number
  /**
   * The weights of pairs: `'counts'`, the sum of the weights of their events, or their number without weights; `'log'`,
   * their logarithm, so that the tenth event counts less than the first; or `'none'`.
   *
   * @defaultValue 'none'
   */
  readonly weights?: 'none' | 'counts' | 'log'
  /**
   * Least number of events of a user to be chosen and judged by, an integer >= 1. The model is fitted to all users in
   * the end.
   *
   * @defaultValue 3
   */
  readonly minPerUser?: number
  /** Least number of events of an item, likewise. @defaultValue 2 */
  readonly minPerItem?: number
  /**
   * The models and settings that are chosen among without `candidates`: `'quick'` takes those whose fit takes little on
   * data of this size, `'thorough'` all of `choose`, which may take an hour for 100,000 events.
   *
   * @defaultValue 'quick'
   */
  readonly effort?: 'quick' | 'thorough'
  /**
   * Seconds for the choice, > 0, or `Infinity`. A choice that they end depends on the speed of the machine, and the
   * summary says so and names what was not tried.
   *
   * @defaultValue 90 for a quick choice among the default candidates, else no limit
   */
  readonly seconds?: number
  /**
   * Bytes of memory that the table and each trial may take, at least 256 MiB.
   *
   * @defaultValue half of the memory of the machine
   */
  readonly maxMemory?: number
  /** Number of trials of a choice that run at a time, an integer >= 1. @defaultValue the machine's processors, at most 4 */
  readonly parallel?: number
  /** Seed of all that is drawn, an integer. @defaultValue 0 */
  readonly seed?: number
  /** A signal that ends the work. */
  readonly signal?: AbortSignal
  /** Callback for progress; it is waited for. */
  readonly onProgress?: (progress: TrainProgress) => unknown
}

/** Fewest bytes of memory in which a trial works. */
const leastMemory = 256 * 2 ** 20

const isFunction = (value: unknown) => typeof value === 'function'
const modelName = z.union([
  z.string().min(1),
  z.custom<ModelClass>(isFunction, { error: 'expected the name of a model, or a class' }),
])

const schema = z.strictObject({
  // Those of a file are checked by its reader, which knows them.
  columns: z.record(z.string(), z.unknown()).optional() as z.ZodType<EventColumns | undefined>,
  header: z.boolean().optional(),
  timestampFormat: z.enum(['day-first', 'month-first']).optional(),
  model: z
    .union([
      modelName,
      z.strictObject({
        model: modelName,
        preset: z.string().min(1).optional(),
        options: z.record(z.string(), z.unknown()).optional(),
        training: z.record(z.string(), z.unknown()).optional(),
      }),
    ])
    .optional(),
  candidates: z.array(z.custom<string | ChooseCandidate>()).min(1).optional(),
  from: z
    .union([
      z
        .string()
        .min(1)
        .transform((folder): WarmStart => ({ folder })),
      z.strictObject({
        folder: z.string().min(1),
        epochs: z.int().min(1).optional(),
        compare: z.boolean().optional(),
      }),
    ])
    .optional(),
  metric: z.string().optional(),
  split: z.enum(['time', 'random']).optional(),
  ratios: z
    .tuple([z.number().positive(), z.number().positive(), z.number().positive()])
    .refine((shares) => Math.abs(shares[0] + shares[1] + shares[2] - 1) < 1e-9, {
      error: 'expected three shares above 0 that sum to 1',
    })
    .default([0.7, 0.15, 0.15]),
  minRating: z.number().optional(),
  weights: z.enum(['none', 'counts', 'log']).default('none'),
  minPerUser: z.int().min(1).default(3),
  minPerItem: z.int().min(1).default(2),
  effort: z.enum(['quick', 'thorough']).default('quick'),
  seconds: z.union([z.number().positive(), z.literal(Number.POSITIVE_INFINITY)]).optional(),
  maxMemory: z.number().min(leastMemory).optional(),
  parallel: z.int().min(1).optional(),
  seed: z.int().default(0),
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: z
    .custom<(progress: TrainProgress) => unknown>(isFunction, { error: 'expected a function' })
    .default(() => () => undefined),
})

/** The options of {@link train}, checked and with their defaults. */
export type CheckedTrainOptions = z.output<typeof schema>

/**
 * Checks the options of {@link train} and fills in defaults.
 *
 * @throws InvalidOptionsError naming what is wrong
 */
export function resolveTrainOptions(options: TrainOptions): CheckedTrainOptions {
  const checked = parseOptions('train', schema, options)
  const { model, candidates, from, metric } = checked
  const given = Object.entries({ model, candidates, from }).filter(([, value]) => value)
  if (given.length > 1) {
    const names = given.map(([name]) => name)
    throw new InvalidOptionsError(
      `train: got ${names.join(' and ')}; expected one of them: model takes one as it is, candidates are chosen among, and from goes on with a saved one.`,
    )
  }
  if (metric !== undefined && parseMetric(metric).metric.kind !== 'user') {
    throw new InvalidOptionsError(
      `train: metric: got '${metric}', which has no value per user; expected one that has, such as 'ndcg@20'.`,
    )
  }
  return checked
}
