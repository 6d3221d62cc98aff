import { type DepthProfile, depthAdvice, type EvaluationReport, evaluate } from '@gnnrec/eval'
import type { BipartiteGraph, Split } from '@gnnrec/graph'
import { type GraphModel, models } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { Trainer, type TrainingHistory } from '@gnnrec/train'
import type { MovieDataName } from './movie-data.js'

/** Names of the models, as the registry has them. */
export const modelNames = ['popularity', 'item-knn', 'ease', 'bpr-mf', 'light-gcn'] as const
export type ModelName = (typeof modelNames)[number]

/** Metrics that are printed. */
export const metrics = ['recall@20', 'ndcg@20', 'ndcg@10', 'precision@10', 'hit@10', 'coverage@10']

/** Metrics that only the report shows; all come from one ranking. */
const reported = [5, 10, 20, 50].flatMap((k) => [`ndcg@${k}`, `recall@${k}`, `coverage@${k}`])
const judged = {
  on: 'test',
  metrics: [...new Set([...metrics, ...reported, 'hit@20', 'precision@20'])],
  segments: ['user-activity', 'item-popularity'],
} as const

/** A trained model with its evaluation. */
export interface TrainedModel {
  name: ModelName
  recommender: Recommender
  report: EvaluationReport
  /** History of the training; undefined for baselines, which are not trained. */
  history?: TrainingHistory
  /** Similarity of rows after each layer; undefined for models without layers. */
  depths?: readonly DepthProfile[]
  /** Seconds of training, without evaluation. */
  seconds: number
  save(folder: string): Promise<void>
}

/** Settings of one training run. */
export interface TrainSettings {
  dataset: MovieDataName
  graph: BipartiteGraph
  split: Split
  seed: number
  epochs: number | undefined
  signal: AbortSignal
}

/** Trains one model on the training part, stops on validation and evaluates on the test part. */
export async function trainModel(name: ModelName, settings: TrainSettings): Promise<TrainedModel> {
  if (!models.get(name).capabilities.isTrained) return computeBaseline(name, settings)
  const { dataset, graph, split, seed, epochs, signal } = settings
  const preset = models.preset(name, dataset === 'movietweetings' ? 'recommended' : 'movieLens')
  const options = { ...preset.model, seed }
  const model = models.createTrained(graph, { architecture: name, options })
  const trainer = new Trainer({
    model,
    split,
    ...preset.training,
    ...(epochs !== undefined && { epochs }),
    seed,
  })
  const history = await trainer.fit({ signal })
  const recommender = await model.toRecommender()
  return {
    name,
    recommender,
    report: await evaluate(recommender, { split, ...judged }),
    history,
    ...(name === 'light-gcn' && { depths: await depthsOf(model) }),
    seconds: history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
    save: (folder) => model.save(folder),
  }
}

/**
 * Measures how similar rows are. The report shows nothing of the sampled pairs, so a small sample
 * is enough.
 */
async function depthsOf(model: GraphModel): Promise<readonly DepthProfile[]> {
  return (await depthAdvice(model, { sample: 64 })).profiles
}

async function computeBaseline(
  name: ModelName,
  { graph, split, signal }: TrainSettings,
): Promise<TrainedModel> {
  const start = performance.now()
  const model = models.create(graph, { architecture: name })
  model.splitHash = split.hash
  await model.prepare({ signal })
  const seconds = (performance.now() - start) / 1000
  const recommender = await model.toRecommender()
  const report = await evaluate(recommender, { split, ...judged })
  return { name, recommender, report, seconds, save: (folder) => model.save(folder) }
}
