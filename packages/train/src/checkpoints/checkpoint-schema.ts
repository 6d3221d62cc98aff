import { listOf, recordOf } from '@gnnrec/graph/files'
import * as z from 'zod'
import { guardCodes } from '../guards/finding.js'
import { patientGuardCodes } from '../guards/guard-options.js'
import { lossMonitor } from '../loop/monitor.js'

const count = z.int().min(0)
const seconds = z.number().min(0)
const norm = z.number().min(0)
const share = z.number().min(0).max(1)
const numbers = recordOf(z.number())
/** A number that may be NaN or infinite, which JSON writes as null. */
const measure = z.number().nullable()
const measures = recordOf(measure)
const moment = z.strictObject({ epoch: count, totalSteps: count })
const best = z.strictObject({ epoch: count, value: z.number() })
/** A monitored value, null where it is undefined. */
const evaluation = z.strictObject({ epoch: count, value: measure })
const stopReason = z.enum(['completed', 'early-stopping', 'aborted', 'nothing-to-train'])

const identity = z.strictObject({
  data: z.union([z.strictObject({ split: z.string() }), z.strictObject({ graph: z.string() })]),
  model: z.strictObject({
    architecture: z.string(),
    options: z.record(z.string(), z.unknown()),
    tensors: recordOf(listOf(count)),
  }),
  // All that is not read here is compared with the training that goes on.
  training: z.looseObject({
    epochs: z.int().min(1),
    metrics: listOf(z.string()),
    earlyStopping: z
      .strictObject({
        metric: z.string(),
        patience: z.int().min(1),
        minimumChange: z.union([
          z.number().min(0),
          z.strictObject({ absolute: z.number().min(0) }),
        ]),
      })
      .optional(),
  }),
})

const record = z.strictObject({
  epoch: z.int().min(1),
  learningRate: z.number().min(0),
  loss: z.number(),
  lossTerms: numbers,
  gradientNorm: z.strictObject({ mean: norm, largest: norm, clippedShare: share }).optional(),
  valueClippedShare: share.optional(),
  validation: z.optional(measures),
  undefinedMetrics: z.optional(recordOf(z.string())),
  steps: z.int().min(1),
  seconds,
  evaluationSeconds: seconds,
  guardSeconds: seconds,
})

const guards = z.strictObject({
  findings: listOf(
    z.strictObject({
      code: z.enum(guardCodes),
      level: z.enum(['warn', 'stop']),
      epoch: count,
      message: z.string(),
      values: measures,
    }),
  ),
  startSizes: z.nullable(measures),
  start: z.nullable(
    recordOf(z.strictObject({ size: z.number(), count, sums: listOf(z.number(), 1) })),
  ),
  lastCheck: moment.nullable(),
  since: z.partialRecord(z.enum(patientGuardCodes), moment),
  popularity: z.number().nullable(),
  fingerprints: z.strictObject({ parameters: count, scores: count }).nullable(),
})

const progress = z.strictObject({
  epoch: count,
  drawnBatches: count,
  seenBatches: count,
  step: count,
  totalSteps: count,
  lastRate: z.number().min(0),
  baseRate: z.number().positive(),
  sums: z.strictObject({
    samples: count,
    steps: count,
    loss: z.number(),
    terms: numbers,
    norms: norm,
    largestNorm: norm,
    clippedSteps: count,
    valueClippedSteps: count,
  }),
  modelRng: z.strictObject({ name: z.string(), key: z.tuple([z.int(), z.int()]), position: count }),
  evaluations: listOf(evaluation),
  best: best.nullable(),
  records: listOf(record),
  skippedDraws: count,
  guards,
  seconds,
  epochSeconds: seconds,
  stopReason: stopReason.nullable(),
  rank: z.number().nullable(),
})

/** A file of a checkpoint: plain names only, so that none lies elsewhere. */
const files = recordOf(
  z.strictObject({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.string().regex(/^[\w-]+(\.[\w-]+)*$/, { error: 'expected the name of a file' }),
)

/** Returns the names of the measures that may decide in a training; undefined for none. */
function monitorsOf({
  earlyStopping,
  metrics,
}: z.output<typeof identity>['training']): (string | undefined)[] {
  return earlyStopping ? [earlyStopping.metric] : [metrics[0], lossMonitor]
}

/** Returns the values of a measure in the records that have one. */
function courseOf(
  records: readonly z.output<typeof record>[],
  name: string | undefined,
): z.output<typeof evaluation>[] {
  if (name === undefined) return []
  return records.flatMap(({ epoch, loss, validation }) => {
    if (name === lossMonitor) return [{ epoch, value: loss }]
    return validation ? [{ epoch, value: validation[name] ?? null }] : []
  })
}

function isSame(
  some: readonly z.output<typeof evaluation>[],
  others: readonly z.output<typeof evaluation>[],
): boolean {
  return (
    some.length === others.length &&
    some.every(({ epoch, value }, at) => epoch === others[at].epoch && value === others[at].value)
  )
}

/** The schema of the part of `checkpoint.json` that its digest covers. */
export const bodySchema = z
  .strictObject({ identity, progress, optimizerSteps: recordOf(count), files })
  .superRefine(
    ({ identity: { training }, progress: now, optimizerSteps, files: entries }, context) => {
      const check = (isSo: boolean, path: string, message: string) => {
        if (!isSo) context.addIssue({ code: 'custom', path: path.split('.'), message })
      }
      const { epoch, step, records, sums, evaluations } = now
      const steps = records.reduce((sum, each) => sum + each.steps, 0)
      const isDone = now.drawnBatches === 0
      check(
        epoch + Number(!isDone) <= training.epochs,
        'progress.epoch',
        `expected at most ${training.epochs}`,
      )
      check(records.length === epoch, 'progress.records', `expected ${epoch}, one an epoch`)
      check(
        records.every((each, at) => each.epoch === at + 1),
        'progress.records',
        'expected the epochs in order',
      )
      check(
        now.totalSteps === steps + step,
        'progress.totalSteps',
        `expected ${steps + step}, the steps of all epochs`,
      )
      check(
        sums.steps === step && sums.samples >= step,
        'progress.sums',
        `expected sums of ${step} steps`,
      )
      check(
        now.seenBatches <= now.drawnBatches && step <= now.seenBatches && (!isDone || step === 0),
        'progress.seenBatches',
        'expected at most the batches that were drawn, and at least the steps',
      )
      check(
        monitorsOf(training).some((name) => isSame(evaluations, courseOf(records, name))),
        'progress.evaluations',
        'expected the monitored values of the records',
      )
      check(
        now.best === null ||
          evaluations.some(
            (each) => each.epoch === now.best?.epoch && each.value === now.best.value,
          ),
        'progress.best',
        'expected one of the evaluations',
      )
      check(
        (now.best !== null) === 'best' in entries,
        'files',
        'expected best exactly where progress.best is',
      )
      for (const role of ['weights', 'optimizer'])
        check(role in entries, 'files', `expected ${role}`)
      check(
        Object.values(optimizerSteps).every((each) => each <= now.totalSteps),
        'optimizerSteps',
        `expected at most ${now.totalSteps}`,
      )
    },
  )
