import { type InteractionLists, Rng } from '@gnnrec/graph'
import type { PairwiseFoldIn } from '../../model-folder/fold-in.js'
import { someHistories } from '../some-histories.js'
import { choleskyOf, solveCholesky } from './cholesky.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** Items that histories are compared with, at most: those of a sample that is drawn once. */
const mostOthers = 256
/** Steps towards the minimum. */
const steps = 10

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
    const { rows } = this.#scored
    const factor = this.#curvature(items, shares, others)
    const met = new Set(items)
    const lacking = others.items.filter((item) => !met.has(item))
    const x = new Float64Array(dim)
    if (lacking.length === 0) return x
    const gradient = new Float64Array(dim)
    for (let step = 0; step < steps; step++) {
      for (let d = 0; d < dim; d++) gradient[d] = this.#rule.l2Weight * x[d]
      const { own, other } = this.#pushes(x, items, shares, lacking)
      for (let at = 0; at < items.length; at++) addRow(rows, items[at] * dim, -own[at], gradient)
      for (let at = 0; at < lacking.length; at++) {
        addRow(rows, lacking[at] * dim, other[at], gradient)
      }
      solveCholesky(factor, gradient)
      for (let d = 0; d < dim; d++) x[d] -= gradient[d]
    }
    return x
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

  /** Returns how strongly the pairs push each item of the history up, and each other item down. */
  #pushes(x: Float64Array, items: Int32Array, shares: Float64Array, lacking: Int32Array) {
    const own = new Float64Array(items.length)
    const other = new Float64Array(lacking.length)
    const ownScores = this.#scores(x, items)
    // e^(s_j - s_i) is a product, so that no exponential is needed for each pair.
    const otherPowers = this.#scores(x, lacking).map((score) => Math.exp(score))
    for (let i = 0; i < items.length; i++) {
      const power = Math.exp(-ownScores[i])
      const share = shares[i] / lacking.length
      for (let j = 0; j < lacking.length; j++) {
        const odds = power * otherPowers[j]
        const push = share * (odds / (1 + odds))
        own[i] += push
        other[j] += push
      }
    }
    return { own, other }
  }

  /** Returns scores within ±300, where exponentials are finite. */
  #scores(x: Float64Array, items: Int32Array): Float64Array {
    const dim = this.#dim
    const { rows, bias } = this.#scored
    return Float64Array.from(items, (item) => {
      let sum = bias ? bias[item] : 0
      for (let d = 0; d < dim; d++) sum += x[d] * rows[item * dim + d]
      return Math.min(300, Math.max(-300, sum))
    })
  }
}

/** Returns the share of each item in the weights of a history. */
function sharesOf(items: Int32Array, weights: Float32Array | undefined): Float64Array {
  if (!weights) return new Float64Array(items.length).fill(1 / items.length)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Float64Array.from(weights, (weight) => weight / sum)
}

function addRow(rows: Float32Array, start: number, factor: number, sum: Float64Array): void {
  for (let d = 0; d < sum.length; d++) sum[d] += factor * rows[start + d]
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
