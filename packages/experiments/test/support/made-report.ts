import { evaluate, parseReport } from '@gnnrec/eval'
import type { CompletedTrial } from '@gnnrec/experiments'
import { BipartiteGraph, fromRecords, splitRows } from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'
import { writeReport } from '../../src/results/report-file.js'

/** The result of a trial whose report has these values of NDCG@10, one for each user. */
export async function madeTrial(
  folder: string,
  names: Partial<Pick<CompletedTrial, 'dataset' | 'model' | 'setting' | 'seed'>>,
  values: readonly number[],
  splitHash = 'abc',
): Promise<CompletedTrial> {
  const { dataset = 'set', model = 'model', setting = '', seed = 1 } = names
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const real = (await realReport(values.length)).toJSON()
  const report = parseReport({
    ...real,
    metrics: { 'ndcg@10': mean, 'coverage@10': mean / 2 },
    perUser: { 'ndcg@10': values },
    protocol: { ...real.protocol, splitHash },
  })
  const trial = [dataset, model, setting, seed].join('-')
  return {
    status: 'completed',
    trial,
    phase: 'test',
    dataset,
    model,
    setting,
    seed,
    seconds: 3,
    trainSeconds: 2,
    endedAt: '2026-01-01T00:00:00Z',
    peakRssMb: 100,
    bestEpoch: 10 + seed,
    epochs: 20,
    stopReason: 'completed',
    warnings: [],
    settings: { options: {}, training: {} },
    split: { hash: splitHash, method: { name: 'made up' } },
    test: { ...report.metrics },
    report: await writeReport(report, folder, `${folder}/trials/${trial}`),
  }
}

/** A report of so many users, whose values are then replaced. */
async function realReport(users: number) {
  const rows = Array.from({ length: users * 3 }, (_, row) => row)
  const table = fromRecords(rows.map((row) => ({ user: row % users, item: row % 17 })))
  const test = rows.slice(2 * users)
  const split = splitRows(
    table,
    { train: rows.slice(0, 2 * users), validation: [], test },
    { name: 'made up' },
  )
  const graph = BipartiteGraph.fromInteractions(split.train)
  const ranker = await new Popularity(graph).toRecommender()
  return evaluate(ranker, { split, on: 'test', metrics: ['ndcg@10', 'coverage@10'] })
}
