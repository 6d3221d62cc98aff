import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type ExperimentDefinition,
  ExperimentRunner,
  type ExperimentRunnerOptions,
  readResults,
} from '@gnnrec/experiments'
import { madeColumns, madeLines } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

const { user, item, timestamp } = madeColumns
const madeCsv = madeLines(
  (row) => `${user[row]},${item[row]},${timestamp[row]}`,
  'user,item,timestamp',
)

/** Running of one more seed of an experiment. */
export const results: Writer = {
  prepare: (folder) => run(folder, [1]),
  open: async (folder) => () => run(folder, [1, 2]),
  async read(folder) {
    const results = [...(await readResults(folder)).values()]
    // Times differ from run to run.
    const timeless = results.map((result) => ({ ...result, seconds: 0, endedAt: '' }))
    return Object.fromEntries(timeless.map((result) => [result.trial, JSON.stringify(result)]))
  },
}

/** Pool that says at once what a trial gave, so that only the runner writes files. */
const pool: NonNullable<ExperimentRunnerOptions['pool']> = {
  parallel: 1,
  open: async () => undefined,
  run: async () => ({
    status: 'completed',
    peakRssMb: 100,
    measurements: {
      settings: { options: {}, training: {} },
      split: { hash: 'abc', method: { name: 'made' } },
      validation: { 'ndcg@10': 0.1 },
      test: { 'ndcg@10': 0.1 },
      trainSeconds: 1,
      warnings: [],
    },
  }),
  close: async () => undefined,
}

async function run(folder: string, seeds: readonly number[]): Promise<void> {
  const file = join(dirname(folder), 'made.csv')
  await writeFile(file, madeCsv)
  const columns = { user: 'user', item: 'item', timestamp: 'timestamp' }
  const definition: ExperimentDefinition = {
    name: 'made',
    models: [{ model: 'random' }],
    datasets: [{ dataset: 'made', csv: { file, columns } }],
    seeds,
    protocol: { metrics: ['ndcg@10'], selection: 'ndcg@10' },
  }
  const options = { skipExisting: true, progress: 'none', handleInterrupt: false } as const
  await new ExperimentRunner({ definition, folder, pool, ...options }).run()
}
