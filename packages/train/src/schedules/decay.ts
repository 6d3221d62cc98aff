import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  epochsBefore,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** Epochs between drops, an integer >= 1. */
  every: number
  /** Factor of each drop, in (0, 1]. */
  factor: number
}

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** Factor of each epoch, in (0, 1]. */
  factor: number
  /** How often the rate changes. @defaultValue 'epoch' */
  per?: ScheduleUnit
}

const factor = z.number().positive().max(1)
const stepSchema = z.strictObject({ every: z.int().min(1), factor })
const exponentialSchema = z.strictObject({
  factor,
  per: z.enum(['epoch', 'step']).default('epoch'),
})

/**
 * Drops every few epochs: factor^⌊epochs done before / every⌋, as PyTorch's `StepLR`.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 */
export function stepDecay(options: StepDecayOptions): LearningRateSchedule {
  const { every, factor } = parseOptions('stepDecay', stepSchema, options)
  return ({ epoch }) => factor ** Math.floor(epoch / every)
}

/**
 * Falls by a factor each epoch: factor^(epochs done before), as PyTorch's `ExponentialLR`; per step
 * by the root of it, so that both agree at the start of every epoch.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 */
export function exponentialDecay(options: ExponentialDecayOptions): LearningRateSchedule {
  const { factor, per } = parseOptions('exponentialDecay', exponentialSchema, options)
  return (position) => factor ** epochsBefore(position, per)
}
