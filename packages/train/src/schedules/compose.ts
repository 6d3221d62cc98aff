import { InvalidOptionsError } from '@gnnrec/graph'
import type { LearningRateSchedule } from './learning-rate-schedule.js'

/** One part of a {@link sequence}. */
export interface SequencePart {
  readonly schedule: LearningRateSchedule
  /** For how many epochs, an integer >= 1; the last part has what is left and none here. */
  readonly epochs?: number
}

/**
 * Schedules one after another; each sees the epochs of its part as a training of their own.
 *
 *     sequence([{ schedule: linearWarmup({ epochs: 5 }), epochs: 5 }, { schedule: cosine() }])
 *
 * @throws InvalidOptionsError when there is no part, when one but the last has no number of epochs, or
 * when a part is shorter than its warm-up
 */
export function sequence(parts: readonly SequencePart[]): LearningRateSchedule {
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new InvalidOptionsError(
      'sequence: got no parts; expected one or more { schedule, epochs }.',
    )
  }
  const last = parts.length - 1
  const starts = [0]
  for (const [index, { schedule, epochs }] of parts.entries()) {
    if (typeof schedule !== 'function') {
      throw new InvalidOptionsError(`sequence: part ${index} has no schedule; expected a function.`)
    }
    if (index === last) {
      if (epochs === undefined) continue
      throw new InvalidOptionsError(
        `sequence: the last part has epochs: ${epochs}; leave it out, as that part has what is left.`,
      )
    }
    if (!Number.isInteger(epochs) || (epochs as number) < 1) {
      throw new InvalidOptionsError(
        `sequence: part ${index} has epochs: ${epochs}; expected an integer >= 1.`,
      )
    }
    if (leastOf(schedule) > (epochs as number)) {
      throw new InvalidOptionsError(
        `sequence: part ${index} has epochs: ${epochs}, but its schedule needs ${leastOf(schedule)} at least.`,
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
 * Schedules whose shares are multiplied: a warm-up and a plateau, for instance.
 *
 *     product([linearWarmup({ epochs: 5 }), reduceOnPlateau()])
 *
 * @throws InvalidOptionsError when there is none
 */
export function product(factors: readonly LearningRateSchedule[]): LearningRateSchedule {
  if (!Array.isArray(factors) || factors.length === 0) {
    throw new InvalidOptionsError('product: got no schedules; expected one or more.')
  }
  const schedule: LearningRateSchedule = (position, history) =>
    factors.reduce((share, factor) => share * factor(position, history), 1)
  const warmupEpochs = Math.max(...factors.map((factor) => factor.warmupEpochs ?? 0))
  const leastEpochs = Math.max(...factors.map(leastOf))
  return withTraits(schedule, { warmupEpochs, leastEpochs }, factors)
}

/** Epochs that a schedule needs at least. */
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
