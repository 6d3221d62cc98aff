import type { DepthProfile, EvaluationReportJson, Segment, Smoothing } from '@gnnrec/eval'
import { Rng } from '@gnnrec/graph'
import type { ReportModel, ReportOptions } from '@gnnrec/report'
import type { TrainingHistory } from '@gnnrec/train'

/** Settings by which made evaluations differ. */
export interface MadeEvaluation {
  readonly seed?: number
  /** Added to the chance of a hit. */
  readonly skill?: number
  readonly users?: number
  readonly protocol?: Partial<EvaluationReportJson['protocol']>
  readonly flags?: EvaluationReportJson['flags']
  readonly segments?: EvaluationReportJson['segments']
  /** Reasons of metrics that are undefined, by name. */
  readonly undefinedMetrics?: EvaluationReportJson['undefinedMetrics']
}

const cutoffs = [5, 10, 20, 50]

/** A report with values of every user, whose means are its metrics. */
export function madeEvaluation(made: MadeEvaluation = {}): EvaluationReportJson {
  const { seed = 0, skill = 0, users = 300, protocol, flags = [], segments = {} } = made
  const { undefinedMetrics = {} } = made
  const rng = Rng.fromSeed(seed).fork('made')
  const perUser: Record<string, number[]> = {}
  const metrics: Record<string, number> = {}
  for (const family of ['ndcg', 'recall', 'precision', 'hit']) {
    for (const k of cutoffs) {
      const values = Array.from({ length: users }, () =>
        rng.uniform() < 0.2 + skill + k / 200 ? rng.uniform() : 0,
      )
      perUser[`${family}@${k}`] = values
      metrics[`${family}@${k}`] = values.reduce((sum, value) => sum + value, 0) / users
    }
  }
  for (const k of cutoffs) metrics[`coverage@${k}`] = Math.min(1, 0.1 + skill + k / 100)
  for (const name of Object.keys(undefinedMetrics)) {
    delete metrics[name]
    delete perUser[name]
  }
  return {
    metrics,
    perUser,
    perUserKept: true,
    undefinedMetrics,
    undefinedUsers: {},
    userIndices: Array.from({ length: users }, (_, user) => user),
    segments,
    protocol: {
      splitHash: 'a'.repeat(64),
      splitMethod: { name: 'temporal', settings: { scope: 'user' } },
      on: 'test',
      masked: ['train', 'validation'],
      ranking: 'full',
      candidates: 1099,
      tieRule: 'lower item index first',
      flavour: 'gnnrec',
      ks: cutoffs,
      users: 'all',
      usersEvaluated: users,
      usersWithoutRelevant: 3,
      usersWithoutTraining: 0,
      relevantItemsWithoutTraining: 0,
      libraryVersion: '1.2.3',
      denominators: Object.fromEntries(Object.keys(metrics).map((name) => [name, 'what there is'])),
      ...protocol,
    },
    degenerateShare: flags.includes('degenerate') ? 0.37 : 0,
    relevantItems: 4 * users,
    maskedRelevantItems: flags.includes('relevant-items-masked') ? users : 0,
    flags,
    warnings: [],
    seconds: 0.5,
  }
}

/** A training whose loss falls and whose metric rises to the epoch before the last. */
export function madeHistory(epochs: number, seed = 0): TrainingHistory {
  const rng = Rng.fromSeed(seed).fork('history')
  const validation = (epoch: number) => ({
    'ndcg@20':
      0.1 + 0.05 * Math.min(1, epoch / Math.max(1, epochs - 1)) - (epoch === epochs ? 0.01 : 0),
  })
  return {
    epochs: Array.from({ length: epochs }, (_, place) => ({
      epoch: place + 1,
      learningRate: 0.005 * Math.cos((place / epochs) * 1.5),
      loss: 0.7 / (place + 1) + rng.uniform() / 100,
      lossTerms: {},
      steps: 10,
      seconds: 0.5,
      evaluationSeconds: 0.1,
      guardSeconds: 0,
      ...(place % 2 === 1 && { validation: validation(place + 1) }),
    })),
    bestEpoch: epochs - (epochs % 2),
    bestValidation: validation(epochs - 1),
    stopReason: 'early-stopping',
    findings: [],
    seconds: 3,
    skippedDraws: 0,
  }
}

