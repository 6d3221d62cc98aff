import { InvalidOptionsError } from '@gnnrec/graph'
import type { LearningRateSchedule } from './learning-rate-schedule.js'

/** A part of a sequence of schedules. */
export interface SequencePart {
  /** The schedule of this part; it sees the epochs of the part as a training of their own. */
  readonly schedule: LearningRateSchedule
  /** Epochs of the part, an integer >= 1. The last part takes all that are left and must not have it. */
  readonly epochs?: number
}

/**
 * Joins schedules one after another. Each sees the epochs of its part as a training of their own.
 *
 * @throws InvalidOptionsError when there is no part, when a part before the last has no number of epochs, or
 * when a part is shorter than its warm-up
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.sequence([
 *   { schedule: schedules.linearWarmup({ epochs: 2 }), epochs: 2 },
 *   { schedule: schedules.cosine() },
 * ])
 * const shares = [0, 1, 2, 3].map((epoch) => schedule({ epoch, step: 0, epochs: 4, stepsPerEpoch: 1 }))
 * console.log(shares) // rises to 1 over two epochs, then falls to 0
 * ```
 */
export function sequence(parts: readonly SequencePart[]): LearningRateSchedule {
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new InvalidOptionsError(
      'schedules.sequence: got no parts; expected one or more { schedule, epochs }.',
    )
  }
  const last = parts.length - 1
  const starts = [0]
  for (const [index, { schedule, epochs }] of parts.entries()) {
    if (typeof schedule !== 'function') {
      throw new InvalidOptionsError(
        `schedules.sequence: part ${index} has no schedule; expected a function.`,
      )
    }
    if (index === last) {
      if (epochs === undefined) continue
      throw new InvalidOptionsError(
        `schedules.sequence: the last part has epochs: ${epochs}; leave it out, as that part has what is left.`,
      )
    }
    if (!Number.isInteger(epochs) || (epochs as number) < 1) {
      throw new InvalidOptionsError(
        `schedules.sequence: part ${index} has epochs: ${epochs}; expected an integer >= 1.`,
      )
    }
    if (leastOf(schedule) > (epochs as number)) {
      throw new InvalidOptionsError(
        `schedules.sequence: part ${index} has epochs: ${epochs}, but its schedule needs ${leastOf(schedule)} at least.`,
      )
    }
    starts.push(starts[index] + (epochs as number))
  }
  const schedule: LearningRateSchedule = ({ epoch, epochs, ...position }, history) => {
    const index = starts.filter((start) => start <= epoch).length - 1
    const start = starts[index]
    const length = parts[index].epochs ?? epochs - start
    return parts[index].schedule({ ...position, epoch: epoch - start, epochs: length }, history)
  }
  const { warmupEpochs = 0 } = parts[0].schedule
  const leastEpochs = starts[last] + leastOf(parts[last].schedule)
  return withTraits(
    schedule,
    { warmupEpochs, leastEpochs },
    parts.map((part) => part.schedule),
  )
}

/**
 * Multiplies the shares of schedules, such as those of a warm-up and of a decay.
 *
 * @throws InvalidOptionsError when there is no schedule
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.product([
 *   schedules.linearWarmup({ epochs: 2 }),
 *   schedules.exponentialDecay({ factor: 0.5 }),
 * ])
 * const shares = [0, 1, 2].map((epoch) => schedule({ epoch, step: 0, epochs: 3, stepsPerEpoch: 1 }))
 * console.log(shares) // [0.5, 0.5, 0.25]
 * ```
 */
export function product(factors: readonly LearningRateSchedule[]): LearningRateSchedule {
  if (!Array.isArray(factors) || factors.length === 0) {
    throw new InvalidOptionsError('schedules.product: got no schedules; expected one or more.')
  }
  const schedule: LearningRateSchedule = (position, history) =>
    factors.reduce((share, factor) => share * factor(position, history), 1)
  const warmupEpochs = Math.max(...factors.map((factor) => factor.warmupEpochs ?? 0))
  const leastEpochs = Math.max(...factors.map(leastOf))
  return withTraits(schedule, { warmupEpochs, leastEpochs }, factors)
}

/** Returns the number of epochs that a schedule needs at least. */
function leastOf({ leastEpochs, warmupEpochs = 0 }: LearningRateSchedule): number {
  return leastEpochs ?? Math.max(1, warmupEpochs)
}

function withTraits(
  schedule: LearningRateSchedule,
  traits: { readonly warmupEpochs: number; readonly leastEpochs: number },
  parts: readonly LearningRateSchedule[],
): LearningRateSchedule {
  return Object.assign(schedule, {
    ...traits,
    needsHistory: parts.some(({ needsHistory }) => needsHistory === true),
  })
}
