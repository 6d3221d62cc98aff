import { NonFiniteError } from '@gnnrec/graph'
import { metricName } from './evaluate-options.js'
import type {
  ListAccumulator,
  MetricAtK,
  MetricContext,
  UserRanking,
  UserScorer,
} from './metrics/metric.js'

type Column = { readonly name: string; readonly k: number } & (
  | { readonly kind: 'user'; readonly score: UserScorer; readonly values: Float64Array }
  | { readonly kind: 'lists'; readonly accumulator: ListAccumulator }
)

/** Metrics of all lists that were recorded. */
export interface RecordedMetrics {
  readonly metrics: Record<string, number>
  readonly perUser: Record<string, Float64Array>
  /** Number of users for whom a metric is undefined, by metric; absent where there are none. */
  readonly undefinedUsers: Record<string, number>
}

/** Computes all metrics of lists that are added one after the other. */
export class MetricRecorder {
  readonly #columns: readonly Column[]
  readonly #split: MetricContext['split']
  /** The first k items of the list at hand, by k. */
  readonly #cuts = new Map<number, Int32Array>()
  #users = 0

  constructor(metrics: readonly MetricAtK[], context: Omit<MetricContext, 'k'>, userCount: number) {
    this.#split = context.split
    this.#columns = metrics.map((entry) => {
      const { metric } = entry
      const name = metricName(entry)
      const k = entry.k ?? context.items.itemCount
      const places = entry.k === undefined ? 0 : (metric.places?.(k) ?? k)
      this.#cuts.set(places, new Int32Array())
      const column = { name, k: places }
      if (metric.kind === 'lists') {
        return { ...column, kind: 'lists', accumulator: metric.create({ ...context, k }) }
      }
      const values = new Float64Array(userCount)
      return { ...column, kind: 'user', score: metric.create({ ...context, k }), values }
    })
  }

  /**
   * Adds the list of one user. Users come by ascending index.
   *
   * @throws NonFiniteError when a metric of the user is not finite
   */
  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void {
    for (const k of this.#cuts.keys()) this.#cuts.set(k, list.subarray(0, k))
    for (const column of this.#columns) {
      const cut = this.#cuts.get(column.k)!
      if (column.kind === 'lists') {
        column.accumulator.add(cut, relevant, ranking)
        continue
      }
      const value = column.score(cut, relevant, ranking)
      if (value !== undefined && !Number.isFinite(value)) {
        const { user } = ranking
        const id = JSON.stringify(this.#split.train.users.idOf(user))
        throw nonFinite(column.name, value, `for user ${id} (index ${user})`)
      }
      column.values[this.#users] = value ?? Number.NaN
    }
    this.#users++
  }

  /** Number of users so far. */
  get users(): number {
    return this.#users
  }

  /**
   * Returns the values by metric name, in the order in which the metrics were asked for.
   *
   * @throws NonFiniteError when a metric over all lists is not finite, or a metric is undefined for
   * every user
   */
  result(): RecordedMetrics {
    const metrics: Record<string, number> = {}
    const perUser: Record<string, Float64Array> = {}
    const undefinedUsers: Record<string, number> = {}
    for (const column of this.#columns) {
      const { name } = column
      if (column.kind === 'user') {
        const { mean, defined } = meanOfDefined(column.values.subarray(0, this.#users))
        if (defined === 0) throw nonFinite(name, undefined, 'for every user')
        metrics[name] = mean
        perUser[name] = column.values
        if (defined < this.#users) undefinedUsers[name] = this.#users - defined
        continue
      }
      const value = column.accumulator.value()
      if (value === undefined || !Number.isFinite(value)) {
        throw nonFinite(name, value, 'over all lists')
      }
      metrics[name] = value
    }
    return { metrics, perUser, undefinedUsers }
  }

  /** Returns the values by metric name, without those that are undefined. */
  definedMetrics(): Record<string, number> {
    const values = this.#columns.map((column) => {
      const value =
        column.kind === 'user'
          ? meanOfDefined(column.values.subarray(0, this.#users)).mean
          : column.accumulator.value()
      return [column.name, value] as const
    })
    return Object.fromEntries(
      values.filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
    )
  }
}

function meanOfDefined(values: Float64Array): { mean: number; defined: number } {
  let [sum, defined] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    sum += values[i]
    defined++
  }
  return { mean: sum / defined, defined }
}

function nonFinite(name: string, value: unknown, where: string): NonFiniteError {
  return new NonFiniteError(`The metric ${name} is ${value} ${where}; expected a finite number.`)
}
