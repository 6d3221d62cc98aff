import { isAbsolute } from 'node:path'
import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  budgetSchema,
  coldUsersSchema,
  datasetFields,
  jsonSchema,
  plainText,
  splitSchema,
  trainingSchema,
} from '../definition/definition-schema.js'
import { excess } from '../definition/levels.js'
import { type Trial, withId } from '../plan/trial.js'
import { failureSchema, measurementsSchema } from '../results/result-schema.js'
import type { EpochReport } from '../trial/train-trial.js'
import type { TrialJob, TrialJobResult } from './trial-job.js'

const seconds = z.number().positive()
const numbers = z.record(z.string(), z.number())

const trialSchema = z.strictObject({
  id: z.string(),
  folder: z.string(),
  phase: z.enum(['search', 'test']),
  model: z.strictObject({
    label: plainText,
    name: plainText,
    module: z.string().min(1).optional(),
    options: z.record(z.string(), jsonSchema),
    training: trainingSchema.nullable(),
  }),
  dataset: z.strictObject({ ...datasetFields, label: plainText, split: splitSchema }),
  inputs: z.strictObject({
    splitHash: z.string(),
    moduleDigest: z.string().optional(),
    libraryVersion: z.string(),
  }),
  setting: z.string(),
  seed: z.int(),
  protocol: z.strictObject({
    metrics: z.array(z.string()).min(1),
    selection: z.string().min(1),
    validated: z.array(z.string()).min(1).optional(),
    reportsValidation: z.boolean().optional(),
    coldUsers: coldUsersSchema,
  }),
  untilEpoch: z.int().min(1).optional(),
  limits: budgetSchema,
  baseFolder: z.string().min(1),
})

const jobSchema = z.strictObject({
  trial: trialSchema,
  folder: z.string().refine((folder) => isAbsolute(folder) && !folder.includes('\0'), {
    error: 'expected an absolute path',
  }),
  checkpointSeconds: seconds,
  saveModels: z.boolean(),
})

const resultSchema = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('completed'),
    measurements: measurementsSchema,
    peakRssMb: z.number(),
  }),
  z.strictObject({
    status: z.literal('failed'),
    failure: failureSchema,
    peakRssMb: z.number().optional(),
  }),
])

const progressSchema = z.object({
  report: z.strictObject({
    epoch: z.int(),
    epochs: z.int(),
    loss: z.number(),
    validation: numbers.optional(),
  }),
})

/**
 * Checks a job that came from a queue, which anybody who reaches Redis may have written. The names of a
 * trial, which become folders, must be those that its content gives.
 *
 * @throws InvalidOptionsError listing every field that is missing or wrong
 */
export function checkedJob(data: unknown): TrialJob {
  const job = parseFlat('a trial from the queue', jobSchema, data) as unknown as TrialJob
  const { id, folder, ...content } = job.trial
  const named: Trial = withId(content)
  if (named.id === id && named.folder === folder) return job
  throw new InvalidOptionsError(
    `A trial from the queue has the name ${JSON.stringify(id)} and the folder ${JSON.stringify(folder)}; expected ${named.id} and ${named.folder}, which its content gives. Was it written by another version of this library?`,
  )
}

/** Checks the result of a job. @throws InvalidOptionsError listing every field that is missing or wrong */
export function checkedResult(value: unknown): TrialJobResult {
  return parseFlat('a result from the queue', resultSchema, value) as unknown as TrialJobResult
}

/** Parses a value unless it has more levels or values than a schema can look into. */
function parseFlat<Schema extends z.ZodType>(subject: string, schema: Schema, value: unknown) {
  const tooMuch = excess(value)
  if (!tooMuch) return parseOptions(subject, schema, value)
  throw new InvalidOptionsError(
    `${subject} has ${tooMuch} of lists and objects; a trial has fewer. Was it written by this library?`,
  )
}

/** Returns the report in the progress of a job; undefined when there is none or it is wrong. */
export function reportIn(progress: unknown): EpochReport | undefined {
  if (excess(progress)) return undefined
  return progressSchema.safeParse(progress).data?.report as EpochReport | undefined
}
