import { loadGowalla } from '@gnnrec/data'
import { BipartiteGraph, Rng, type SparseMatrix } from '@gnnrec/graph'
import { spmm, useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { medianSeconds, peakMegabytes } from '../measure.js'

const columns = 64

/** Multiplies a CSR matrix by a dense one in the most straightforward way. */
function plainProduct(matrix: SparseMatrix, x: Float32Array, out: Float32Array): void {
  const { rowPointers, columnIndices, values } = matrix
  out.fill(0)
  for (let row = 0; row < matrix.rows; row++) {
    const target = row * columns
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const value = values[entry]
      const source = columnIndices[entry] * columns
      for (let column = 0; column < columns; column++)
        out[target + column] += value * x[source + column]
    }
  }
}

export const sparseProduct: BenchmarkEntry = {
  summary: 'normalized Gowalla adjacency × 64 columns: plain JavaScript, one thread, two threads',
  async *run({ seed, threads = 2 }) {
    const { split } = await loadGowalla()
    const matrix = BipartiteGraph.fromInteractions(split.train).adjacency({
      normalization: 'symmetric',
    })
    const x = new Float32Array(matrix.columns * columns)
    Rng.fromSeed(seed).fillNormal(x, 0.1)
    const expected = new Float32Array(matrix.rows * columns)
    const plain = await medianSeconds(() => plainProduct(matrix, x, expected), {
      warmUp: 1,
      repetitions: 5,
    })
    const common = { dataset: 'gowalla', settings: { columns, nonZeros: matrix.nonZeros } }
    yield { ...common, name: 'plain JavaScript, 1 thread', seconds: plain }

    for (const count of new Set([1, threads])) {
      await useBackend('simd', { threads: count })
      const input = tf.tensor2d(x, [matrix.columns, columns])
      const result = spmm(matrix, input)
      const error = largestDifference(expected, result.dataSync<'float32'>())
      if (!(error < 1e-5))
        throw new Error(`The products differ by ${error}, so times cannot be compared.`)
      const seconds = await medianSeconds(() => spmm(matrix, input).dispose(), {
        warmUp: 5,
        repetitions: 21,
      })
      yield {
        ...common,
        name: `simd, ${count} thread${count === 1 ? '' : 's'}`,
        seconds,
        peakRssMb: peakMegabytes(),
        metrics: { 'largest difference': error },
        ratio: { 'plain / this': plain / seconds },
      }
      tf.dispose([input, result])
    }
  },
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}
