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
   * Nodes whose pairs are looked at, drawn where there are more, an integer >= 2; `'all'` looks at all
   * pairs, which takes time in proportion to nodes². @defaultValue 2048
   */
  readonly sample?: number | 'all'
  /** Of the sample. @defaultValue 0 */
  readonly seed?: number | string
  /** Ends the work early with its reason as error. */
  readonly signal?: AbortSignal | undefined
}

/**
 * How alike the embeddings of a layer are. Only what is in {@link PairMeasures} comes from a sample of
 * nodes where there are many; all else is exact. A row of zeros has the cosine 0 with every other.
 */
export interface Smoothing extends GraphMeasures, SpectrumMeasures {
  /** Mean cosine of all pairs of different nodes (MCS): near 1, all nodes say the same. */
  readonly meanCosine: number | undefined
  /** 1 - `meanCosine`, the mean cosine distance (MAD). */
  readonly madCosine: number | undefined
  /** Mean over dimensions of the variance over nodes. */
  readonly rowVariance: number
  /** Undefined for a single node. */
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
 * Time O(edges · d + nodes · d² + sample² · d), memory a sample of rows; never nodes × nodes.
 *
 * @param graph - the graph that the layer was propagated on
 * @param layer - one row per user and per item
 * @throws ShapeMismatchError when the layer is not one row for each node of the graph
 * @throws NonFiniteError when an embedding is NaN or infinite
 * @throws InvalidOptionsError when an option is wrong
 */
export async function measureSmoothing(
  graph: BipartiteGraph,
  layer: NodeEmbeddings,
  options: MeasureSmoothingOptions = {},
): Promise<Smoothing> {
  const { sample, seed, signal } = parseOptions('measureSmoothing', schema, options)
  if (!(graph instanceof BipartiteGraph)) {
    throw new InvalidOptionsError('graph: got no BipartiteGraph; expected that of the model.')
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
