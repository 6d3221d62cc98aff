import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareReports, evaluate, parseReport } from '@gnnrec/eval'
import { BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'
import { createReport } from '@gnnrec/report'
import type { Subject } from '../subject.js'
import { digestOfJson, madeSplit } from './made-data.js'
import { madeTrainer } from './made-trainings.js'

/** Evaluations and the course of a training as JSON, from which a report is made. */
export const reportSubjects: readonly Subject[] = [
  {
    name: 'evaluations and history of a report',
    share: 2,
    async make(folder) {
      const split = madeSplit()
      const graph = BipartiteGraph.fromInteractions(split.train)
      const ranker = await new Popularity(graph).toRecommender()
      const metrics = ['ndcg@3', 'recall@3', 'coverage@3']
      for (const [name, k] of Object.entries({ first: 3, second: 2 })) {
        const report = await evaluate(ranker, {
          split,
          on: 'test',
          metrics: [...metrics, `mrr@${k}`],
        })
        const json = { ...report.toJSON(), seconds: 1 }
        await writeFile(join(folder, `${name}.json`), JSON.stringify(json))
      }
      const { trainer, model } = madeTrainer()
      const history = JSON.stringify(await trainer.fit())
      model.dispose()
      const timeless = history.replace(/("\w*[sS]econds"):[\d.e-]+/g, '$1:1')
      await writeFile(join(folder, 'history.json'), timeless)
    },
    async read(folder) {
      const [first, second, history] = await Promise.all(
        ['first', 'second', 'history'].map((name) => jsonOf(join(folder, `${name}.json`))),
      )
      const reports = { first: parseReport(first), second: parseReport(second) }
      const comparison = compareReports(reports.first, reports.second, { metrics: ['ndcg@3'] })
      const { html, markdown } = await createReport({
        title: 'made',
        models: [
          { name: 'first', evaluation: first, history },
          { name: 'second', evaluation: second },
        ] as never,
      })
      if (/<script|<iframe|<object|<link|\son\w+=|javascript:/i.test(html))
        throw new Error('The report has an active element.')
      return digestOfJson(comparison, html, markdown)
    },
  },
]

async function jsonOf(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    // Files are read by the caller of the packages.
    throw new InvalidOptionsError(`${path} is no JSON.`, { cause })
  }
}
