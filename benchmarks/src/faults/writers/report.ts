import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { evaluateLists, parseReport } from '@gnnrec/eval'
import { interactionLists } from '@gnnrec/graph'
import { writeReport } from '@gnnrec/report'
import { sha256 } from '../../fuzz/subjects/digests.js'
import { madeSplit } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

/** Writing of a report over another one. Its two files are replaced one after the other. */
export const report: Writer = {
  prepare: (folder) => written(folder, 'old'),
  async open(folder) {
    // The library for charts is loaded before anything fails.
    const options = optionsOf('new')
    return async () => void (await writeReport(folder, options))
  },
  async read(folder) {
    const [html, markdown] = await Promise.all(
      ['report.html', 'report.md'].map((name) => readFile(join(folder, name))),
    )
    return { html: sha256(html), markdown: sha256(markdown) }
  },
}

async function written(folder: string, title: string): Promise<void> {
  await writeReport(folder, optionsOf(title))
}

function optionsOf(title: string) {
  const split = madeSplit()
  const seen = interactionLists(split.train)
  const lists = split.train.users.ids.map((user, index) => {
    const own = seen.items.subarray(seen.pointers[index], seen.pointers[index + 1])
    return {
      user,
      items: split.train.items.ids.filter((_, item) => !own.includes(item)).slice(0, 2),
    }
  })
  const options = { split, on: 'test', metrics: ['ndcg@2', 'coverage@2'] } as const
  // The report says how long the evaluation took.
  const evaluation = parseReport({ ...evaluateLists(lists, options).toJSON(), seconds: 1 })
  return { title, models: [{ name: 'made', evaluation }] }
}
