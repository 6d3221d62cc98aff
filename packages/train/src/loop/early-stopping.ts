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
  /** Whether the value is to grow, as metrics are, or to fall, as the loss. @defaultValue 'max' */
  mode?: 'max' | 'min'
}

/** The best value so far and its epoch. */
export interface BestValue {
  readonly epoch: number
  readonly value: number
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
  mode: z.enum(['max', 'min']).default('max'),
})

/**
 * Decides when a metric has stopped growing, or a loss falling.
 *
 * A value improves if it exceeds best + minimumChange · |best| (or best + absolute), or where it is to
 * fall is below best - minimumChange · |best|; the first number always does, NaN never. At a value that does not improve, training should stop if
 * epoch - max(bestEpoch, warmupEpochs) >= patience, whatever the epochs between evaluations.
 */
export class EarlyStopping {
  readonly #options: z.output<typeof schema>
  #best: BestValue | null = null

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: EarlyStoppingOptions) {
    this.#options = parseOptions('EarlyStopping', schema, options)
  }

  /** The best value so far and its epoch; null before the first number. */
  get best(): BestValue | null {
    return this.#best
  }

  /** Goes on from the best value of an earlier training; nothing else is remembered. */
  restore(best: BestValue | null): void {
    this.#best = best
  }

  /**
   * Takes the value of an evaluation.
   *
   * @param epoch - from 1, ascending from call to call
   */
  update(epoch: number, value: number): EarlyStoppingVerdict {
    const { patience, minimumChange, warmupEpochs, mode } = this.#options
    const best = this.#best
    const improved = improves(value, best?.value, minimumChange, mode)
    if (improved) this.#best = { epoch, value }
    const since = Math.max(best?.epoch ?? 0, warmupEpochs)
    return { improved, stop: !improved && epoch - since >= patience }
  }
}

/** Whether a value is better than the best so far by what counts; see {@link EarlyStopping}. */
export function improves(
  value: number,
  best: number | undefined,
  minimumChange: number | { readonly absolute: number },
  mode: 'max' | 'min' = 'max',
): boolean {
  if (best === undefined) return !Number.isNaN(value)
  const change =
    typeof minimumChange === 'number' ? minimumChange * Math.abs(best) : minimumChange.absolute
  return mode === 'max' ? value > best + change : value < best - change
}
