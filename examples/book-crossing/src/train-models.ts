import { type EvaluationReport, evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { ItemKnn, LightGcn, Popularity } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'

export const metrics = ['recall@10', 'ndcg@10', 'recall@20', 'ndcg@20', 'coverage@10']

/** A recommender, judged on the test part. */
export interface JudgedModel {
  readonly name: string
  readonly recommender: Recommender
  readonly report: EvaluationReport
  /** Epoch that validation chose; undefined for baselines. */
  readonly bestEpoch?: number
  /** Seconds of training, without evaluation. */
  readonly seconds: number
}

/** Trains the baselines, then LightGCN. */
export async function* trainModels(
  split: Split,
  { epochs, seed }: { readonly epochs: number; readonly seed: number },
): AsyncGenerator<JudgedModel> {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const judge = (recommender: Recommender) => evaluate(recommender, { split, on: 'test', metrics })
  for (const baseline of [new Popularity(graph), new ItemKnn(graph)]) {
    const started = performance.now()
    const recommender = await baseline.toRecommender()
    const seconds = (performance.now() - started) / 1000
    yield { name: baseline.architecture, recommender, report: await judge(recommender), seconds }
  }
  const model = new LightGcn(graph, { ...LightGcn.presets.movieLens.model, seed })
  const history = await new Trainer({
    model,
    split,
    seed,
    epochs,
    batchSize: 4096,
    learningRate: 5e-3,
    sampling: 'interaction-shuffle',
    evaluateEvery: Math.min(5, epochs),
    earlyStopping: { metric: 'ndcg@10', patience: 20 },
  }).fit()
  const recommender = await model.toRecommender()
  yield {
    name: model.architecture,
    recommender,
    report: await judge(recommender),
    ...(history.bestEpoch !== null && { bestEpoch: history.bestEpoch }),
    seconds: history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
  }
}
