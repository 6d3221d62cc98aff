import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'
import { loadRecipeSplit, recipeDatasets } from '../recipe/recipe-datasets.js'
import { withPopularity } from '../recipe/with-popularity.js'

const metricNames = ['ndcg@20', 'recall@20', 'coverage@10']
/** Weights of popularity to rank with after each training. */
const popularityWeights = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5]

const { model: recipe, training } = LightGcn.presets.fast

/** Variants of the recipe, each with one setting changed. */
const variants: readonly { name: string; model?: LightGcnOptions; epochs?: number }[] = [
  { name: 'as it is' },
  ...[0.1, 0.125, 0.15, 0.18, 0.2, 0.25, 0.3, 0.35, 0.45].map((temperature) => ({
    name: `temperature ${temperature}`,
    model: { loss: { ...recipe.loss, temperature } },
  })),
  { name: 'with layer 0', model: { layerWeights: [0.25, 0.25, 0.25, 0.25] } },
  { name: '2 layers', model: { layers: 2, layerWeights: [0, 1 / 2, 1 / 2] } },
  ...[4, 16].map((epochs) => ({ name: `${epochs} epochs`, epochs })),
]

export const fastSearch: BenchmarkEntry = {
  summary: "effect of each setting of LightGCN's preset 'fast', on validation (--dataset)",
  async *run({ seed, threads, dataset }) {
    await useBackend('simd', threads === undefined ? {} : { threads })
    for (const name of dataset === undefined ? recipeDatasets : [dataset]) {
      const split = await loadRecipeSplit(name)
      const graph = BipartiteGraph.fromInteractions(split.train)
      for (const variant of variants) {
        const options = {
          ...recipe,
          ...variant.model,
          loss: { ...recipe.loss, ...(variant.model?.loss as object | undefined) },
        }
        // The weight of popularity acts only when ranking, so one training serves all weights.
        const model = new LightGcn(graph, {
          ...options,
          loss: { ...options.loss, popularityWeight: 0 },
          seed,
        } as LightGcnOptions)
        const epochs = variant.epochs ?? training.epochs
        const trainer = new Trainer({
          model,
          split,
          ...training,
          epochs,
          seed,
          metrics: [],
          progress: 'none',
          handleInterrupt: false,
        })
        const history = await trainer.fit()
        const seconds = history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0)
        const recommender = await model.toRecommender()
        for (const weight of popularityWeights) {
          const ranker = withPopularity(recommender, graph, weight)
          const { metrics } = await evaluate(ranker, {
            split,
            on: 'validation',
            metrics: metricNames,
          })
          const line = Object.entries(metrics).map(
            ([metric, value]) => `${metric} ${value.toFixed(4)}`,
          )
          console.error(`${name}, ${variant.name}, popularity ${weight}: ${line.join(', ')}`)
          yield {
            name: variant.name,
            dataset: name,
            model: 'light-gcn',
            settings: { ...options, epochs, popularityWeight: weight, seed },
            metrics,
            epochs,
            seconds,
            peakRssMb: peakMegabytes(),
          }
        }
        recommender.dispose()
        model.dispose()
      }
      graph.dispose()
    }
  },
}
