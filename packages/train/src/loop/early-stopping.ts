import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions {
  /** Epochs (not evaluations) without improvement after which training ends, an integer >= 1. */
  patience: number
  /**
   * Least improvement that counts, >= 0: a number is a share of the best value so far, `{ absolute }` is in the
   * metric's own unit. @defaultValue 0
   */
  minimumChange?: number | { readonly absolute: number }
  /** Number of first epochs that never count towards the patience, an integer >= 0. @defaultValue 0 */
  warmupEpochs?: number
  /** Direction of improvement: `'max'` for metrics, `'min'` for a loss. @defaultValue 'max' */
  mode?: 'max' | 'min'
}

/** The best value so far and its epoch. */
export interface BestValue {
  readonly epoch: number
  readonly value: number
}

/** Result of {@link EarlyStopping.update}. */
export interface EarlyStoppingVerdict {
  /** True when the value is the best so far. */
  readonly improved: boolean
  /** True when training should stop. */
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
 * The rule that decides when a metric has stopped growing, or a loss falling.
 *
 * A value is an improvement if it exceeds best + minimumChange · |best| (or best + absolute); in the mode `'min'`
 * it must be below best - minimumChange · |best|. The first number always is one, NaN never. After a value that is
 * none, training should stop if epoch - max(bestEpoch, warmupEpochs) >= patience, however many epochs lie between
 * evaluations.
 *
 * @example
 * ```ts
 * import { EarlyStopping } from '@gnnrec/train'
 *
 * const stopping = new EarlyStopping({ patience: 2 })
 * for (const [index, value] of [0.1, 0.3, 0.2, 0.25].entries()) {
 *   const { improved, stop } = stopping.update(index + 1, value)
 *   console.log(index + 1, improved, stop)
 * }
 * console.log(stopping.best)
 * ```
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

  /** Sets the best value to that of an earlier training, which is the only state. */
  restore(best: BestValue | null): void {
    this.#best = best
  }

  /**
   * Takes the value of an evaluation.
   *
   * @param epoch - number of the epoch, from 1, ascending from call to call
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

/** Returns true when a value is an improvement on the best so far; see {@link EarlyStopping}. */
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
