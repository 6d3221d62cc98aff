import { measureIndex } from '../ann/measure-index.js'
import type { BenchmarkEntry } from '../benchmark-entry.js'

export const ann: BenchmarkEntry = {
  summary:
    'an index for approximate search with recall@20 ≥ .98 against exact lists, on a million generated items × 64 dimensions',
  run: ({ seed, threads = 2, count = 1_000_000 }) =>
    measureIndex({ items: count, dim: 64, sample: 200, seed, threads }),
}
