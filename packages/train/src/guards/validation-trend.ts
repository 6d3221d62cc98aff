import { parseMetric } from '@gnnrec/eval'
import type { EpochRecord } from '../record/training-history.js'

/** The course of a validation metric so far; more is better. */
export class ValidationTrend {
  /** Name of the metric. */
  readonly metric: string
  /** The largest value so far. */
  readonly best: number
  readonly #values: readonly { readonly epoch: number; readonly value: number }[]
  readonly #epoch: number

  private constructor(
    metric: string,
    values: readonly { readonly epoch: number; readonly value: number }[],
    epoch: number,
  ) {
    this.metric = metric
    this.#values = values
    this.#epoch = epoch
    this.best = this.#bestUntil(epoch)
  }

  /**
   * Returns the trend of the first metric with a value per user, since metrics of all lists together, such as
   * coverage, say little about how good they are. Returns undefined where there is none, or no value yet.
   *
   * @param epoch - number of epochs that are complete
   */
  static of(
    metrics: readonly string[],
    records: readonly EpochRecord[],
    epoch: number,
  ): ValidationTrend | undefined {
    const metric = metrics.find((name) => parseMetric(name).metric.kind === 'user')
    if (metric === undefined) return undefined
    const values = records.flatMap((record) => {
      const value = record.validation?.[metric]
      return value === undefined ? [] : [{ epoch: record.epoch, value }]
    })
    return values.length > 0 ? new ValidationTrend(metric, values, epoch) : undefined
  }

  /** Returns true when the best value so far came within the last `epochs` epochs. */
  isRising(epochs: number): boolean {
    return this.#bestUntil(this.#epoch - epochs) < this.best
  }

  /**
   * Returns the best value to expect by epoch `last` if it grows on as in the last `epochs` epochs; infinite if there
   * is no value as old as that.
   */
  expectedBest(last: number, epochs: number): number {
    if (last <= this.#epoch) return this.best
    const before = this.#bestUntil(this.#epoch - epochs)
    return this.best + ((this.best - before) / epochs) * (last - this.#epoch)
  }

  #bestUntil(epoch: number): number {
    const values = this.#values.filter((each) => each.epoch <= epoch).map(({ value }) => value)
    return values.reduce((most, each) => Math.max(most, each), -Infinity)
  }
}
