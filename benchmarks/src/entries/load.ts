import { loadMovieLens, readCsv } from '@gnnrec/data'
import { rowCount } from '@gnnrec/graph'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { ratingsFile } from '../generated-ratings.js'
import { peakMegabytes } from '../measure.js'
import { measureRun } from '../measure-run.js'

const columns = { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' }

const repetitions = 3

export const load: BenchmarkEntry = {
  summary: 'MovieLens-1M with titles; CSV of 5 and of 25 million rows: rows a second, bytes a row',
  async *run({ seed }) {
    for (const rows of [5_000_000, 25_000_000]) {
      const { file, remove } = await ratingsFile(rows, seed)
      try {
        const { result, seconds, cpuSeconds, grownBytes } = await measureRun(() =>
          readCsv(file, { columns }),
        )
        if (rowCount(result) !== rows) throw new Error(`Read ${rowCount(result)} of ${rows} rows.`)
        yield {
          name: `CSV, ${rows / 1e6} million rows`,
          dataset: 'generated',
          settings: { rows },
          seconds,
          peakRssMb: peakMegabytes(),
          metrics: {
            'million rows/s': rows / 1e6 / seconds,
            'million rows/s of CPU': rows / 1e6 / cpuSeconds,
            'bytes a row': grownBytes / rows,
          },
        }
      } finally {
        await remove()
      }
    }
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      const { result, seconds, cpuSeconds } = await measureRun(() => loadMovieLens('ml-1m'))
      const rows = rowCount(result.interactions)
      yield {
        name: `MovieLens-1M, time ${repetition}`,
        dataset: 'ml-1m',
        settings: { rows },
        seconds,
        metrics: {
          'million rows/s': rows / 1e6 / seconds,
          'million rows/s of CPU': rows / 1e6 / cpuSeconds,
        },
      }
    }
  },
}
