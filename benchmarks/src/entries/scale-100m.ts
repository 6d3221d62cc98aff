import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResultRow } from '@gnnrec/example-support'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreFilter } from '@gnnrec/out-of-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { cacheFolder } from '../cache-folder.js'
import { generatedLists, itemDegrees } from '../scale-100m/generated-lists.js'
import { defaultEdges, dimensions, perUser, windows } from '../scale-100m/size.js'
import { stopwatch } from '../scale-100m/stopwatch.js'

const layers = 3
const tolerance = 1e-4

export const scale100m: BenchmarkEntry = {
  summary: `${layers} layers over ${defaultEdges / 1e6} million edges and ${(2 * defaultEdges) / perUser / 1e6} million nodes, ${dimensions} dimensions, with tables and graph in files`,
  async *run({ seed, threads = 2, edges = defaultEdges }) {
    await useBackend('simd', { threads })
    const users = Math.ceil(edges / perUser)
    const items = users
    const folder = join(cacheFolder('scale-100m'), 'run')
    await rm(folder, { recursive: true, force: true })
    const seconds = stopwatch()
    let lists: ReturnType<typeof generatedLists> | undefined = generatedLists(
      { users, items, perUser },
      seed,
    )
    const degrees = itemDegrees(lists, items)
    const generated = seconds()
    const maxMemory = Math.min(windows, 40 * edges)
    const filter = await OutOfCoreFilter.open({
      userCount: users,
      itemCount: items,
      interactions: lists,
      embeddingDim: dimensions,
      folder,
      maxMemory,
    })
    lists = undefined
    const written = seconds()
    try {
      const degreeOf = { users: () => perUser, items: (item: number) => degrees[item] }
      for (const side of ['users', 'items'] as const) {
        filter.fill(side, ({ first, count }, values) => {
          for (let at = 0; at < values.length; at++) values[at] = ((at * 7919) % 1013) / 1013 - 0.5
          for (let row = 0; row < count; row++) {
            values[row * dimensions] = Math.sqrt(degreeOf[side](first + row))
          }
        })
      }
      const filled = seconds()
      const before = filter.statistics
      await filter.run(new Array<number>(layers + 1).fill(1 / (layers + 1)))
      const propagated = seconds()
      const { readBytes, writtenBytes } = filter.statistics
      const moved = readBytes - before.readBytes + writtenBytes - before.writtenBytes
      // The roots of degrees are an eigenvector of Â for the eigenvalue 1, so the first column must
      // not change.
      for (const side of ['users', 'items'] as const) {
        filter.read(side, ({ first, count }, values) => {
          for (let row = 0; row < count; row++) {
            const expected = Math.sqrt(degreeOf[side](first + row))
            const error = Math.abs(values[row * dimensions] - expected)
            if (error <= tolerance * Math.max(1, expected)) continue
            throw new Error(
              `Row ${first + row} of ${side} has ${values[row * dimensions]}; expected ${expected}.`,
            )
          }
        })
      }
      const peakMb = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)
      yield {
        name: `${edges / 1e6} million edges, ${threads} threads`,
        dataset: 'generated',
        seconds: propagated,
        peakRssMb: peakMb,
        settings: { layers, embeddingDim: dimensions, maxMemory, seed },
        metrics: {
          edges,
          nodes: users + items,
          'generate, s': generated,
          'write blocks, s': written,
          'fill, s': filled,
          'propagate, s': propagated,
          'ns an edge and layer': (1e9 * propagated) / edges / layers,
          'file bytes an edge': moved / edges,
          'peak bytes an edge': (peakMb * 1e6) / edges,
        },
      }
      yield estimate(propagated / edges, maxMemory)
    } finally {
      filter.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/**
 * Estimates the cost of a billion edges with the same memory. Computing takes the same time an edge.
 * The table of one side no longer fits, so it is read again for each block of a twelfth of the
 * memory.
 */
function estimate(secondsAnEdge: number, maxMemory: number): ResultRow {
  const edges = 1e9
  const rows = edges / perUser
  const table = rows * dimensions * 4
  const blocks = Math.ceil(table / (maxMemory / 12))
  const product = table * (blocks + 2) + 10 * edges
  return {
    name: 'estimate, not measured: 1 billion edges',
    dataset: 'none',
    settings: { maxMemory },
    metrics: {
      edges,
      nodes: 2 * rows,
      'computing, s': secondsAnEdge * edges,
      'read and written, GB': (2 * layers * product) / 1e9,
      'in files, GB': (4 * 2 * table + 20 * edges) / 1e9,
    },
  }
}
