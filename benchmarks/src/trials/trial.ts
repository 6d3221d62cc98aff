import { evaluate } from '@gnnrec/eval'
import type { ResultRow } from '@gnnrec/example-support'
import type { GraphModel } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import { peakMegabytes } from '../measure.js'
import { type Candidate, createModel } from './candidate.js'
import type { Protocol } from './protocol.js'

/** A recommender with the cost of its training and its metrics. */
export interface Trial {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly recommender: Recommender
  readonly validation: Readonly<Record<string, number>>
  readonly test: Readonly<Record<string, number>>
  /** Seconds of training, without evaluation. */
  readonly seconds: number
  /**
   * Epoch whose weights the recommender has; undefined for models that are not trained in epochs.
   */
  readonly bestEpoch?: number
  /** Frees the recommender and the model. */
  dispose(): void
}

/** A trial of a model, with the model itself. */
export interface ModelTrial extends Trial {
  readonly model: GraphModel
}

/**
 * Trains a model, takes the epoch that validation chooses, and evaluates it on validation and test.
 */
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

/** Makes a row of results: the deciding metric on validation, and all metrics on test. */
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

/** Prints the result of a trial on stderr as soon as it is known. */
export function logTrial(trial: Trial, protocol: Protocol): void {
  const { name, settings, metrics = {}, epochs } = rowOf(trial, protocol)
  const values = Object.entries(metrics).map(([metric, value]) => `${metric} ${value.toFixed(4)}`)
  const epoch = epochs === undefined ? [] : [`epoch ${epochs}`]
  const text = [...values, ...epoch, `${trial.seconds.toFixed(1)} s`].join(', ')
  console.error(`${name} ${JSON.stringify(settings)}: ${text}`)
}
