import { InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { ScheduleSettings } from '@gnnrec/models'
import { product, sequence } from './compose.js'
import { constant } from './constant.js'
import { cosine, cosineRestarts } from './cosine.js'
import { exponentialDecay, stepDecay } from './decay.js'
import type { LearningRateSchedule } from './learning-rate-schedule.js'
import { linearWarmup } from './linear-warmup.js'
import { reduceOnPlateau } from './reduce-on-plateau.js'
import { warmupCosine } from './warmup-cosine.js'

/** The options of a named schedule, not checked yet. */
type Options = Readonly<Record<string, unknown>>

const makers: Readonly<Record<string, (options: Options) => LearningRateSchedule>> = {
  'warmup-cosine': (options) => warmupCosine(options),
  'linear-warmup': (options) => linearWarmup(options as never),
  cosine: (options) => cosine(options),
  'cosine-restarts': (options) => cosineRestarts(options as never),
  step: (options) => stepDecay(options as never),
  exponential: (options) => exponentialDecay(options as never),
  'reduce-on-plateau': (options) => reduceOnPlateau(options),
  sequence: ({ parts, ...options }) => {
    checkNone('sequence', options)
    return sequence(
      listOf('sequence', 'parts', parts).map(({ schedule, ...part }) => ({
        ...part,
        schedule: fromSettings(schedule as ScheduleSettings),
      })),
    )
  },
  product: ({ factors, ...options }) => {
    checkNone('product', options)
    return product(
      listOf('product', 'factors', factors).map((factor) =>
        fromSettings(factor as unknown as ScheduleSettings),
      ),
    )
  },
  constant: (options) => {
    checkNone('constant', options)
    return constant()
  },
}

/**
 * Makes the schedule that the data of a preset describes, such as `{ name: 'warmup-cosine', warmupEpochs: 5 }`.
 * `Trainer` does this by itself.
 *
 * @throws InvalidOptionsError when the name is unknown or a setting is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.fromSettings({ name: 'step', every: 2, factor: 0.1 })
 * console.log(schedule({ epoch: 2, step: 0, epochs: 4, stepsPerEpoch: 1 })) // 0.1
 * ```
 */
export function fromSettings(settings: ScheduleSettings): LearningRateSchedule {
  const { name, ...options } = settings ?? {}
  if (typeof name === 'string' && Object.hasOwn(makers, name)) return makers[name](options)
  throw new InvalidOptionsError(
    `schedule: got ${showValue(settings)}; expected a function or { name } with one of the names ${Object.keys(makers).join(', ')} and its options.`,
  )
}

function listOf(name: string, field: string, value: unknown): readonly Options[] {
  const isList = Array.isArray(value) && value.every((part) => typeof part === 'object' && part)
  if (isList) return value
  throw new InvalidOptionsError(
    `schedule: '${name}' has ${field}: ${showValue(value)}; expected a list of objects.`,
  )
}

function checkNone(name: string, options: Options): void {
  const [unknown] = Object.keys(options)
  if (unknown === undefined) return
  throw new InvalidOptionsError(`schedule: '${name}' has the unknown option '${unknown}'.`)
}
