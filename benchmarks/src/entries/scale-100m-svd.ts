import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreSvd } from '@gnnrec/out-of-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { cacheFolder } from '../cache-folder.js'
import { generatedLists } from '../scale-100m/generated-lists.js'
import { defaultEdges, perUser, windows } from '../scale-100m/size.js'
import { stopwatch } from '../scale-100m/stopwatch.js'

/** Rank and oversampling: two panels of 8 columns. */
const rank = 8
const oversampling = 8
/**
 * Residual at which the decomposition stops. The generated graph is random, so its singular values
 * after the first are nearly equal, and the usual 1e-6 would take thousands of products. The time of
 * one product is what counts here.
 */
const tolerance = 0.2
/** α and β of SVD-GCN-S. */
const regularization = 4
const filterExponent = 6

export const scale100mSvd: BenchmarkEntry = {
  summary: `SVD-GCN-S of rank ${rank} on the graph of scale-100m, matrix and vectors in files`,
  async *run({ seed, threads = 2, edges = defaultEdges }) {
    await useBackend('simd', { threads })
    const users = Math.ceil(edges / perUser)
    const folder = join(cacheFolder('scale-100m'), 'svd')
    await rm(folder, { recursive: true, force: true })
    const seconds = stopwatch()
    const lists = generatedLists({ users, items: users, perUser }, seed)
    const generated = seconds()
    const svd = await OutOfCoreSvd.compute({
      userCount: users,
      itemCount: users,
      interactions: lists,
      folder,
      maxMemory: windows,
      rank,
      oversampling,
      tolerance,
      regularization,
      seed,
    })
    try {
      const decomposed = seconds()
      const filter = svd.singularValues.map((value) => Math.exp(filterExponent * value))
      const squares = new Float64Array(rank)
      for (const side of ['users', 'items'] as const) {
        svd.read(side, (_rows, vectors) => {
          for (let at = 0; at < vectors.length; at++) {
            squares[at % rank] += vectors[at] ** 2
            vectors[at] *= filter[at % rank]
          }
        })
      }
      const embedded = seconds()
      for (const square of squares) {
        if (Math.abs(square - 2) <= 1e-3) continue
        throw new Error(`Vectors of both sides have the squared length ${square}; expected 2.`)
      }
      const peakMb = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)
      const { products } = svd
      yield {
        name: `${edges / 1e6} million edges, one thread`,
        dataset: 'generated',
        model: 'svd-gcn',
        seconds: decomposed,
        peakRssMb: peakMb,
        settings: {
          rank,
          oversampling,
          tolerance,
          degreeRegularization: regularization,
          filterExponent,
          seed,
          maxMemory: windows,
        },
        metrics: {
          edges,
          nodes: 2 * users,
          'generate, s': generated,
          'decompose, s': decomposed,
          'embeddings, s': embedded,
          'products of 8 columns': products,
          's a product, all else included': decomposed / products,
          'ns an edge and product': (1e9 * decomposed) / products / edges,
          'largest singular value': svd.singularValues[0],
          'second singular value': svd.singularValues[1],
          'largest residual': Math.max(...svd.residuals),
          'peak bytes an edge': (peakMb * 1e6) / edges,
        },
      }
      yield {
        name: 'estimate, not measured: 1 billion edges',
        dataset: 'none',
        settings: { products },
        metrics: {
          edges: 1e9,
          'decompose, s': (1e9 / edges) * decomposed,
          // OutOfCoreSvd keeps six panels of 64 bytes a row in memory.
          'memory for panels, GB': (6 * 64 * (1e9 / perUser)) / 1e9,
        },
      }
    } finally {
      svd.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}
