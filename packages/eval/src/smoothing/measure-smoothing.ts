import { BipartiteGraph, InvalidOptionsError, parseOptions, TimeSlice } from '@gnnrec/graph'
import * as z from 'zod'
import { type GraphMeasures, graphMeasures } from './graph-measures.js'
import { checkShape, type NodeEmbeddings, NodeRows } from './node-rows.js'
import { type PairMeasures, pairMeasures } from './pair-measures.js'
import { rowMeasures } from './row-measures.js'
import { type SpectrumMeasures, spectrumMeasures } from './spectrum.js'

/** Options of {@link measureSmoothing}. */
export interface MeasureSmoothingOptions {
  /**
   * Number of random nodes whose pairs are measured, an integer >= 2. `'all'` measures all pairs, which
   * takes time in proportion to nodes².
   *
   * @defaultValue 2048
   */
  readonly sample?: number | 'all'
  /** Seed of the sample. @defaultValue 0 */
  readonly seed?: number | string
  /** Signal that ends the work early with its reason as error. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Measures of how alike the embeddings of a layer are. All are exact except `pairs`, which comes from a
 * sample of nodes where there are many. A row of zeros has the cosine 0 with every other row.
 */
export interface Smoothing extends GraphMeasures, SpectrumMeasures {
  /** Mean cosine of all pairs of different nodes (MCS); near 1, all nodes have the same direction. */
  readonly meanCosine: number | undefined
  /** Mean cosine distance (MAD), 1 - `meanCosine`. */
  readonly madCosine: number | undefined
  /** Mean over dimensions of the variance over nodes. */
  readonly rowVariance: number
  /** Measures of pairs of nodes; undefined for a single node. */
  readonly pairs: PairMeasures | undefined
}

const schema = z.strictObject({
  sample: z.union([z.int().min(2), z.literal('all')]).default(2048),
  seed: z.union([z.number(), z.string()]).default(0),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Measures how far the embeddings of one layer have become alike (over-smoothing).
 *
 * MAD: Chen et al., AAAI 2020, https://doi.org/10.1609/aaai.v34i04.5747. Dirichlet energy: Cai and
 * Wang 2020, https://arxiv.org/abs/2006.13318. Effective rank: Roy and Vetterli, EUSIPCO 2007.
 * Uniformity: Wang and Isola, ICML 2020, https://arxiv.org/abs/2005.10242.
 *
 * It takes time O(edges · d + nodes · d² + sample² · d) and memory for a sample of rows, never nodes ×
 * nodes.
 *
 * @param graph - the graph that the layer was propagated on
 * @param layer - one row per user and per item
 * @throws ShapeMismatchError when the layer is not one row for each node of the graph
 * @throws NonFiniteError when an embedding is NaN or infinite
 * @throws InvalidOptionsError when an option is wrong
 * @example
 * ```ts
 * import { measureSmoothing } from '@gnnrec/eval'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 * ])
 * const layer = {
 *   users: Float32Array.of(1, 0, 0.9, 0.1),
 *   items: Float32Array.of(1, 0.1, 0.9, 0),
 *   dimensions: 2,
 * }
 * const smoothing = await measureSmoothing(BipartiteGraph.fromInteractions(table), layer)
 * console.log(smoothing.meanCosine?.toFixed(2)) // 1.00
 * ```
 */
export async function measureSmoothing(
  graph: BipartiteGraph,
  layer: NodeEmbeddings,
  options: MeasureSmoothingOptions = {},
): Promise<Smoothing> {
  const { sample, seed, signal } = parseOptions('measureSmoothing', schema, options)
  if (!(graph instanceof BipartiteGraph)) {
    throw new InvalidOptionsError('graph: got no BipartiteGraph; expected the graph of the model.')
  }
  checkShape(graph, layer)
  const slice = new TimeSlice(signal)
  const rows = new NodeRows(layer)
  const { squaredNorm, meanCosine, rowVariance, columnMeans } = rowMeasures(rows)
  const size = sample === 'all' ? rows.count : sample
  return {
    meanCosine,
    madCosine: meanCosine === undefined ? undefined : 1 - meanCosine,
    rowVariance,
    ...(await graphMeasures(graph, rows, { squaredNorm, slice })),
    ...(await spectrumMeasures(rows, columnMeans, slice)),
    pairs: await pairMeasures(rows, { sample: size, seed, slice }),
  }
}
