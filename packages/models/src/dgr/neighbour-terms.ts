import { gatherRows, type NodeTensors, rowDot } from '@gnnrec/ops'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { WeightedTerms } from '../losses/ranking-loss.js'
import type { MarginalTerm } from './dgr-options.js'
import type { NeighbourTable, NeighbourTables } from './neighbour-tables.js'

/** Settings of the terms of neighbouring items; see `DgrOptions`. */
export interface NeighbourTermSettings {
  readonly neighbourWeight: number
  readonly marginalWeight: number
  /** Number of columns of the tables. */
  readonly neighbours: number
  readonly marginal: MarginalTerm
}

/** A term Σ sign · ω · softplus(side · z_u · z_k) over the entries of one table. */
interface Part {
  readonly name: string
  readonly table: NeighbourTable
  readonly weight: number
  readonly sign: number
  readonly side: number
}

/**
 * Computes the terms of DGR's local correction, sums over the pairs (u, i) of a batch and the items k in the
 * row of i in a table:
 *
 *     positiveNeighbours = Σ ω_ik · softplus(-z_u · z_k)                   over the nearest k
 *     marginalNeighbours = -Σ ω_ik · softplus(-z_u · z_k)                  over the marginal k, or
 *                          Σ ω_ik · softplus(z_u · z_k), with 'bounded'
 *
 * A term of weight 0 is left out, and so are entries without an item.
 *
 * @param final - users of the batch [B, d] and all items [itemCount, d]
 * @param positives - i of each sample
 */
export function neighbourTerms(
  final: NodeTensors,
  positives: Int32Array,
  tables: NeighbourTables,
  settings: NeighbourTermSettings,
): WeightedTerms {
  const { neighbourWeight, marginalWeight, neighbours, marginal } = settings
  const nearest = { table: tables.nearest, weight: neighbourWeight, sign: 1, side: -1 }
  const sign = marginal === 'bounded' ? 1 : -1
  const parts: readonly Part[] = [
    { name: 'positiveNeighbours', ...nearest },
    {
      name: 'marginalNeighbours',
      table: tables.marginal,
      weight: marginalWeight,
      sign,
      side: sign,
    },
  ].filter(({ weight }) => weight > 0)
  const entries = batchEntries(parts, positives, neighbours)
  // All parts at once: each gather from the table of items has a gradient as large as the table.
  const losses = entries.count > 0 ? entryLosses(final, entries) : undefined
  return Object.fromEntries(
    parts.map(({ name, weight }, part) => {
      const factors = entries.factors[part].subarray(0, entries.count)
      const value: Scalar = losses ? tf.sum(tf.mul(losses, tf.tensor1d(factors))) : tf.scalar(0)
      return [name, { value, weight }]
    }),
  )
}

/** The entries that the samples of a batch have in the tables; arrays may be longer than `count`. */
interface Entries {
  readonly count: number
  readonly samples: Int32Array
  readonly items: Int32Array
  readonly sides: Float32Array
  /** Factors of each part: sign · ω at its entries and 0 at the entries of the others. */
  readonly factors: readonly Float32Array[]
}

function batchEntries(parts: readonly Part[], positives: Int32Array, neighbours: number): Entries {
  const most = parts.length * positives.length * neighbours
  const [samples, items] = [new Int32Array(most), new Int32Array(most)]
  const sides = new Float32Array(most)
  const factors = parts.map(() => new Float32Array(most))
  let count = 0
  for (const [part, { table, sign, side }] of parts.entries()) {
    for (let sample = 0; sample < positives.length; sample++) {
      const start = positives[sample] * neighbours
      for (let entry = start; entry < start + neighbours; entry++) {
        const weight = table.weights[entry]
        if (weight === 0) continue
        samples[count] = sample
        items[count] = table.items[entry]
        sides[count] = side
        factors[part][count++] = sign * weight
      }
    }
  }
  return { count, samples, items, sides, factors }
}

/** Computes softplus(side · z_u · z_k) of each entry. */
function entryLosses({ users, items }: NodeTensors, { count, ...entries }: Entries): Tensor1D {
  const indices = (values: Int32Array) => tf.tensor1d(values.subarray(0, count), 'int32')
  const scores = rowDot(
    gatherRows(users, indices(entries.samples)),
    gatherRows(items, indices(entries.items)),
  )
  return tf.softplus(tf.mul(scores, tf.tensor1d(entries.sides.subarray(0, count))))
}
