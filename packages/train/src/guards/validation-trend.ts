import { parseMetric } from '@gnnrec/eval'
import type { EpochRecord } from '../record/training-history.js'

/** How a validation metric has gone so far; more is better. */
export class ValidationTrend {
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
   * By the first metric with a value per user: what asks for all lists together, such as coverage, says
   * little of how good they are. Undefined where there is none, or no value yet.
   *
   * @param epoch - epochs that are complete
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

  /** Whether the best so far came within the last so many epochs. */
  isRising(epochs: number): boolean {
    return this.#bestUntil(this.#epoch - epochs) < this.best
  }

  /**
   * What the best will be in epoch `last` if it goes on to grow as in the last `epochs` epochs; infinite
   * if there is no value as old.
   */
  expectedBest(last: number, epochs: number): number {
    if (last <= this.#epoch) return this.best
    const before = this.#bestUntil(this.#epoch - epochs)
    return this.best + ((this.best - before) / epochs) * (last - this.#epoch)
  }

  #bestUntil(epoch: number): number {
    const values = this.#values.filter((each) => each.epoch <= epoch).map(({ value }) => value)
    return Math.max(Number.NEGATIVE_INFINITY, ...values)
  }
}
