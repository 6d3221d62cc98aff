import { type InteractionLists, Rng } from '@gnnrec/graph'
import type { PairwiseFoldIn } from '../../model-folder/fold-in.js'
import { someHistories } from '../some-histories.js'
import { choleskyOf, solveCholesky } from './cholesky.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** Items that histories are compared with, at most: those of a sample that is drawn once. */
const mostOthers = 256
/** Most steps towards the minimum. */
const mostSteps = 10
/** Length of a step, as a share of that of the embedding, below which it was the last one. */
const leastStep = 1e-4

/** Items as rows of numbers, with the part of their scores that does not depend on a history. */
interface ScoredItems {
  /** The embeddings by which items are scored, row-major. */
  readonly rows: Float32Array
  readonly bias: Float32Array | undefined
}

/** Items that stand for those which a history lacks. */
interface Others {
  readonly items: Int32Array
  readonly mean: Float64Array
  /** Mean product of two coordinates, row-major. */
  readonly moments: Float64Array
}

/** Some of the items, copied: reading single precision row by row in every step would take much longer. */
interface SomeItems {
  readonly rows: Float64Array
  readonly biases: Float64Array
  /** Room for a number of each. */
  readonly values: Float64Array
}

/**
 * Embeddings that minimize the loss of pairs of items, one that a history has and one that it lacks:
 *
 * `mean softplus(s_j - s_i) + λ/2 ‖x‖²` with the scores s = x·y + bias
 *
 * over the items i of the history, by their weights, and a sample of the others j. Each step solves the problem whose
 * curvature is the largest that the loss can have, so that no step makes the loss larger.
 */
export class PairwiseEmbedder implements HistoryEmbedder {
  readonly isPart = false
  readonly #rule: PairwiseFoldIn
  readonly #scored: ScoredItems
  readonly #dim: number
  #others: Others | undefined

  constructor(rule: PairwiseFoldIn, scored: ScoredItems, dim: number) {
    this.#rule = rule
    this.#scored = scored
    this.#dim = dim
  }

  embed(histories: InteractionLists, out: Float32Array): void {
    this.#others ??= this.#sample()
    const others = this.#others
    for (let row = 0; row < histories.pointers.length - 1; row++) {
      const { items, weights } = someHistories(histories, row, row + 1)
      const target = out.subarray(row * this.#dim, (row + 1) * this.#dim)
      if (items.length === 0) target.fill(0)
      else target.set(this.#solve(items, sharesOf(items, weights), others))
    }
  }

  free(): void {
    this.#others = undefined
  }

  #sample(): Others {
    const dim = this.#dim
    const { rows } = this.#scored
    const count = rows.length / dim
    const rng = Rng.fromSeed(0).fork('others')
    const items =
      count <= mostOthers
        ? Int32Array.from({ length: count }, (_, item) => item)
        : // One of each stretch of the items, so that none is drawn twice.
          Int32Array.from({ length: mostOthers }, (_, place) =>
            Math.floor(((place + rng.uniform()) * count) / mostOthers),
          )
    const mean = new Float64Array(dim)
    const moments = new Float64Array(dim * dim)
    for (const item of items) addMoments(rows, item * dim, 1 / items.length, mean, moments)
    return { items, mean, moments }
  }

  #solve(items: Int32Array, shares: Float64Array, others: Others): Float64Array {
    const dim = this.#dim
    const factor = this.#curvature(items, shares, others)
    const met = new Set(items)
    const x = new Float64Array(dim)
    const own = this.#itemsAt(items)
    const lacking = this.#itemsAt(others.items.filter((item) => !met.has(item)))
    if (lacking.values.length === 0) return x
    const gradient = new Float64Array(dim)
    for (let step = 0; step < mostSteps; step++) {
      for (let d = 0; d < dim; d++) gradient[d] = this.#rule.l2Weight * x[d]
      writeScores(own, x)
      writeScores(lacking, x)
      writePushes(own.values, lacking.values, shares)
      addRows(own, -1, gradient)
      addRows(lacking, 1, gradient)
      solveCholesky(factor, gradient)
      let [moved, length] = [0, 0]
      for (let d = 0; d < dim; d++) {
        x[d] -= gradient[d]
        moved += gradient[d] ** 2
        length += x[d] ** 2
      }
      if (moved <= leastStep ** 2 * length) break
    }
    return x
  }

