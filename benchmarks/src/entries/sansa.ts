import { loadBookCrossing, loadGowalla } from '@gnnrec/data'
import { GnnRecError, type Split } from '@gnnrec/graph'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { compareWithEase } from '../sansa/compare-with-ease.js'
import { loadAmazonBook } from '../sansa/load-amazon-book.js'
import { loadMl1mSplit } from '../trials/ml1m-split.js'

const loaders: Readonly<Record<string, () => Promise<Split>>> = {
  'ml-1m': loadMl1mSplit,
  'book-crossing': async () => (await loadBookCrossing()).split,
  gowalla: async () => (await loadGowalla()).split,
  'amazon-book': loadAmazonBook,
}

export const sansa: BenchmarkEntry = {
  summary:
    'the sparse weights of Sansa beside those of Ease: NDCG, memory, time (--dataset for one)',
  async *run({ dataset }) {
    const names = Object.keys(loaders)
    if (dataset !== undefined && !names.includes(dataset)) {
      throw new Error(`--dataset: got '${dataset}'; expected one of ${names.join(', ')}.`)
    }
    for (const name of dataset === undefined ? names : [dataset]) {
      const split = await loadOrSayWhyNot(name)
      if (split) yield* compareWithEase(name, split)
    }
  },
}

async function loadOrSayWhyNot(name: string): Promise<Split | undefined> {
  try {
    return await loaders[name]?.()
  } catch (error) {
    if (!(error instanceof GnnRecError)) throw error
    console.log(`${name} is skipped: ${error.message}`)
    return undefined
  }
}
