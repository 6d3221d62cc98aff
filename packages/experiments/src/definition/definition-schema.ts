import { steeringCharacters } from '@gnnrec/graph/files'
import { samplingStrategies } from '@gnnrec/graph/kernels'
import type { OptimizerSettings, ScheduleSettings } from '@gnnrec/models'
import { graphSamplingSchema } from '@gnnrec/train'
import * as z from 'zod'

const json = z.json()
/** Text that a line of a terminal can show: no control characters, and none that change its direction. */
const plainText = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => text.search(steeringCharacters) < 0, {
    error: 'expected text without control characters',
  })
const label = plainText
const ratio = z.number().min(0).max(1)

/** Makes a loose schema of settings with many forms; the trainer checks them before the first trial. */
function settingsObject<Settings extends { readonly name: string }>() {
  return z.custom<Settings>(
    (value) => typeof value === 'object' && value !== null && 'name' in value,
    { error: 'expected an object with a name' },
  )
}

/** The training settings, all of them optional. */
export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).optional(),
  batchSize: z.int().min(1).optional(),
  learningRate: z.number().positive().optional(),
  sampling: z.enum(samplingStrategies).optional(),
  negativesPerPositive: z.int().min(1).optional(),
  negatives: z
    .union([z.literal('uniform'), z.strictObject({ popularityExponent: z.number().min(0) })])
    .optional(),
  graphSampling: graphSamplingSchema.optional(),
  sampleAhead: z.boolean().optional(),
  optimizer: settingsObject<OptimizerSettings>().optional(),
  weightDecay: z.record(z.string(), z.number().min(0)).optional(),
  schedule: settingsObject<ScheduleSettings>().optional(),
  clipNorm: z.number().positive().optional(),
  clipValue: z.number().positive().optional(),
  accumulateSteps: z.int().min(1).optional(),
  evaluateEvery: z.int().min(1).optional(),
  earlyStopping: z
    .strictObject({
      metric: z.string(),
      patience: z.int().min(1),
      minimumChange: z
        .union([z.number().min(0), z.strictObject({ absolute: z.number().min(0) })])
        .optional(),
    })
    .optional(),
  // The trainer checks the guards, which have many forms, before the first trial.
  guards: json.optional(),
})

const options = z.record(z.string(), json)

const searchValues = z.union([
  z.array(json).min(1).max(1000),
  z
    .strictObject({
      min: z.number(),
      max: z.number(),
      scale: z.enum(['linear', 'log']).default('linear'),
      integer: z.boolean().default(false),
    })
    .refine(
      ({ min, max, integer }) => !integer || [min, max, max - min].every(Number.isSafeInteger),
      {
        error: 'expected integers for min and max of a range of integers',
      },
    )
    .refine(({ min, max }) => Number.isFinite(max - min), {
      error: 'expected a range whose width is a finite number',
    })
    .refine(({ min, max }) => max > min, { error: 'expected max above min' })
    .refine(({ min, scale }) => scale === 'linear' || min > 0, {
      error: "expected min above 0 for scale 'log'",
    }),
])

const space = z.record(z.string(), searchValues)

const modelEntry = z.strictObject({
  model: plainText,
  label: label.optional(),
  module: z.string().min(1).optional(),
  preset: z.string().min(1).optional(),
  options: options.default({}),
  training: trainingSchema.default({}),
  settings: z
    .array(
      z.strictObject({ label, options: options.default({}), training: trainingSchema.default({}) }),
    )
    .min(1)
    .optional(),
  search: z
    .strictObject({ options: space.default({}), training: space.default({}) })
    .refine((given) => Object.keys({ ...given.options, ...given.training }).length > 0, {
      error: 'expected values for at least one option or training setting',
    })
    .optional(),
  datasets: z.array(label).min(1).optional(),
})

const cut = {
  scope: z.enum(['user', 'global']).default('user'),
  ratios: z
    .tuple([ratio.gt(0), ratio, ratio])
    .refine((ratios) => Math.abs(ratios[0] + ratios[1] + ratios[2] - 1) < 1e-6, {
      error: 'expected three ratios [train, validation, test] that sum to 1',
    })
    .default([0.7, 0.1, 0.2]),
  rounding: z.enum(['cut', 'down']).default('cut'),
}

export const splitSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('temporal'), ...cut }),
  z.strictObject({ method: z.literal('random'), ...cut, seed: z.int().default(0) }),
  z.strictObject({ method: z.literal('leave-last-out') }),
])

