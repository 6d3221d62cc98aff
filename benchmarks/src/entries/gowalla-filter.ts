import { loadGowalla } from '@gnnrec/data'
import { SpectralFilter } from '@gnnrec/models'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { measureFilters } from '../filters/measure-filters.js'

export const gowallaFilter: BenchmarkEntry = {
  summary: "the published filter that is best on a tenth of Gowalla's train part, on its test part",
  async *run({ seed, threads }) {
    const { split } = await loadGowalla()
    const candidates = Object.values(SpectralFilter.published.gowalla)
    yield* measureFilters({ dataset: 'gowalla', split, candidates, seed, threads })
  },
}
