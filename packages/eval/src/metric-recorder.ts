import { refusePromise } from '@gnnrec/graph/kernels'
import { metricName } from './evaluate-options.js'
import type {
  ListAccumulator,
  Metric,
  MetricAtK,
  MetricContext,
  UserRanking,
  UserScorer,
} from './metrics/metric.js'

type Column = {
  readonly name: string
  readonly k: number
  readonly metric: Metric
  /** The reason why the metric can have no value any more, once there is one. */
  problem?: string
} & (
  | { readonly kind: 'user'; readonly score: UserScorer; readonly values: Float64Array }
  | { readonly kind: 'lists'; readonly accumulator: ListAccumulator }
)

/** Metrics of all lists that were recorded. */
export interface RecordedMetrics {
  /** Values by name, without those that are undefined. */
  readonly metrics: Record<string, number>
  /** Reasons of the metrics that are undefined, by name. */
  readonly undefinedMetrics: Record<string, string>
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
      const column = { name, k: places, metric }
      if (metric.kind === 'lists') {
        return {
          ...column,
          kind: 'lists',
          accumulator: refusePromise(`create of ${name}`, metric.create({ ...context, k })),
        }
      }
      const values = new Float64Array(userCount)
      return {
        ...column,
        kind: 'user',
        score: refusePromise(`create of ${name}`, metric.create({ ...context, k })),
        values,
      }
    })
  }

  /** Adds the list of one user. Users come by ascending index. */
  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void {
    for (const k of this.#cuts.keys()) this.#cuts.set(k, list.subarray(0, k))
    for (const column of this.#columns) {
      if (column.problem !== undefined) continue
      const cut = this.#cuts.get(column.k)!
      if (column.kind === 'lists') {
        refusePromise(`add of ${column.name}`, column.accumulator.add(cut, relevant, ranking))
        continue
      }
      const value = refusePromise(column.name, column.score(cut, relevant, ranking))
      if (value !== undefined && !Number.isFinite(value)) {
        const { user } = ranking
        const id = JSON.stringify(this.#split.train.users.idOf(user))
        column.problem = notFinite(value, `for user ${id} (index ${user})`)
      }
      column.values[this.#users] = value ?? Number.NaN
    }
    this.#users++
  }

  /** Number of users so far. */
  get users(): number {
    return this.#users
  }

  /** Returns the values by metric name, in the order in which the metrics were asked for. */
  result(): RecordedMetrics {
    const metrics: [string, number][] = []
    const undefinedMetrics: [string, string][] = []
    const perUser: [string, Float64Array][] = []
    const undefinedUsers: [string, number][] = []
    for (const column of this.#columns) {
      const { name } = column
      const found = this.#valueOf(column)
      if (typeof found === 'string') {
        undefinedMetrics.push([name, found])
        continue
      }
      metrics.push([name, found.value])
      if (column.kind === 'lists') continue
      perUser.push([name, column.values])
      if (found.undefinedUsers > 0) undefinedUsers.push([name, found.undefinedUsers])
    }
    return {
      metrics: Object.fromEntries(metrics),
      undefinedMetrics: Object.fromEntries(undefinedMetrics),
      perUser: Object.fromEntries(perUser),
      undefinedUsers: Object.fromEntries(undefinedUsers),
    }
  }

  /** Returns the value of a metric, or the reason why it has none. */
  #valueOf(column: Column): { readonly value: number; readonly undefinedUsers: number } | string {
    const { problem, metric } = column
    if (problem !== undefined) return problem
    if (column.kind === 'user') {
      const { mean, defined } = meanOfDefined(column.values.subarray(0, this.#users))
      if (defined > 0) return { value: mean, undefinedUsers: this.#users - defined }
      return metric.undefinedWhen ?? 'it has a value for no user'
    }
    const value = refusePromise(column.name, column.accumulator.value())
    if (value === undefined) return metric.undefinedWhen ?? 'the lists determine no value'
    return Number.isFinite(value)
      ? { value, undefinedUsers: 0 }
      : notFinite(value, 'over all lists')
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

function notFinite(value: number, where: string): string {
  return `it is ${value} ${where}, which is no finite number`
}