  #itemsAt(items: Int32Array): SomeItems {
    const dim = this.#dim
    const { rows, bias } = this.#scored
    const copied = new Float64Array(items.length * dim)
    const biases = new Float64Array(items.length)
    for (let at = 0; at < items.length; at++) {
      const start = items[at] * dim
      for (let d = 0; d < dim; d++) copied[at * dim + d] = rows[start + d]
      if (bias) biases[at] = bias[items[at]]
    }
    return { rows: copied, biases, values: new Float64Array(items.length) }
  }

  /** Returns the factor of the largest curvature: a quarter of the mean product of differences, and λ. */
  #curvature(items: Int32Array, shares: Float64Array, others: Others): Float64Array {
    const dim = this.#dim
    const mean = new Float64Array(dim)
    const matrix = new Float64Array(dim * dim)
    for (let at = 0; at < items.length; at++) {
      addMoments(this.#scored.rows, items[at] * dim, shares[at], mean, matrix)
    }
    for (let a = 0; a < dim; a++) {
      for (let b = 0; b <= a; b++) {
        const place = a * dim + b
        const cross = mean[a] * others.mean[b] + others.mean[a] * mean[b]
        matrix[place] = (matrix[place] + others.moments[place] - cross) / 4
      }
      matrix[a * dim + a] += this.#rule.l2Weight
    }
    return choleskyOf(matrix, dim)
  }
}

/** Writes scores within ±300, where exponentials are finite. */
function writeScores({ rows, biases, values }: SomeItems, x: Float64Array): void {
  const dim = x.length
  for (let at = 0; at < values.length; at++) {
    const start = at * dim
    // Four sums do not wait for each other.
    let [a, b, c, e] = [biases[at], 0, 0, 0]
    let d = 0
    for (; d + 4 <= dim; d += 4) {
      a += x[d] * rows[start + d]
      b += x[d + 1] * rows[start + d + 1]
      c += x[d + 2] * rows[start + d + 2]
      e += x[d + 3] * rows[start + d + 3]
    }
    for (; d < dim; d++) a += x[d] * rows[start + d]
    values[at] = Math.min(300, Math.max(-300, a + b + (c + e)))
  }
}

/**
 * Writes how strongly the pairs push each item of the history up, and each other item down, in the place of their
 * scores.
 */
function writePushes(own: Float64Array, lacking: Float64Array, shares: Float64Array): void {
  // e^(s_j - s_i) is a product, so that no exponential is needed for each pair.
  const powers = new Float64Array(lacking.length)
  for (let j = 0; j < powers.length; j++) powers[j] = Math.exp(lacking[j])
  lacking.fill(0)
  for (let i = 0; i < own.length; i++) {
    const power = Math.exp(-own[i])
    const share = shares[i] / powers.length
    let sum = 0
    for (let j = 0; j < powers.length; j++) {
      const odds = power * powers[j]
      const push = share * (odds / (1 + odds))
      sum += push
      lacking[j] += push
    }
    own[i] = sum
  }
}

/** Adds rows times their values, and times a sign. */
function addRows({ rows, values }: SomeItems, sign: 1 | -1, sum: Float64Array): void {
  const dim = sum.length
  for (let at = 0; at < values.length; at++) {
    const start = at * dim
    const factor = sign * values[at]
    for (let d = 0; d < dim; d++) sum[d] += factor * rows[start + d]
  }
}

/** Returns the share of each item in the weights of a history. */
function sharesOf(items: Int32Array, weights: Float32Array | undefined): Float64Array {
  if (!weights) return new Float64Array(items.length).fill(1 / items.length)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Float64Array.from(weights, (weight) => weight / sum)
}

/** Adds a share of a row to a mean, and of its products, below the diagonal, to their mean. */
function addMoments(
  rows: Float32Array,
  start: number,
  share: number,
  mean: Float64Array,
  moments: Float64Array,
): void {
  const dim = mean.length
  for (let a = 0; a < dim; a++) {
    const value = share * rows[start + a]
    mean[a] += value
    for (let b = 0; b <= a; b++) moments[a * dim + b] += value * rows[start + b]
  }
}
