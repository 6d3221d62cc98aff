import { withValidationInTrain } from '@gnnrec/data'
import { compareReports, type EvaluationReport, evaluate, parseMetric } from '@gnnrec/eval'
import type { Split } from '@gnnrec/graph'
import { type FoundModel, refit } from '@gnnrec/train'
import type { PreparedEvents } from './prepare-events.js'

/** The result on the test part, beside Popularity. */
export interface Judgement {
  readonly metric: string
  readonly value: number
  /** Value of Popularity. */
  readonly popularity: number
  /** The value minus that of Popularity. */
  readonly difference: number
  /** 95 % interval of the difference, by a paired bootstrap over users. */
  readonly interval: readonly [low: number, high: number]
  /** Number of users who were judged on. */
  readonly users: number
}

/** A judgement with the reports that it comes from. */
export interface JudgedModel {
  readonly judgement: Judgement
  readonly evaluation: EvaluationReport
  readonly baseline: EvaluationReport
  /** The split whose training part, with validation, the judged model was fitted to. */
  readonly split: Split
  /** Seconds of fitting the model. */
  readonly seconds: number
}

/** Fits a model and Popularity to training and validation part and judges both on the test part, once. */
export async function judge(
  { split, metric }: PreparedEvents,
  fit: (split: Split) => Promise<Awaited<ReturnType<typeof refit>>>,
  signal: AbortSignal | undefined,
): Promise<JudgedModel> {
  const joined = withValidationInTrain(split)
  const started = performance.now()
  const model = await fit(joined)
  const seconds = (performance.now() - started) / 1000
  const popularity: FoundModel = { model: 'popularity' }
  const base = await refit(popularity, joined, { lowRatings: 'accept' })
  const { k = 1 } = parseMetric(metric)
  const metrics = [...new Set([metric, `recall@${k}`, `hit@${k}`, `coverage@${k}`])]
  const [evaluation, baseline] = await Promise.all(
    [model, base].map(async (each) => {
      const recommender = await each.model.toRecommender()
      const report = await evaluate(recommender, { split: joined, on: 'test', metrics, signal })
      recommender.dispose()
      each.model.dispose()
      return report
    }),
  )
  const { metrics: compared, users } = compareReports(evaluation, baseline, { metrics: [metric] })
  const { a: value, b, difference, tests } = compared[metric]
  const interval = tests?.interval ?? ([difference, difference] as const)
  const judgement = { metric, value, popularity: b, difference, interval, users }
  return { judgement, evaluation, baseline, split: joined, seconds }
}
