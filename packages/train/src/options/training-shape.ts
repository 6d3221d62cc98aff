import { InvalidOptionsError } from '@gnnrec/graph'
import type { OptimizerSettings } from '@gnnrec/models'
import * as z from 'zod'
import { guardsSchema } from '../guards/guard-options.js'
import { minimumChangeSchema } from '../loop/early-stopping.js'
import type { Evaluations } from '../loop/monitor.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'

/** The fields that are the same wherever the tables lie that are trained. */
export const trainingShape = {
  epochs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  batchSize: z.int().min(1),
  learningRate: z.number().positive(),
  sampling: z.enum(['user-uniform', 'interaction-shuffle']),
  negativesPerPositive: z.int().min(1).default(1),
  negatives: z
    .union([z.literal('uniform'), z.strictObject({ popularityExponent: z.number().min(0) })], {
      error: "expected 'uniform' or { popularityExponent: a finite number >= 0 }",
    })
    .default('uniform'),
  optimizer: z
    .custom<OptimizerSettings>((value) => typeof value === 'object' && value !== null, {
      error: "expected an object such as { name: 'adam' }",
    })
    .default({ name: 'adam' }),
  weightDecay: z.record(z.string(), z.number().min(0)).default({}),
  clipNorm: z.number().positive().optional(),
  clipValue: z.number().positive().optional(),
  accumulateSteps: z.int().min(1).default(1),
  evaluateEvery: z.int().min(1).optional(),
  earlyStopping: z
    .strictObject({
      metric: z.string(),
      patience: z.int().min(1),
      minimumChange: minimumChangeSchema.default(0),
    })
    .optional(),
  metrics: z.array(z.string()).readonly().default([]),
  seed: z.union([z.number(), z.string()]).default(0),
  guards: guardsSchema.prefault({}),
}

/** @throws InvalidOptionsError when the schedule and the epochs do not fit, or it needs what is not watched */
export function checkSchedule(
  { warmupEpochs = 0, leastEpochs = warmupEpochs, needsHistory }: LearningRateSchedule,
  epochs: number,
  { monitor }: Evaluations,
): void {
  if (warmupEpochs > epochs) {
    throw new InvalidOptionsError(
      `epochs: got ${epochs}, fewer than the ${warmupEpochs} warm-up epochs of the schedule; train longer or warm up for at most ${epochs}.`,
    )
  }
  if (leastEpochs > epochs) {
    throw new InvalidOptionsError(
      `epochs: got ${epochs}, but the parts of the schedule take ${leastEpochs} at least; train longer or shorten them.`,
    )
  }
  if (needsHistory && !monitor) {
    throw new InvalidOptionsError(
      "schedule: a reduction on plateaus needs something to watch; set metrics (for instance ['ndcg@10']) or earlyStopping, with metric: 'loss' for the loss.",
    )
  }
}
