import { type DepthProfile, depthAdvice, type EvaluationReport, evaluate } from '@gnnrec/eval'
import type { BipartiteGraph, Split } from '@gnnrec/graph'
import { type GraphModel, models } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { Trainer, type TrainingHistory } from '@gnnrec/train'
import { type MovieDataName, presetNames } from './movie-data.js'

/** Names of all models and baselines, as the registry has them. */
export const modelNames: readonly string[] = models.names()

/** Metrics that are printed. */
export const metrics = ['recall@20', 'ndcg@20', 'ndcg@10', 'precision@10', 'hit@10', 'coverage@10']

/** Metric on the validation part that chooses the model whose lists are shown. */
export const selection = 'ndcg@20'

/** Metrics that only the report shows; all come from one ranking. */
const reported = [5, 10, 20, 50].flatMap((k) => [`ndcg@${k}`, `recall@${k}`, `coverage@${k}`])
const judged = {
  on: 'test',
  metrics: [...new Set([...metrics, ...reported, 'hit@20', 'precision@20'])],
  segments: ['user-activity', 'item-popularity'],
} as const

/** A trained model with its evaluation. */
export interface TrainedModel {
  name: string
  recommender: Recommender
  /** NDCG@20 on the validation part. */
  validation: number
  /** Evaluation on the test part. */
  report: EvaluationReport
  /** History of the training; undefined for baselines, which are not trained. */
  history?: TrainingHistory
  /** Similarity of rows after each layer; undefined for models without layers. */
  depths?: readonly DepthProfile[]
  /** Seconds of training, without evaluation. */
  seconds: number
  /** Most memory of this process until the model was judged, in megabytes. */
  peakMegabytes: number
}

/** Settings of one training run. */
export interface TrainSettings {
  dataset: MovieDataName
  /** Preset in place of that of the data set. */
  preset: string | undefined
  graph: BipartiteGraph
  split: Split
  seed: number
  epochs: number | undefined
  /** Folder to save the model in. */
  folder: string
  signal: AbortSignal
}

/**
 * Trains one model of the registry on the training part with its preset for the data set, stops on validation,
 * saves it and evaluates it on the test part.
 *
 * @returns undefined when the signal came before there was a model to judge
 */
export async function trainModel(
  name: string,
  settings: TrainSettings,
): Promise<TrainedModel | undefined> {
  const { isTrained } = models.get(name).capabilities
  const { signal } = settings
  try {
    return await (isTrained ? fitModel(name, settings) : computeBaseline(name, settings))
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  }
}

async function fitModel(name: string, settings: TrainSettings): Promise<TrainedModel | undefined> {
  const { dataset, graph, split, seed, epochs, folder, signal } = settings
  const preset = models.preset(name, settings.preset ?? presetNames[dataset])
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
  if (history.stopReason === 'aborted' && history.epochs.length === 0) {
    model.dispose()
    return undefined
  }
  const recommender = await model.toRecommender()
  const depths = 'layers' in model.options ? await depthsOf(model) : undefined
  await model.save(folder)
  model.dispose()
  // A model without parameters has no epochs; its time is that of its decomposition.
  const seconds = history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0)
  return {
    name,
    recommender,
    history,
    ...(depths && { depths }),
    seconds: history.epochs.length > 0 ? seconds : history.seconds,
    ...(await judge(recommender, split)),
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
  name: string,
  { graph, split, seed, folder, signal }: TrainSettings,
): Promise<TrainedModel> {
  const start = performance.now()
  const { isSeeded } = models.get(name).capabilities
  const model = models.create(graph, { architecture: name, options: isSeeded ? { seed } : {} })
  model.splitHash = split.hash
  await model.prepare({ signal })
  const seconds = (performance.now() - start) / 1000
  const recommender = await model.toRecommender()
  await model.save(folder)
  model.dispose()
  return { name, recommender, seconds, ...(await judge(recommender, split)) }
}

async function judge(
  recommender: Recommender,
  split: Split,
): Promise<Pick<TrainedModel, 'validation' | 'report' | 'peakMegabytes'>> {
  const validation = await evaluate(recommender, { split, on: 'validation', metrics: [selection] })
  return {
    validation: validation.metrics[selection],
    ...(await judgeOnTest(recommender, split)),
  }
}

/** Evaluates a recommender on the test part. */
export async function judgeOnTest(
  recommender: Recommender,
  split: Split,
): Promise<Pick<TrainedModel, 'report' | 'peakMegabytes'>> {
  const report = await evaluate(recommender, { split, ...judged })
  return { report, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) }
}
