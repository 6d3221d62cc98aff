import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions {
  /** Epochs (not evaluations) without improvement after which training ends, an integer >= 1. */
  patience: number
  /**
   * Improvement that counts, >= 0: a number is a share of the best value so far, `{ absolute }` is in
   * the metric's own unit. @defaultValue 0
   */
  minimumChange?: number | { readonly absolute: number }
  /** First epochs that never count towards the patience, an integer >= 0. @defaultValue 0 */
  warmupEpochs?: number
}

/** What {@link EarlyStopping.update} says to a value. */
export interface EarlyStoppingVerdict {
  /** Whether this is the best value so far. */
  readonly improved: boolean
  /** Whether the patience is at an end. */
  readonly stop: boolean
}

export const minimumChangeSchema = z.union(
  [z.number().min(0), z.strictObject({ absolute: z.number().min(0) })],
  { error: 'expected a number >= 0 or { absolute: a number >= 0 }' },
)

const schema = z.strictObject({
  patience: z.int().min(1),
  minimumChange: minimumChangeSchema.default(0),
  warmupEpochs: z.int().min(0).default(0),
})

/**
 * Decides when a metric that is to grow has stopped growing.
 *
 * A value improves if it exceeds best + minimumChange · |best| (or best + absolute); the first number always does, NaN
 * never. At a value that does not improve, training should stop if
 * epoch - max(bestEpoch, warmupEpochs) >= patience, whatever the epochs between evaluations.
 */
export class EarlyStopping {
  readonly #options: z.output<typeof schema>
  #best: { readonly epoch: number; readonly value: number } | null = null

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: EarlyStoppingOptions) {
    this.#options = parseOptions('EarlyStopping', schema, options)
  }

  /** The best value so far and its epoch; null before the first number. */
  get best(): { readonly epoch: number; readonly value: number } | null {
    return this.#best
  }

  /**
   * Takes the value of an evaluation.
   *
   * @param epoch - from 1, ascending from call to call
   */
  update(epoch: number, value: number): EarlyStoppingVerdict {
    const { patience, minimumChange, warmupEpochs } = this.#options
    const best = this.#best
    const improved =
      best === null ? !Number.isNaN(value) : value > best.value + change(minimumChange, best.value)
    if (improved) this.#best = { epoch, value }
    const since = Math.max(best?.epoch ?? 0, warmupEpochs)
    return { improved, stop: !improved && epoch - since >= patience }
  }
}

function change(minimum: number | { readonly absolute: number }, best: number): number {
  return typeof minimum === 'number' ? minimum * Math.abs(best) : minimum.absolute
}
