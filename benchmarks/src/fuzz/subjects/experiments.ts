import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { evaluate } from '@gnnrec/eval'
import {
  type CompletedTrial,
  pairedComparisons,
  readExperimentFile,
  readPredecessorFiles,
  readResults,
  resultCsv,
  resultTable,
  summarize,
  toLatex,
  toMarkdown,
} from '@gnnrec/experiments'
import { BipartiteGraph } from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'
import { historyToCsv, parseTrainingLog } from '@gnnrec/train'
import type { Files, Subject } from '../subject.js'
import { hostileStatement } from '../traps.js'
import { digestOfJson, madeSplit } from './made-data.js'
import { madeTrainer } from './made-trainings.js'

const definition = `name: made
seeds: [1, 2]
models:
  - model: popularity
  - model: light-gcn
    label: LightGCN
    options: { embeddingDim: 8, layers: 2 }
    search:
      options: { layers: [1, 2], embeddingDim: [4, 8] }
      training: { learningRate: { min: 0.001, max: 0.1, scale: log } }
  - model: bpr-mf
    options: { embeddingDim: 8 }
    datasets: [movietweetings]
  - model: OwnModel
    module: ./own.mjs
datasets:
  - dataset: movietweetings
    filter: { minPerUser: 5, minPerItem: 5 }
protocol:
  split: { method: temporal, ratios: [0.7, 0.1, 0.2] }
  metrics: [ndcg@10, recall@20]
  selection: ndcg@10
training:
  epochs: 2
  batchSize: 512
  learningRate: 0.01
  sampling: interaction-shuffle
search: { method: random, trials: 3 }
budget: { secondsPerTrial: 60 }
`

const predecessor = {
  'training.yaml': `epochs: 20
learning_rate: 0.001
batch_size: 1024
validation_metrics: [recall@10, ndcg@10]
early_stopping: { patience: 5 }
device: cuda
`,
  'lightgcn.yaml': `model_name: lightgcn
model: { n_layers: 2, embedding_dim: 8 }
training: { weight_decay: 0.0001 }
`,
}

/** Definitions of experiments and their results. */
export const experimentSubjects: readonly Subject[] = [
  {
    name: 'definition',
    share: 4,
    mayBeOdd: true,
    async make(folder) {
      await writeFile(join(folder, 'made.yaml'), definition)
      // No code of modules may run before a trial does.
      await writeFile(join(folder, 'own.mjs'), hostileStatement)
    },
    async read(folder) {
      return digestOfJson((await readExperimentFile(join(folder, 'made.yaml'))).definition)
    },
  },
  {
    name: "predecessor's configuration",
    mayBeOdd: true,
    async make(folder) {
      for (const [name, text] of Object.entries(predecessor))
        await writeFile(join(folder, name), text)
    },
    async read(folder) {
      const files = {
        training: join(folder, 'training.yaml'),
        models: [join(folder, 'lightgcn.yaml')],
      }
      const { definition, ignored } = await readPredecessorFiles(files)
      return digestOfJson(
        definition,
        ignored.map(({ key }) => key),
      )
    },
  },
  {
    name: 'results',
    share: 3,
    mayBeOdd: true,
    make: makeResults,
    unpack: (files) => reports(files, gunzipSync),
    pack: (files) => reports(files, gzipSync),
    async read(folder) {
      const results = [...(await readResults(folder)).values()]
      const models = summarize(results)
      const reference = { model: 'first' }
      const compared = await pairedComparisons({ results, folder, metric: 'ndcg@3', reference })
      const table = resultTable(models, { comparisons: compared })
      return digestOfJson(toMarkdown(table), toLatex(table), resultCsv(models, compared))
    },
  },
  {
    name: 'log of a training',
    make: makeLog,
    async read(folder) {
      const lines = parseTrainingLog(await readFile(join(folder, 'training.jsonl'), 'utf8'))
      const epochs = lines.flatMap((line) => (line.type === 'epoch' ? [line.record] : []))
      return digestOfJson(historyToCsv({ epochs }))
    },
  },
]

async function makeResults(folder: string): Promise<void> {
  const split = madeSplit()
  const ranker = await new Popularity(BipartiteGraph.fromInteractions(split.train)).toRecommender()
  const report = evaluate(ranker, { split, on: 'test', metrics: ['ndcg@3', 'coverage@3'] })
  const json = { ...(await report).toJSON(), seconds: 1 }
  const lines: string[] = []
  for (const [number, model] of ['first', 'second', 'first', 'second'].entries()) {
    const seed = 1 + (number >> 1)
    const trial = `made--${model}--seed-${seed}`
    const path = `trials/${trial}/report.json.gz`
    await mkdir(join(folder, 'trials', trial), { recursive: true })
    const perUser = { 'ndcg@3': json.perUser['ndcg@3'].map((value) => (value ?? 0) / (1 + number)) }
    await writeFile(join(folder, path), gzipSync(JSON.stringify({ ...json, perUser })))
    const result: CompletedTrial = {
      status: 'completed',
      trial,
      phase: 'test',
      dataset: 'made',
      model,
      setting: '',
      seed,
      seconds: 3,
      trainSeconds: 2,
      endedAt: '2026-01-01T00:00:00Z',
      peakRssMb: 100,
      bestEpoch: 10,
      epochs: 20,
      stopReason: 'completed',
      warnings: [],
      settings: { options: {}, training: {} },
      split: { hash: split.hash, method: split.method },
      test: { 'ndcg@3': 0.1 * seed, 'coverage@3': 0.5 },
      report: path,
    }
    lines.push(JSON.stringify(result))
  }
  await writeFile(join(folder, 'results.jsonl'), `${lines.join('\n')}\n`)
}

async function makeLog(folder: string): Promise<void> {
  const log = join(folder, 'training.jsonl')
  const { trainer, model } = madeTrainer({ epochs: 3, log })
  await trainer.fit()
  model.dispose()
  const text = await readFile(log, 'utf8')
  const times = text.replace(/("\w*[sS]econds"):[\d.e-]+/g, '$1:1')
  await writeFile(log, times.replace(/"time":"[^"]*"/g, '"time":"2026-01-01T00:00:00.000Z"'))
}

function reports(files: Files, change: (bytes: Uint8Array) => Uint8Array): Files {
  return new Map(
    [...files].map(([name, bytes]) => [
      name,
      name.endsWith('.gz') ? new Uint8Array(change(bytes)) : bytes,
    ]),
  )
}