const columnPlace = z.union([z.string(), z.int().min(0)], {
  error: "expected a column's name or its position from 0",
})
const idType = z.enum(['auto', 'number', 'string'])

/** The fields that say where data come from and what is kept of them. */
export const datasetFields = {
  dataset: plainText,
  weights: z.enum(['none', 'counts', 'log']).optional(),
  csv: z
    .strictObject({
      file: z.string().min(1),
      columns: z.strictObject({
        user: columnPlace,
        item: columnPlace,
        rating: columnPlace.optional(),
        timestamp: columnPlace.optional(),
        weight: columnPlace.optional(),
      }),
      delimiter: z.string().min(1).optional(),
      header: z.boolean().optional(),
      encoding: z.enum(['utf-8', 'latin1']).optional(),
      idType: z.union([idType, z.strictObject({ user: idType, item: idType })]).optional(),
      quotes: z.boolean().optional(),
      escape: z.string().length(1).optional(),
      timestampFormat: z.enum(['number', 'iso', 'day-first', 'month-first']).optional(),
      decimal: z.enum(['.', ',']).optional(),
      skipLines: z.int().min(0).optional(),
      comment: z.string().min(1).optional(),
    })
    .optional(),
  module: z.string().min(1).optional(),
  savedSplit: z.string().min(1).optional(),
  filter: z
    .strictObject({
      minRating: z.number().optional(),
      minPerUser: z.int().min(1).default(1),
      minPerItem: z.int().min(1).default(1),
      iterate: z.boolean().default(true),
    })
    .optional(),
}

const datasetEntry = z.strictObject({
  ...datasetFields,
  label: label.optional(),
  split: splitSchema.optional(),
  selection: z.string().min(1).optional(),
  training: trainingSchema.default({}),
  seeds: z.array(z.int()).min(1).optional(),
  firstEpochs: z.int().min(1).optional(),
})

/** Largest number of settings of a search. */
export const mostTrials = 10_000
/** Largest number of seconds that a clock of Node counts, 24 days. */
export const mostSeconds = 2_147_483
/** Largest number of megabytes of a limit of memory, 16 TiB. */
const mostMegabytes = 2 ** 24

/** The limits of a trial. */
export const budgetSchema = z.strictObject({
  epochs: z.int().min(1).optional(),
  secondsPerTrial: z.number().positive().max(mostSeconds).optional(),
  megabytesPerTrial: z.number().positive().max(mostMegabytes).optional(),
})

/** The recommender for users without training interactions. */
export const coldUsersSchema = z.enum(['model', 'popularity'])

const trialSeed = z.int().optional()
const seed = z.int().default(0)
const keep = z
  .strictObject({ metric: z.string(), share: z.number().positive(), of: label })
  .optional()
const trials = z.int().min(1).max(mostTrials)

/** The schema of a definition, with its defaults. */
export const definitionSchema = z.strictObject({
  name: plainText,
  models: z.array(modelEntry).min(1),
  datasets: z.array(datasetEntry).min(1),
  seeds: z.array(z.int()).min(1).default([0]),
  protocol: z.strictObject({
    split: splitSchema.default({
      method: 'temporal',
      scope: 'user',
      ratios: [0.7, 0.1, 0.2],
      rounding: 'cut',
    }),
    metrics: z.array(z.string()).min(1),
    selection: z.string().min(1),
    coldUsers: coldUsersSchema.default('model'),
  }),
  training: trainingSchema.default({}),
  budget: budgetSchema.default({}),
  search: z
    .discriminatedUnion('method', [
      z.strictObject({ method: z.literal('grid'), keep, trialSeed }),
      z.strictObject({ method: z.literal('random'), keep, trials, seed, trialSeed }),
      z.strictObject({
        method: z.literal('successive-halving'),
        keep,
        trials,
        seed,
        trialSeed,
        firstEpochs: z.int().min(1),
        factor: z.int().min(2).default(3),
      }),
    ])
    .optional(),
})

export { json as jsonSchema, plainText }

/** A definition that was checked, with its defaults in place. */
export interface CheckedDefinition extends z.output<typeof definitionSchema> {}
/** A model of a checked definition. */
export type CheckedModel = CheckedDefinition['models'][number]
/** A data set of a checked definition. */
export type CheckedDataset = CheckedDefinition['datasets'][number]
/** The search of a checked definition. */
export type CheckedSearch = NonNullable<CheckedDefinition['search']>
