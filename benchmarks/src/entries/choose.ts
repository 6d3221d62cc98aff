import type { BenchmarkEntry } from '../benchmark-entry.js'
import { chooseAndTest } from '../choose/choose-and-test.js'
import { chooseDatasets } from '../choose/choose-datasets.js'
import { presentSplits } from '../trials/named-splits.js'

/** Seconds that a choice may take. */
const seconds = 3600

export const chooseEntry: BenchmarkEntry = {
  summary: 'the model that validation chooses on each data set, and what the choice loses on test',
  async *run({ seed, dataset }) {
    for await (const { name, split } of presentSplits(chooseDatasets, dataset)) {
      const onLine = (line: string) => console.error(line)
      const budget = { seconds }
      yield* await chooseAndTest({ dataset: name, split, seed, metric: 'ndcg@20', budget, onLine })
    }
  },
}
