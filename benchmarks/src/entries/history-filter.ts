import { loadGowalla } from '@gnnrec/data'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { timeHistories } from '../filters/time-history.js'

export const historyFilter: BenchmarkEntry = {
  summary:
    'the time of one history of 20 items on Gowalla by each filter, exact and compiled, on one thread',
  async *run({ seed, threads }) {
    const { split } = await loadGowalla()
    yield* timeHistories('gowalla', split, { seed, threads })
  },
}
