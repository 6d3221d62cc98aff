import {
  type ExperimentDefinition,
  ExperimentRunner,
  type ExperimentRunnerOptions,
  readResults,
} from '@gnnrec/experiments'
import type { Writer } from '../writer.js'

/** Running of one more seed of an experiment. */
export const results: Writer = {
  prepare: (folder) => run(folder, [1]),
  open: async (folder) => () => run(folder, [1, 2]),
  read: async (folder) => [...(await readResults(folder)).keys()].join(),
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
  const definition: ExperimentDefinition = {
    name: 'made',
    models: [{ model: 'popularity' }],
    datasets: [{ dataset: 'movietweetings' }],
    seeds,
    protocol: { metrics: ['ndcg@10'], selection: 'ndcg@10' },
  }
  const options = { skipExisting: true, progress: 'none', handleInterrupt: false } as const
  await new ExperimentRunner({ definition, folder, pool, ...options }).run()
}
