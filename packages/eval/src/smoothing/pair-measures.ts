import { Rng, type TimeSlice } from '@gnnrec/graph'
import { dotProduct, type NodeRows } from './node-rows.js'

/** The distribution of the cosines of all ordered pairs. Quartiles are interpolated linearly. */
interface CosineSpread {
  readonly minimum: number
  readonly firstQuartile: number
  readonly median: number
  readonly thirdQuartile: number
  readonly maximum: number
  /** Standard deviation with the number of pairs as divisor. */
  readonly deviation: number
}

/** Measures of pairs of nodes. */
export interface PairMeasures {
  /** Number of nodes whose pairs were measured: all nodes or a sample. */
  readonly nodes: number
  /** Mean Euclidean distance of pairs. */
  readonly meanPairwiseDistance: number
  /**
   * Mean, over rows, of the mean of 1 - cosine to the rows with another direction (MAD of Chen et al.); 0
   * if all rows have one direction.
   */
  readonly madNonZero: number
  /** Distribution of the cosines. */
  readonly cosines: CosineSpread
  /**
   * Uniformity, ln of the mean of exp(-2 ‖f(x) - f(y)‖²) with f(x) = x / ‖x‖; lower is more uniform.
   */
  readonly uniformity: number
}

/** Number of nodes beyond which quartiles come from a sample of nodes. */
const mostNodesForQuartiles = 2048
/** Distance 1 - cosine up to which two rows have one direction, apart from rounding. */
const sameDirection = 1e-12

/**
 * Measures pairs of nodes.
 *
 * @param sample - the number of nodes, drawn without replacement where there are more
 * @returns undefined for fewer than two nodes
 */
export async function pairMeasures(
  rows: NodeRows,
  { sample, seed, slice }: { sample: number; seed: number | string; slice: TimeSlice },
): Promise<PairMeasures | undefined> {
  const nodes = sampleNodes(rows.count, sample, seed)
  const count = nodes.length
  if (count < 2) return undefined
  const { dimensions } = rows
  const points = new Float64Array(count * dimensions)
  const unit = new Float64Array(count * dimensions)
  nodes.forEach((node, i) => {
    const row = rows.row(node)
    const norm = Math.sqrt(dotProduct(row, row))
    for (let d = 0; d < dimensions; d++) {
      points[i * dimensions + d] = row[d]
      unit[i * dimensions + d] = norm === 0 ? 0 : row[d] / norm
    }
  })
  // The nodes are in random order, so the first of them are a sample, too.
  const inQuartiles = Math.min(count, mostNodesForQuartiles)
  const kept = new Float32Array((inQuartiles * (inQuartiles - 1)) / 2)
  const [elsewhere, elsewhereCount] = [new Float64Array(count), new Int32Array(count)]
  let [distances, cosines, squares, heat, place] = [0, 0, 0, 0, 0]
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let [cosine, square, unitSquare] = [0, 0, 0]
      for (let d = 0; d < dimensions; d++) {
        const [a, b] = [i * dimensions + d, j * dimensions + d]
        cosine += unit[a] * unit[b]
        square += (points[a] - points[b]) ** 2
        unitSquare += (unit[a] - unit[b]) ** 2
      }
      distances += Math.sqrt(square)
      heat += Math.exp(-2 * unitSquare)
      cosines += cosine
      squares += cosine * cosine
      minimum = Math.min(minimum, cosine)
      maximum = Math.max(maximum, cosine)
      if (i < inQuartiles) kept[place++] = cosine
      if (1 - cosine <= sameDirection) continue
      elsewhere[i] += 1 - cosine
      elsewhere[j] += 1 - cosine
      elsewhereCount[i]++
      elsewhereCount[j]++
    }
    if (slice.isOver()) await slice.next()
  }
  const pairs = (count * (count - 1)) / 2
  kept.sort()
  return {
    nodes: count,
    meanPairwiseDistance: distances / pairs,
    madNonZero: meanOfMeans(elsewhere, elsewhereCount),
    cosines: {
      minimum,
      firstQuartile: quantile(kept, 0.25),
      median: quantile(kept, 0.5),
      thirdQuartile: quantile(kept, 0.75),
      maximum,
      deviation: Math.sqrt(Math.max(0, squares / pairs - (cosines / pairs) ** 2)),
    },
    uniformity: Math.log(heat / pairs),
  }
}

/** Returns the given number of random nodes, or all nodes in random order where there are fewer. */
function sampleNodes(count: number, sample: number, seed: number | string): Int32Array {
  const nodes = Int32Array.from({ length: count }, (_, node) => node)
  const rng = Rng.fromSeed(seed).fork('smoothing')
  const size = Math.min(count, sample)
  for (let i = 0; i < size; i++) {
    const j = i + rng.integer(count - i)
    ;[nodes[i], nodes[j]] = [nodes[j], nodes[i]]
  }
  return nodes.slice(0, size)
}

function meanOfMeans(sums: Float64Array, counts: Int32Array): number {
  let [sum, rows] = [0, 0]
  for (let i = 0; i < sums.length; i++) {
    if (counts[i] === 0) continue
    sum += sums[i] / counts[i]
    rows++
  }
  return rows === 0 ? 0 : sum / rows
}

/** Returns a quantile over ordered pairs, in which each value occurs twice. */
function quantile(sorted: Float32Array, p: number): number {
  const place = p * (2 * sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, 2 * sorted.length - 1)
  const [low, high] = [sorted[below >> 1], sorted[above >> 1]]
  return low + (place - below) * (high - low)
}
