import { DatasetNotFoundError } from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { chooseAndTest } from '../choose/choose-and-test.js'
import { chooseDatasets } from '../choose/choose-datasets.js'

/** Seconds that a choice may take. */
const seconds = 3600

export const chooseEntry: BenchmarkEntry = {
  summary: 'the model that validation chooses on each data set, and what the choice loses on test',
  async *run({ seed, dataset }) {
    const names = dataset === undefined ? Object.keys(chooseDatasets) : [dataset]
    for (const name of names) {
      const split = await splitOf(name)
      if (!split) continue
      const onLine = (line: string) => console.error(line)
      const budget = { seconds }
      yield* await chooseAndTest({ dataset: name, split, seed, metric: 'ndcg@20', budget, onLine })
    }
  },
}

/** Loads a split; says why when its files are not there. */
async function splitOf(name: string): Promise<Split | undefined> {
  if (!Object.hasOwn(chooseDatasets, name)) {
    throw new Error(
      `--dataset: got '${name}'; expected one of ${Object.keys(chooseDatasets).join(', ')}.`,
    )
  }
  try {
    return await chooseDatasets[name]()
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError)) throw error
    console.error(`${name} is skipped: ${error.message}`)
    return undefined
  }
}
