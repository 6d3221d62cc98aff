import * as z from 'zod/mini'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { SubsetDrawer } from './draw-distinct.js'
import { type SampledRows, sampleHops } from './layered-sample.js'
import {
  type OperatorBlocks,
  perHop,
  propagationShape,
  type SampledPropagationOptions,
  symmetricBlocks,
} from './propagation.js'
import { checkDrawCount, type DrawAt, streamOf } from './sample-streams.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** The number of neighbours drawn for a node: an integer >= 1, or all it has. */
export type FanOut = number | 'all'

/** Options of {@link NeighbourSampler}. */
export interface NeighbourSamplerOptions extends SampledPropagationOptions {
  /**
   * Neighbours of each node by hop, the hop next to the batch first: one entry per propagation step, at most
   * 256.
   */
  fanOuts: readonly FanOut[]
}

const fanOutsSchema = perHop(
  z.union([z.int().check(z.gte(1)), z.literal('all')], {
    error: "expected an integer >= 1 or 'all'",
  }),
)

const schema = z.strictObject({ ...propagationShape, fanOuts: fanOutsSchema })

/**
 * Neighbour sampling by node (GraphSAGE: Hamilton, Ying & Leskovec, NeurIPS 2017,
 * https://arxiv.org/abs/1706.02216).
 *
 * A row v of a hop with the fan-out f takes f of its d_v neighbours, drawn uniformly without
 * replacement, and all of them where d_v <= f:
 *
 *     (B x)_v = d_v / min(f, d_v) · Σ_{u drawn} Â_vu x_u,   E[(B x)_v] = (Â x)_v
 *
 * Hops are drawn one after the other, so products of hops are unbiased as well: the expected output
 * of a propagation that is linear, such as LightGCN's, is that of the whole graph. The loss is not
 * linear in it, so its gradient is biased; larger fan-outs make the bias smaller. With `'all'`
 * everywhere the propagation is that of the whole graph.
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
 * const sampler = new samplers.NeighbourSampler(graph, { fanOuts: [1, 'all'], rng: Rng.fromSeed(1) })
 * const nodes = { users: Int32Array.of(1), items: Int32Array.of(1) }
 * console.log(sampler.sample(nodes, { epoch: 0, step: 0 }).entryCount)
 * ```
 */
export class NeighbourSampler {
  readonly #graph: BipartiteGraph
  readonly #fanOuts: readonly FanOut[]
  readonly #blocks: OperatorBlocks
  readonly #rng: Rng
  readonly #subsets: SubsetDrawer
  readonly #largestDegree: number

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: NeighbourSamplerOptions) {
    const { fanOuts, regularization, rng } = parseOptions('NeighbourSampler', schema, options)
    this.#graph = graph
    this.#fanOuts = fanOuts
    this.#blocks = symmetricBlocks(graph, regularization)
    this.#rng = rng.fork('neighbours')
    this.#subsets = new SubsetDrawer(Math.max(graph.userCount, graph.itemCount))
    const largest = (degrees: Int32Array) => degrees.reduce((a, b) => Math.max(a, b), 0)
    this.#largestDegree = Math.max(largest(graph.userDegrees), largest(graph.itemDegrees))
  }

  /**
   * Draws the graph around some nodes.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range, or a hop needs more than 2^32 draws
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph {
    const { toUsers, toItems } = this.#blocks
    const stream = streamOf(this.#rng, address)
    return sampleHops(this.#graph, batch, this.#fanOuts.length, (rows, hop) => {
      const fanOut = this.#fanOuts[hop]
      const isAll = fanOut === 'all' || fanOut >= this.#largestDegree
      const size = isAll ? Number.POSITIVE_INFINITY : fanOut
      return {
        users: this.#rows(toUsers, rows.users, size, (at) => stream.uniformAt(2 * hop, at)),
        items: this.#rows(toItems, rows.items, size, (at) => stream.uniformAt(2 * hop + 1, at)),
      }
    })
  }

  #rows(matrix: SparseMatrix, rows: Int32Array, fanOut: number, drawAt: DrawAt): SampledRows {
    const { rowPointers, columnIndices, values } = matrix
    const pointers = new Int32Array(rows.length + 1)
    for (let row = 0; row < rows.length; row++) {
      const degree = rowPointers[rows[row] + 1] - rowPointers[rows[row]]
      pointers[row + 1] = pointers[row] + Math.min(degree, fanOut)
    }
    if (Number.isFinite(fanOut)) checkDrawCount('NeighbourSampler', rows.length, fanOut)
    const columns = new Int32Array(pointers[rows.length])
    const weights = new Float32Array(columns.length)
    for (let row = 0; row < rows.length; row++) {
      const first = rowPointers[rows[row]]
      const degree = rowPointers[rows[row] + 1] - first
      const start = pointers[row]
      if (degree <= fanOut) {
        columns.set(columnIndices.subarray(first, first + degree), start)
        weights.set(values.subarray(first, first + degree), start)
        continue
      }
      const part = { start, size: fanOut, count: degree }
      this.#subsets.draw(columns, part, drawAt, row * fanOut)
      const scale = degree / fanOut
      for (let place = start; place < start + fanOut; place++) {
        const entry = first + columns[place]
        columns[place] = columnIndices[entry]
        weights[place] = scale * values[entry]
      }
    }
    return { pointers, columns, values: weights }
  }
}
