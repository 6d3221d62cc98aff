import type { Batch } from '@gnnrec/graph'
import type { EdgeList } from './graphs.js'
import { type Nodes64, row64, softplus64 } from './reference.js'

// The losses in float64, one pair at a time, written apart from the sources.

/** The input of a loss of the reference. */
export interface LossCase64 {
  readonly final: Nodes64
  readonly batch: Batch
  /** Added to scores of items, if trained. */
  readonly itemBias?: Float64Array | undefined
}

type Score = (sample: number, item: number) => number

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, c) => sum + value * (b[c] as number), 0)

/** The row divided by its length; zeros stay. */
export function unit64(row: ArrayLike<number>): number[] {
  const norm = Math.sqrt(dot(row, row))
  return Array.from(row, (value) => (norm === 0 ? 0 : value / norm))
}

const itemRow = ({ final }: LossCase64, item: number) => row64(final, final.userCount + item)

/** similarity · scale + bias of the user of a sample and an item. */
function scores64(given: LossCase64, similarity: 'dot' | 'cosine' = 'dot', scale = 1): Score {
  const direction = similarity === 'cosine' ? unit64 : Array.from<number>
  return (sample, item) => {
    const user = row64(given.final, given.batch.users[sample] as number)
    const product = dot(direction(user), direction(itemRow(given, item)))
    return scale * product + (given.itemBias?.[item] ?? 0)
  }
}

/** softplus of each margin (pairs of a sample and one of its negatives). */
function pairs64({ batch }: LossCase64, loss: (sample: number, negative: number) => number) {
  const perPositive = batch.negatives.length / batch.users.length
  return Array.from(batch.negatives, (negative, place) =>
    loss(Math.floor(place / perPositive), negative),
  )
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length

export function bprSum64(given: LossCase64): number {
  const score = scores64(given)
  const { positives } = given.batch
  return sum(
    pairs64(given, (sample, negative) =>
      softplus64(score(sample, negative) - score(sample, positives[sample] as number)),
    ),
  )
}

export function bceSum64(given: LossCase64, negativeWeight = 1): number {
  const score = scores64(given)
  const positive = Array.from(given.batch.positives, (item, b) => softplus64(-score(b, item)))
  const negative = pairs64(given, (sample, item) => softplus64(score(sample, item)))
  return sum(positive) + negativeWeight * sum(negative)
}

/** The softmax over the batch; `chances` are q of all items, or nothing without correction. */
export function softmax64(
  given: LossCase64,
  settings: { similarity: 'dot' | 'cosine'; temperature: number; chances?: readonly number[] },
): number {
  const score = scores64(given, settings.similarity, 1 / settings.temperature)
  const positives = Array.from(given.batch.positives)
  return mean(
    positives.map((own, b) => {
      const candidates = positives.filter((item, j) => j === b || item !== own)
      const weights = candidates.map(
        (item) => Math.exp(score(b, item)) / (settings.chances?.[item] ?? 1),
      )
      const ownWeight = Math.exp(score(b, own)) / (settings.chances?.[own] ?? 1)
      return -Math.log(ownWeight / sum(weights))
    }),
  )
}

/** The chance that a draw has an item as its positive, draw by draw. */
export function itemChances64(
  { users, items, edges }: EdgeList,
  sampling: 'user-uniform' | 'interaction-shuffle',
): number[] {
  const sets = Array.from(
    { length: users },
    (_, user) => new Set(edges.filter(([u]) => u === user).map(([, item]) => item)),
  ).filter(({ size }) => size > 0 && size < items)
  const pairs = sum(sets.map(({ size }) => size))
  return Array.from({ length: items }, (_, item) =>
    sum(
      sets.map((set) => {
        if (!set.has(item)) return 0
        return sampling === 'user-uniform' ? 1 / set.size / sets.length : 1 / pairs
      }),
    ),
  )
}

const squaredDistance = (a: readonly number[], b: readonly number[]): number =>
  sum(a.map((value, c) => (value - (b[c] as number)) ** 2))

function alignment64(x: readonly ArrayLike<number>[], y: readonly ArrayLike<number>[]) {
  return mean(x.map((row, b) => squaredDistance(unit64(row), unit64(y[b] as ArrayLike<number>))))
}

function uniformity64(x: readonly ArrayLike<number>[]): number {
  const rows = x.map(unit64)
  const potentials = rows.flatMap((row, i) =>
    rows.slice(i + 1).map((other) => Math.exp(-2 * squaredDistance(row, other))),
  )
  return Math.log(mean(potentials))
}

export function directAu64(given: LossCase64, uniformityWeight: number): number {
  const users = Array.from(given.batch.users, (user) => row64(given.final, user))
  const items = Array.from(given.batch.positives, (item) => itemRow(given, item))
  const spread = (uniformity64(users) + uniformity64(items)) / 2
  return alignment64(users, items) + uniformityWeight * spread
}

/** The L2 terms on the given matrices of rows: users, positives and, if used, negatives. */
export function l264(
  matrices: readonly (readonly ArrayLike<number>[])[],
  samples: number,
  convention: 'mean-squares' | 'sum-squares' | 'mean-norms',
): number {
  const squares = matrices.map((rows) => sum(rows.map((row) => dot(row, row))))
  if (convention === 'mean-norms') return sum(squares.map(Math.sqrt)) / samples
  return sum(squares) / 2 / (convention === 'mean-squares' ? samples : 1)
}
