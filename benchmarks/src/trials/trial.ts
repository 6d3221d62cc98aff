import { evaluate } from '@gnnrec/eval'
import type { ResultRow } from '@gnnrec/example-support'
import type { GraphModel } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import { peakMegabytes } from '../measure.js'
import { type Candidate, createModel } from './candidate.js'
import type { Protocol } from './protocol.js'

/** A recommender with what it took and what it is worth. */
export interface Trial {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly recommender: Recommender
  readonly validation: Readonly<Record<string, number>>
  readonly test: Readonly<Record<string, number>>
  /** Seconds of training, without evaluation. */
  readonly seconds: number
  /** The epoch whose weights it has; none for what is not trained in epochs. */
  readonly bestEpoch?: number
  /** Frees the recommender and the model. */
  dispose(): void
}

/** A trial of a model, which can be looked into. */
export interface ModelTrial extends Trial {
  readonly model: GraphModel
}

/** Trains a model, takes the epoch that validation chooses, and judges it on both parts. */
export async function trainCandidate(
  candidate: Candidate,
  protocol: Protocol,
): Promise<ModelTrial> {
  const { name, options, training } = candidate
  const { split, graph, metrics, seed } = protocol
  const model = createModel(candidate, graph, seed)
  const trainer = new Trainer({
    model,
    split,
    ...training,
    metrics,
    seed,
    progress: 'none',
    handleInterrupt: false,
  })
  const started = performance.now()
  await model.prepare()
  const preparation = (performance.now() - started) / 1000
  const { epochs, bestEpoch, bestValidation } = await trainer.fit()
  const recommender = await model.toRecommender()
  return {
    name,
    settings: { ...options, ...training, seed },
    model,
    recommender,
    validation: bestValidation ?? {},
    test: (await evaluate(recommender, { split, on: 'test', metrics })).metrics,
    seconds: epochs.reduce((sum, epoch) => sum + epoch.seconds, preparation),
    ...(bestEpoch && { bestEpoch }),
    dispose() {
      recommender.dispose()
      model.dispose()
    },
  }
}

/** A trial as a row of results: validation of the metric that decides, and all of the test. */
export function rowOf(
  { name, settings, validation, test, seconds, bestEpoch }: Trial,
  { dataset, metrics: [decides] }: Protocol,
): ResultRow {
  return {
    name,
    dataset,
    model: name,
    settings: { ...settings },
    metrics: {
      [`validation ${decides}`]: validation[decides],
      ...Object.fromEntries(
        Object.entries(test).map(([metric, value]) => [`test ${metric}`, value]),
      ),
    },
    ...(bestEpoch !== undefined && { epochs: bestEpoch }),
    seconds,
    peakRssMb: peakMegabytes(),
  }
}

/** Says on stderr, at once, what a trial has given. */
export function logTrial(trial: Trial, protocol: Protocol): void {
  const { name, settings, metrics = {}, epochs } = rowOf(trial, protocol)
  const values = Object.entries(metrics).map(([metric, value]) => `${metric} ${value.toFixed(4)}`)
  const epoch = epochs === undefined ? [] : [`epoch ${epochs}`]
  const text = [...values, ...epoch, `${trial.seconds.toFixed(1)} s`].join(', ')
  console.error(`${name} ${JSON.stringify(settings)}: ${text}`)
}
