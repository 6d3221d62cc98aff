import {
  type Dataset,
  filterMinInteractions,
  loadMovieLens,
  loadMovieTweetings,
  temporalSplit,
} from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import { BprMf, type GraphModel, LightGcn } from '@gnnrec/models'
import { Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'

const MONITOR = 'ndcg@20'
const metrics = [MONITOR, 'recall@20', 'ndcg@10', 'coverage@10']
const learningRates = [1e-3, 2e-3, 5e-3]
const l2Weights = [1e-3, 1e-2, 3e-2, 1e-1]
const depths = [2, 3]

interface Trial {
  readonly settings: Record<string, number>
  readonly validation: Readonly<Record<string, number>>
  readonly test: Readonly<Record<string, number>>
  readonly bestEpoch: number
}

export const tune: BenchmarkEntry = {
  summary:
    'a grid of settings for BPR-MF and LightGCN, chosen on validation (--dataset movietweetings | ml-latest-small)',
  async *run({ seed, threads, dataset = 'movietweetings' }) {
    const { interactions } = await loadSet(dataset)
    const core = filterMinInteractions(interactions, { minPerUser: 10, minPerItem: 10 })
    const split = temporalSplit(core, { scope: 'user', ratios: [0.7, 0.1, 0.2] })
    const graph = BipartiteGraph.fromInteractions(split.train)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const grid = learningRates.flatMap((learningRate) =>
      l2Weights.map((l2Weight) => ({ learningRate, l2Weight })),
    )
    const makers: Record<string, readonly [Record<string, number>, () => GraphModel][]> = {
      BprMf: grid.map((settings) => [
        settings,
        () => new BprMf(graph, { l2Weight: settings.l2Weight, seed }),
      ]),
      LightGcn: grid.flatMap((settings) =>
        depths.map((layers): [Record<string, number>, () => GraphModel] => [
          { ...settings, layers },
          () => new LightGcn(graph, { l2Weight: settings.l2Weight, layers, seed }),
        ]),
      ),
    }
    for (const [name, candidates] of Object.entries(makers)) {
      let best: Trial | undefined
      for (const [settings, make] of candidates) {
        const trial = await train(make(), split, settings, seed)
        console.error(`${name} ${JSON.stringify(settings)} ${show(trial)}`)
        if (!best || trial.validation[MONITOR] > best.validation[MONITOR]) best = trial
      }
      if (!best) continue
      yield {
        ...{ name: `${name}, best on validation`, dataset, model: name },
        ...{ settings: { ...best.settings, seed }, epochs: best.bestEpoch, metrics: best.test },
      }
    }
  },
}

function loadSet(name: string): Promise<Dataset> {
  if (name === 'movietweetings') return loadMovieTweetings()
  if (name === 'ml-latest-small') return loadMovieLens('latest-small')
  throw new Error(`--dataset: got '${name}'; expected movietweetings or ml-latest-small.`)
}

/** Trains as the presets `recommended` do, with these settings. */
async function train(
  model: GraphModel,
  split: Split,
  settings: Record<string, number>,
  seed: number,
): Promise<Trial> {
  const trainer = new Trainer({
    ...{ model, split, seed, metrics, epochs: 120, batchSize: 1024, evaluateEvery: 5 },
    learningRate: settings['learningRate'],
    sampling: 'user-uniform',
    earlyStopping: { metric: MONITOR, patience: 60 },
    progress: 'none',
  })
  const { bestEpoch, bestValidation } = await trainer.fit()
  const report = await evaluate(await model.toRecommender(), { split, on: 'test', metrics })
  model.dispose()
  return {
    settings,
    validation: bestValidation ?? {},
    test: report.metrics,
    bestEpoch: bestEpoch ?? 0,
  }
}

function show({ bestEpoch, validation, test }: Trial): string {
  const values = (of: Readonly<Record<string, number>>) =>
    metrics.map((name) => of[name].toFixed(4)).join(' ')
  return `epoch ${bestEpoch}, validation ${values(validation)}, test ${values(test)}`
}
