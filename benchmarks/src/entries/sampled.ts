import { evaluate } from '@gnnrec/eval'
import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { type GraphSamplingSettings, Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { measureRun } from '../measure-run.js'
import { loadRecipeSplit } from '../recipe/recipe-datasets.js'

/**
 * Epochs of each method: few, so that all methods fit into an hour. The learning rate falls to 0
 * over them.
 */
const epochs = 3
const ahead = 'neighbours, 10 each, drawn ahead'
const metricNames = ['recall@20', 'ndcg@20']

const neighbours = { method: 'neighbours', fanOuts: [10, 10, 10] } as const

const methods: Readonly<Record<string, GraphSamplingSettings | undefined>> = {
  'whole graph': undefined,
  'neighbours, 10 each (GraphSAGE)': neighbours,
  [ahead]: neighbours,
  'neighbours, 5 each (GraphSAGE)': { method: 'neighbours', fanOuts: [5, 5, 5] },
  'layers of 8000 (LADIES)': { method: 'layers', layerSizes: [8000, 8000, 8000] },
  'layers of 2000 (LADIES)': { method: 'layers', layerSizes: [2000, 2000, 2000] },
  'most visited 10 (PinSage)': { method: 'walk-neighbours', neighbours: [10, 10, 10] },
  '10 of 50 clusters (Cluster-GCN)': { method: 'clusters', clusters: 50, clustersPerStep: 10 },
  '6000 walks (GraphSAINT-RW)': { method: 'walk-subgraphs', roots: 6000 },
}

export const sampled: BenchmarkEntry = {
  summary: 'training on samples of Gowalla (graphSampling), compared with the whole graph',
  async *run({ seed, threads, count = epochs }) {
    await useBackend('simd', threads === undefined ? {} : { threads })
    const split = await loadRecipeSplit('gowalla')
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { model: options, training } = LightGcn.presets.fast
    let whole:
      | { seconds: number; cpuSeconds: number; metrics: Readonly<Record<string, number>> }
      | undefined
    for (const [name, graphSampling] of Object.entries(methods)) {
      const model = new LightGcn(graph, { ...options, seed })
      const trainer = new Trainer({
        model,
        split,
        ...training,
        epochs: count,
        seed,
        // Guards read the whole graph, which would add to the measured time.
        guards: false,
        progress: 'lines',
        ...(graphSampling && { graphSampling, sampleAhead: name === ahead }),
      })
      const { seconds, cpuSeconds } = await measureRun(() => trainer.fit())
      const recommender = await model.toRecommender()
      const { metrics } = await evaluate(recommender, {
        split,
        on: 'validation',
        metrics: metricNames,
      })
      whole ??= { seconds, cpuSeconds, metrics }
      const row: ResultRow = {
        name,
        dataset: 'gowalla',
        model: 'light-gcn',
        settings: { ...training, epochs: count, graphSampling, seed },
        metrics,
        epochs: count,
        seconds,
        ratio: {
          'seconds / whole': seconds / whole.seconds,
          'CPU / whole': cpuSeconds / whole.cpuSeconds,
          'recall@20 / whole': metrics['recall@20'] / whole.metrics['recall@20'],
        },
      }
      console.error(`${name}: ${JSON.stringify({ metrics, seconds, ratio: row.ratio })}`)
      yield row
      recommender.dispose()
      model.dispose()
    }
    graph.dispose()
  },
}
