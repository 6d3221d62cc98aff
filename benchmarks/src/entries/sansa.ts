import type { BenchmarkEntry } from '../benchmark-entry.js'
import { compareWithEase } from '../sansa/compare-with-ease.js'
import { loadAmazonBook } from '../sansa/load-amazon-book.js'
import { presentSplits, type SplitLoaders, splitLoaders } from '../trials/named-splits.js'

const loaders: SplitLoaders = {
  'ml-1m': splitLoaders['ml-1m'],
  'book-crossing': splitLoaders['book-crossing'],
  gowalla: splitLoaders.gowalla,
  'amazon-book': loadAmazonBook,
}

export const sansa: BenchmarkEntry = {
  summary:
    'the sparse weights of Sansa beside those of Ease: NDCG, memory, time (--dataset for one)',
  async *run({ dataset }) {
    for await (const { name, split } of presentSplits(loaders, dataset)) {
      yield* compareWithEase(name, split)
    }
  },
}
