import { NonFiniteError, type Split } from '@gnnrec/graph'
import { metricName } from './evaluate-options.js'
import type { ListAccumulator, MetricAtK, UserScorer } from './metrics/metric.js'

type Column = { readonly name: string; readonly k: number } & (
  | { readonly kind: 'user'; readonly score: UserScorer; readonly values: Float64Array }
  | { readonly kind: 'lists'; readonly accumulator: ListAccumulator }
)

/** Feeds every list to every metric and keeps what they say. */
export class MetricRecorder {
  readonly #columns: readonly Column[]
  readonly #split: Split

  constructor(metrics: readonly MetricAtK[], split: Split, userCount: number) {
    this.#split = split
    this.#columns = metrics.map((entry) => {
      const { metric, k } = entry
      const name = metricName(entry)
      if (metric.kind === 'lists') {
        return { kind: 'lists', name, k, accumulator: metric.create({ k, split }) }
      }
      const values = new Float64Array(userCount)
      return { kind: 'user', name, k, score: metric.create({ k, split }), values }
    })
  }

  /**
   * Takes the list of one user.
   *
   * @param position - the user's place among the ranked users; ascending over the calls
   * @throws NonFiniteError when a metric gives the user a value that is not finite
   */
  add(position: number, user: number, list: Int32Array, relevant: Int32Array): void {
    for (const column of this.#columns) {
      const cut = list.subarray(0, column.k)
      if (column.kind === 'lists') {
        column.accumulator.add(cut, relevant)
        continue
      }
      const value = column.score(cut, relevant)
      if (!Number.isFinite(value)) {
        const id = JSON.stringify(this.#split.train.users.idOf(user))
        throw nonFinite(column.name, value, `for user ${id} (index ${user})`)
      }
      column.values[position] = value
    }
  }

  /**
   * Values by metric name, in the order in which the metrics were asked for.
   *
   * @throws NonFiniteError when a metric over all lists is not finite
   */
  result(): { metrics: Record<string, number>; perUser: Record<string, Float64Array> } {
    const metrics: Record<string, number> = {}
    const perUser: Record<string, Float64Array> = {}
    for (const column of this.#columns) {
      const { name } = column
      if (column.kind === 'user') {
        metrics[name] = mean(column.values)
        perUser[name] = column.values
        continue
      }
      const value = column.accumulator.value()
      if (!Number.isFinite(value)) throw nonFinite(name, value, 'over all lists')
      metrics[name] = value
    }
    return { metrics, perUser }
  }
}

function mean(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

function nonFinite(name: string, value: unknown, where: string): NonFiniteError {
  return new NonFiniteError(`The metric ${name} is ${value} ${where}; expected a finite number.`)
}
