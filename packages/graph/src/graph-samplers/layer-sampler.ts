import * as z from 'zod/mini'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { type SampledRows, sampleHops } from './layered-sample.js'
import {
  type OperatorBlocks,
  perHop,
  propagationShape,
  type SampledPropagationOptions,
  symmetricBlocks,
} from './propagation.js'
import { type DrawAt, streamOf } from './sample-streams.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'
import { runningSums, weightedPlace } from './weighted-draw.js'

/** Options of {@link LayerSampler}. */
export interface LayerSamplerOptions extends SampledPropagationOptions {
  /**
   * Draws of users by hop, and as many of items: integers >= 1, the hop next to the batch first, one
   * entry per propagation step, at most 256.
   */
  layerSizes: readonly number[]
}

const schema = z.strictObject({ ...propagationShape, layerSizes: perHop(z.int().check(z.gte(1))) })

/**
 * Importance sampling by layer (LADIES: Zou et al., NeurIPS 2019, https://arxiv.org/abs/1911.07323).
 *
 * A hop with the rows V draws s nodes u of each side, with replacement, for all rows together:
 *
 *     p_u = Σ_{v∈V} Â_vu² / Σ_{v∈V} ‖Â_v‖²,   (B x)_v = Σ_u m_u / (s p_u) · Â_vu x_u,   E[B x] = Â x
 *
 * where m_u counts how often u was drawn. A side whose rows have at most s neighbours takes them all,
 * unchanged. A layer thus does not grow with the number of hops, as it does when each node draws its
 * own neighbours. FastGCN (https://arxiv.org/abs/1801.10247) draws from all nodes; in a sparse graph most
 * of them are neighbours of no row, so many rows get none.
 *
 * Two things differ from the official code, which draws without replacement although its weights are
 * for draws with replacement, and scales rows to the sum 1. Both make its estimate biased. As with
 * {@link NeighbourSampler}, a linear propagation is unbiased and the gradient of the loss is not.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, Rng, samplers } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const sampler = new samplers.LayerSampler(graph, { layerSizes: [2, 2], rng: Rng.fromSeed(1) })
 * const nodes = { users: Int32Array.of(1), items: Int32Array.of(1) }
 * console.log(sampler.sample(nodes, { epoch: 0, step: 0 }).entryCount)
 * ```
 */
export class LayerSampler {
  readonly #graph: BipartiteGraph
  readonly #layerSizes: readonly number[]
  readonly #blocks: OperatorBlocks
  readonly #rng: Rng

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: LayerSamplerOptions) {
    const { layerSizes, regularization, rng } = parseOptions('LayerSampler', schema, options)
    this.#graph = graph
    this.#layerSizes = layerSizes
    this.#blocks = symmetricBlocks(graph, regularization)
    this.#rng = rng.fork('layers')
  }

  /**
   * Draws the graph around some nodes.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph {
    const { toUsers, toItems } = this.#blocks
    const stream = streamOf(this.#rng, address)
    return sampleHops(this.#graph, batch, this.#layerSizes.length, (rows, hop) => {
      const size = this.#layerSizes[hop]
      return {
        users: sampleColumns(toUsers, rows.users, size, (at) => stream.uniformAt(2 * hop, at)),
        items: sampleColumns(toItems, rows.items, size, (at) => stream.uniformAt(2 * hop + 1, at)),
      }
    })
  }
}

function sampleColumns(
  matrix: SparseMatrix,
  rows: Int32Array,
  draws: number,
  drawAt: DrawAt,
): SampledRows {
  const { rowPointers, columnIndices, values } = matrix
  const factors = columnFactors(matrix, rows, draws, drawAt)
  const pointers = new Int32Array(rows.length + 1)
  for (let row = 0; row < rows.length; row++) {
    let count = 0
    for (let entry = rowPointers[rows[row]]; entry < rowPointers[rows[row] + 1]; entry++) {
      if (factors[columnIndices[entry]] > 0) count++
    }
    pointers[row + 1] = pointers[row] + count
  }
  const columns = new Int32Array(pointers[rows.length])
  const weights = new Float32Array(columns.length)
  let next = 0
  for (let row = 0; row < rows.length; row++) {
    for (let entry = rowPointers[rows[row]]; entry < rowPointers[rows[row] + 1]; entry++) {
      const column = columnIndices[entry]
      if (factors[column] === 0) continue
      columns[next] = column
      weights[next++] = factors[column] * values[entry]
    }
  }
  return { pointers, columns, values: weights }
}

/** Returns m_u / (s p_u) of each column; 1 when all neighbours are taken. */
function columnFactors(
  { rowPointers, columnIndices, values, columns }: SparseMatrix,
  rows: Int32Array,
  draws: number,
  drawAt: DrawAt,
): Float64Array {
  const squares = new Float64Array(columns)
  for (const row of rows) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      squares[columnIndices[entry]] += values[entry] * values[entry]
    }
  }
  let candidates = 0
  for (let column = 0; column < columns; column++) if (squares[column] > 0) candidates++
  if (candidates <= draws) return squares.map((square) => (square > 0 ? 1 : 0))
  const sums = runningSums(squares)
  const total = sums[columns]
  const factors = new Float64Array(columns)
  for (let draw = 0; draw < draws; draw++) {
    const column = weightedPlace(sums, drawAt(draw))
    factors[column] += total / (draws * squares[column])
  }
  return factors
}
