import type { BenchmarkEntry } from '../benchmark-entry.js'
import { bundleParts } from '../bundles/bundle-parts.js'

/** Entries to bundle, whole or with only some of their exports. */
const bundles: readonly (readonly [entry: string, names?: readonly string[]])[] = [
  ['@gnnrec/graph'],
  ['@gnnrec/graph', ['BipartiteGraph', 'fromRecords']],
  ['@gnnrec/ops'],
  ['@gnnrec/models'],
  ['@gnnrec/models', ['LightGcn']],
  ['@gnnrec/serving'],
  ['@gnnrec/serving', ['Recommender']],
  ['@gnnrec/tfjs-backend-simd'],
  ['@gnnrec/train'],
  ['@gnnrec/eval'],
  ['@gnnrec/data'],
  ['@gnnrec/report'],
]

export const bundleSize: BenchmarkEntry = {
  summary:
    'minified sizes of the entries for pages in kB: at import, later, and by origin of the code',
  async *run() {
    for (const [entry, names] of bundles) {
      const { atImport, later, ownAtImport, parts } = await bundleParts(entry, names)
      yield {
        name: names ? `${entry}: ${names.join(', ')}` : entry,
        metrics: {
          'at import': kilobytes(atImport.bytes),
          gzip: kilobytes(atImport.gzipped),
          later: kilobytes(later.bytes),
          'later, gzip': kilobytes(later.gzipped),
          'own at import': kilobytes(ownAtImport),
          ...Object.fromEntries(
            Object.entries(parts).map(([part, bytes]) => [part, kilobytes(bytes)]),
          ),
        },
      }
    }
  },
}

/** Converts bytes to kilobytes of 1000 bytes, with one decimal. */
function kilobytes(bytes: number): number {
  return Math.round(bytes / 100) / 10
}
