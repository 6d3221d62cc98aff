import { type InteractionLists, InvalidOptionsError } from '@gnnrec/graph'
import { MetricRecorder } from '../metric-recorder.js'
import type { MetricAtK, MetricContext, UserRanking } from '../metrics/metric.js'
import { itemsOf } from '../protocol/mask.js'
import { bucketsOf } from './buckets.js'
import type { Segment, SegmentKind, SegmentOption, Segments } from './segment-settings.js'

/** The data that segments are made from. */
export interface SegmentContext {
  readonly metrics: readonly MetricAtK[]
  readonly context: Omit<MetricContext, 'k'>
  /** Indices of the ranked users. */
  readonly users: Int32Array
  readonly train: InteractionLists
}

/** A collector of the metrics of the segments of one kind. */
interface SegmentRecorder {
  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void
  result(): Segment[]
}

/** A collector of the metrics of all segments that were asked for. */
export class AllSegments {
  readonly #recorders = new Map<SegmentKind, SegmentRecorder>()

  /** @throws InvalidOptionsError when a kind is asked for twice */
  constructor(options: readonly SegmentOption[], context: SegmentContext) {
    for (const option of options) {
      const kind = typeof option === 'string' ? option : option.by
      if (this.#recorders.has(kind)) {
        throw new InvalidOptionsError(`segments: '${kind}' is listed twice; expected each once.`)
      }
      this.#recorders.set(kind, recorderOf(option, kind, context))
    }
  }

  /** Adds the list of one user to every segment. */
  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void {
    for (const recorder of this.#recorders.values()) recorder.add(list, relevant, ranking)
  }

  /** Returns the segments by kind. */
  result(): Segments {
    return Object.fromEntries([...this.#recorders].map(([kind, own]) => [kind, own.result()]))
  }
}

function recorderOf(
  option: SegmentOption,
  kind: SegmentKind,
  context: SegmentContext,
): SegmentRecorder {
  if (kind === 'item-popularity') return new ItemSegments(option, context)
  const { users, train } = context
  if (kind === 'user-warmth') {
    const names = [{ name: 'warm' }, { name: 'cold' }]
    return new UserSegments(names, context, (user) => (itemsOf(train, user).length > 0 ? 0 : 1))
  }
  const buckets = bucketsOf(
    option,
    users.map((user) => itemsOf(train, user).length),
  )
  const names = Array.from({ length: buckets.length }, (_, b) => buckets.describe(b))
  return new UserSegments(names, context, (user) => buckets.indexOf(itemsOf(train, user).length))
}

type SegmentName = Pick<Segment, 'name' | 'from' | 'to'>

class UserSegments implements SegmentRecorder {
  readonly #names: readonly SegmentName[]
  readonly #recorders: readonly MetricRecorder[]
  readonly #segmentOf: (user: number) => number

  constructor(
    names: readonly SegmentName[],
    { metrics, context, users }: SegmentContext,
    segmentOf: (user: number) => number,
  ) {
    const sizes = new Int32Array(names.length)
    for (const user of users) sizes[segmentOf(user)]++
    this.#names = names
    this.#recorders = names.map((_, s) => new MetricRecorder(metrics, context, sizes[s]))
    this.#segmentOf = segmentOf
  }

  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void {
    this.#recorders[this.#segmentOf(ranking.user)].add(list, relevant, ranking)
  }

  result(): Segment[] {
    return this.#names.map((name, s) => ({
      ...name,
      users: this.#recorders[s].users,
      metrics: this.#recorders[s].result().metrics,
    }))
  }
}

class ItemSegments implements SegmentRecorder {
  readonly #names: readonly SegmentName[]
  readonly #recorders: readonly MetricRecorder[]
  readonly #bucketOfItem: Int32Array
  readonly #items: Int32Array
  readonly #recommended: Float64Array
  readonly #relevant: Float64Array

  constructor(option: SegmentOption, { metrics, context, users }: SegmentContext) {
    const { popularity } = context.items
    const buckets = bucketsOf(option, popularity)
    const count = buckets.length
    this.#names = Array.from({ length: count }, (_, bucket) => buckets.describe(bucket))
    this.#bucketOfItem = popularity.map((n) => buckets.indexOf(n))
    this.#items = new Int32Array(count)
    for (const bucket of this.#bucketOfItem) this.#items[bucket]++
    this.#recommended = new Float64Array(count)
    this.#relevant = new Float64Array(count)
    const judging = metrics.filter(({ metric }) => metric.looksAtRelevant !== false)
    this.#recorders = this.#names.map(() => new MetricRecorder(judging, context, users.length))
  }

  add(list: Int32Array, relevant: Int32Array, ranking: UserRanking): void {
    for (const item of list) this.#recommended[this.#bucketOfItem[item]]++
    for (const item of relevant) this.#relevant[this.#bucketOfItem[item]]++
    this.#recorders.forEach((recorder, bucket) => {
      const own = relevant.filter((item) => this.#bucketOfItem[item] === bucket)
      if (own.length > 0) recorder.add(list, own, ranking)
    })
  }

  result(): Segment[] {
    const share = (counts: Float64Array, bucket: number): number => {
      const sum = counts.reduce((total, count) => total + count, 0)
      return sum === 0 ? 0 : counts[bucket] / sum
    }
    return this.#names.map((name, bucket) => ({
      ...name,
      users: this.#recorders[bucket].users,
      items: this.#items[bucket],
      recommendedShare: share(this.#recommended, bucket),
      relevantShare: share(this.#relevant, bucket),
      metrics: this.#recorders[bucket].result().metrics,
    }))
  }
}