/** Rows that become alike from layer to layer. */
function madeDepths(layers: number): DepthProfile[] {
  return Array.from({ length: layers + 1 }, (_, depth) => ({
    depth,
    smoothing: {
      meanCosine: depth / (layers + 0.5),
      smoothShare: 0.1 * depth,
      oscillatingShare: 0.02,
      dirichletEnergy: 1 / (depth + 1),
      effectiveRank: 60 / (depth + 1),
      rowVariance: 0.1,
    } as unknown as Smoothing,
    state: depth < layers ? 'distinct' : 'collapsed',
    validation: 0.1 + 0.01 * depth,
  }))
}

function madeSegments(shift = 0): EvaluationReportJson['segments'] {
  const segment = (name: string, place: number): Segment => ({
    name,
    users: 80,
    items: 250,
    recommendedShare: (place + 1) / 10,
    relevantShare: 0.25,
    metrics: { 'recall@20': 0.1 + place / 20 + shift, 'ndcg@20': 0.08 + shift },
  })
  const names = ['0-7', '8-10', '11-16', '17 up']
  return { 'user-activity': names.map(segment), 'item-popularity': names.map(segment) }
}

const modelNames = ['BPR-MF', 'LightGCN', 'GCNII', 'DGR', 'SVD-GCN', 'LayerGCN', 'GroupShuffle']

export function madeModel(name: string, place: number, made: MadeEvaluation = {}): ReportModel {
  return {
    name,
    evaluation: madeEvaluation({
      seed: place,
      skill: place / 40,
      segments: madeSegments(place / 100),
      ...made,
    }),
    ...(place > 0 && { history: madeHistory(20 + place, place), depths: madeDepths(4) }),
    trainSeconds: 12.3,
    peakMegabytes: 300 + place,
  }
}

/** Two models, nearly equal, with all that readers who decide about a model want to know. */
export function productReport(): ReportOptions {
  const films = ['Alien', 'Brazil', 'Casablanca', 'Delicatessen', 'Eraserhead', 'Fargo']
  const items = films.map((title, id) => ({
    id,
    title: `${title} with a long title (19${60 + id})`,
  }))
  const close = (name: string, place: number, shift: number): ReportModel => {
    const history = madeHistory(24, 1)
    return {
      ...madeModel(name, place, { skill: place === 0 ? 0 : 0.05 }),
      depths: undefined,
      history: {
        ...history,
        epochs: history.epochs.map(({ validation, ...epoch }) => ({
          ...epoch,
          learningRate: 0.005,
          ...(validation && { validation: { 'ndcg@20': validation['ndcg@20'] + shift } }),
        })),
      },
    }
  }
  return {
    title: 'What to watch next',
    description: 'Made data.',
    metric: 'ndcg@20',
    data: {
      interactions: 44_613,
      users: 2059,
      items: 1099,
      pairs: 44_000,
      from: '2013-02-28',
      to: '2014-06-01',
      newItems: 0.004,
      newUsers: 0.12,
    },
    models: [
      { ...close('Popularity', 0, 0.0002), modelBytes: 8000 },
      {
        ...close('LightGCN', 3, 0),
        settings: { dimension: 64, layers: 3, learningRate: 0.005 },
        modelBytes: 1_234_567,
        latencyMilliseconds: 0.42,
      },
    ],
    similarItems: items.slice(0, 3).map((item) => ({
      item,
      similar: items.filter((other) => other !== item),
    })),
    modelFolder: 'models/films',
    users: [{ id: 'ann', consumed: items.slice(0, 2), recommended: { LightGCN: items.slice(2) } }],
  }
}

/** Seven models with all that a report can show. */
export function sevenModels(made: MadeEvaluation = {}): ReportOptions {
  const rng = Rng.fromSeed(7).fork('report')
  const list = (length: number) =>
    Array.from({ length }, (_, place) => ({
      id: place,
      title: `A film with the long title number ${place} (2013)`,
      relevant: rng.uniform() < 0.2,
    }))
  return {
    title: 'Seven models on made data',
    description: 'Nothing of this was trained.',
    models: modelNames.map((name, place) => ({
      ...madeModel(name, place, made),
      recommended: Array.from({ length: 500 }, () => rng.integer(20)),
    })),
    metric: 'ndcg@20',
    items: {
      popularity: Array.from({ length: 500 }, (_, item) => 1 + ((item * 37) % 211)),
      consumed: Array.from({ length: 500 }, (_, item) => item % 5),
    },
    users: ['ann', 'bob', 17].map((id) => ({
      id,
      consumed: list(8),
      recommended: Object.fromEntries(modelNames.map((name) => [name, list(10)])),
    })),
    environment: {
      date: '2026-11-25',
      node: 'v20.20.2',
      cpu: '2 × made',
      threads: 2,
      command: 'npm start',
      packages: { '@gnnrec/eval': '1.2.3' },
    },
  }
}
