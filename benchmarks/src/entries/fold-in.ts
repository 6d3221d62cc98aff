import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { withoutUsers } from '../fold-in/held-out-users.js'
import { type FoldInQuality, measureFoldIn } from '../fold-in/measure-fold-in.js'
import { shareOf } from '../fold-in/share-of.js'
import { fitBaseline } from '../trials/baseline.js'
import { modelNames, presetCandidate } from '../trials/candidate.js'
import { loadMovieSplit, movieDataset } from '../trials/movie-split.js'
import type { Protocol } from '../trials/protocol.js'
import { type Trial, trainCandidate } from '../trials/trial.js'

/** Share of the users who are left out of a training. */
const heldOutShare = 0.05
/** Trainings without users, other ones each time: 5 % of the users of ml-latest-small are only 30. */
const folds = 4
/** The least share of a retraining's NDCG@20 that an architecture has to keep. */
const leastShares: Readonly<Record<string, number>> = {
  'bpr-mf': 0.85,
  'light-gcn': 0.95,
  'layer-gcn': 0.95,
  gcnii: 0.95,
  dgr: 0.95,
  'group-shuffle': 0.95,
}
/** Models that answer users of training by their histories as by themselves. */
const exactModels = [
  'item-knn',
  'ease',
  'rp3-beta',
  'slim',
  'spectral-filter',
  'user-knn',
  'popularity',
  'svd-gcn',
  'ials',
]

export const foldIn: BenchmarkEntry = {
  summary:
    'answers for users who were left out of training, by their histories: NDCG@20 as a share of that of a retraining',
  async *run({ seed, threads, dataset: wanted, model, count = folds }) {
    const dataset = movieDataset(wanted)
    const split = await loadMovieSplit(dataset)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const baselines = models
      .names()
      .filter((name) => !modelNames.includes(name) && name !== 'random')
    const failures: string[] = []
    for (const name of model === undefined ? [...baselines, ...modelNames] : [model]) {
      const fit = (part: Split): Promise<Trial> => fitModel(name, protocolOf(dataset, part, seed))
      const whole = await fit(split)
      const all: FoldInQuality[] = []
      let { seconds } = whole
      for (let fold = 0; fold < count; fold++) {
        const reduced = withoutUsers(split, heldOutShare, seed + fold)
        const without = await fit(reduced.split)
        all.push(measureFoldIn(whole.recommender, without.recommender, split, reduced.users))
        seconds += without.seconds
        without.dispose()
      }
      const retrained = all.flatMap((quality) => quality.retrained)
      const folded = all.flatMap((quality) => quality.folded)
      const { share, least: lowest, most } = shareOf(folded, retrained, seed)
      const differing = all.reduce((sum, quality) => sum + quality.differing, 0)
      const milliseconds = all.reduce((sum, quality) => sum + quality.milliseconds, 0) / count
      yield {
        name,
        dataset,
        model: name,
        settings: { ...whole.settings, folds: count },
        metrics: {
          users: retrained.length,
          'retrained ndcg@20': meanOf(retrained),
          'folded-in ndcg@20': meanOf(folded),
          share,
          'share from': lowest,
          'share to': most,
          'users answered otherwise': differing,
          'ms per history': milliseconds,
        },
        seconds,
      }
      whole.dispose()
      const least = leastShares[name]
      if (least !== undefined && share < least) {
        failures.push(`${name} keeps ${share.toFixed(3)} of ${least}`)
      }
      if (exactModels.includes(name) && differing > 0) {
        failures.push(`${name} answers ${differing} users otherwise than by their histories`)
      }
    }
    if (failures.length > 0) throw new Error(`Answers by histories: ${failures.join('; ')}.`)
  },
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function protocolOf(dataset: string, split: Split, seed: number): Protocol {
  return {
    dataset,
    split,
    graph: BipartiteGraph.fromInteractions(split.train),
    seed,
    metrics: ['ndcg@20'],
  }
}

function fitModel(name: string, protocol: Protocol): Promise<Trial> {
  return modelNames.includes(name)
    ? trainCandidate(presetCandidate(name, 'recommended'), protocol)
    : fitBaseline({ name }, protocol)
}
