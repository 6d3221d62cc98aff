import { join } from 'node:path'
import { type EvaluationReport, evaluate } from '@gnnrec/eval'
import { BipartiteGraph, InvalidOptionsError, type Split } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import packageJson from '../../package.json' with { type: 'json' }
import { createModel, createTrainedModel } from '../models/create-model.js'
import { moduleDigest } from '../models/module-digest.js'
import type { ModuleRules } from '../models/module-rules.js'
import { isValidationMetric } from '../plan/configurations.js'
import { isFinal, reportsValidation, type Trial } from '../plan/trial.js'
import { savedModelFolder, trialFolder } from '../plan/trial-folder.js'
import { writeReport } from '../results/report-file.js'
import type { Measurements } from './measurements.js'
import { measureServing } from './serving-cost.js'
import { type EpochReport, trainTrial } from './train-trial.js'
import { splitOf } from './trial-split.js'
import { warmAndCold } from './user-groups.js'

/** The surroundings of a trial. */
export interface TrialContext {
  /** The runner's folder. */
  readonly folder: string
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number
  /** True to save the trained model in the folder `model`. */
  readonly saveModels: boolean
  /** The modules that may be loaded. */
  readonly rules: ModuleRules
  readonly signal: AbortSignal
  readonly onEpoch: (report: EpochReport) => void
}

/**
 * Loads the data, trains the model or fits the baseline, and judges it.
 *
 * @throws InvalidOptionsError when the data, the module or the library are not those that the run was
 * planned with
 * @returns undefined when the signal stopped the trial; a training then has a checkpoint
 */
export async function runTrial(
  trial: Trial,
  context: TrialContext,
): Promise<Measurements | undefined> {
  const { signal } = context
  try {
    checkPlanned('library', trial.inputs.libraryVersion, packageJson.version)
    const { module } = trial.model
    if (module !== undefined) {
      checkPlanned(
        `module '${module}'`,
        trial.inputs.moduleDigest,
        moduleDigest(module, context.rules),
      )
    }
    const split = await splitOf(trial.dataset, context.rules)
    checkPlanned(`data set '${trial.dataset.label}'`, trial.inputs.splitHash, split.hash)
    // The run has warned of ratings and weights before its first trial.
    const { weights = 'none' } = trial.dataset
    const graph = BipartiteGraph.fromInteractions(split.train, { weights, lowRatings: 'accept' })
    const fitted =
      trial.model.training === null
        ? await fitBaseline(trial, graph, split, context)
        : await fitModel(trial, graph, split, context)
    if (!fitted) return undefined
    const { recommender, ...found } = fitted
    const measurements = { ...found, split: { hash: split.hash, method: split.method } }
    if (!recommender || !isFinal(trial)) return measurements
    const on = trial.phase === 'test' ? 'test' : 'validation'
    const report = await judge(trial, recommender, on, split, context)
    return {
      ...measurements,
      ...(on === 'test'
        ? testMeasurements(report, graph)
        : await validationMeasurements(trial, recommender, report, context)),
      report: await writeReport(report, context.folder, trialFolder(trial, context.folder)),
      warnings: [...found.warnings, ...report.warnings],
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  }
}

/** @throws InvalidOptionsError when a trial would run with something else than it was planned with */
function checkPlanned(what: string, planned: string | undefined, found: string): void {
  if (planned === found) return
  throw new InvalidOptionsError(
    `The ${what} is not the one that this run was planned with: expected ${planned}, got ${found}. Start the run again, with the same on every machine.`,
  )
}

type Fitted = Omit<Measurements, 'split'> & { readonly recommender: Recommender | undefined }

async function fitBaseline(
  trial: Trial,
  graph: BipartiteGraph,
  split: Split,
  { folder, saveModels, rules, signal }: TrialContext,
): Promise<Fitted> {
  const started = performance.now()
  const model = await createModel(trial, graph, rules)
  model.splitHash = split.hash
  await model.prepare({ signal })
  const recommender = await model.toRecommender()
  const trainSeconds = (performance.now() - started) / 1000
  if (saveModels && isFinal(trial)) await model.save(savedModelFolder(trial, folder))
  const { selection, validated = [] } = trial.protocol
  const metrics = [...new Set([selection, ...validated])]
  return {
    recommender,
    trainSeconds,
    warnings: [],
    settings: {
      options: recommender.origin.options as Measurements['settings']['options'],
      training: null,
    },
    ...(isValidationMetric(selection) &&
      !reportsValidation(trial) &&
      split.validation.userIndex.length > 0 && {
        validation: (await evaluate(recommender, { split, on: 'validation', metrics, signal }))
          .metrics,
      }),
  }
}

async function fitModel(
  trial: Trial,
  graph: BipartiteGraph,
  split: Split,
  context: TrialContext,
): Promise<Fitted | undefined> {
  const model = await createTrainedModel(trial, graph, context.rules)
  const folder = trialFolder(trial, context.folder)
  const found = await trainTrial(trial, model, split, { ...context, folder })
  if (!found) return undefined
  const isJudged = isFinal(trial)
  const recommender = isJudged ? await model.toRecommender() : undefined
  if (isJudged && context.saveModels) await model.save(savedModelFolder(trial, context.folder))
  const training = trial.model.training as Measurements['settings']['training']
  const options = model.options as Measurements['settings']['options']
  model.dispose()
  return { recommender, settings: { options, training }, ...found }
}

/** Judges a recommender by all metrics of the protocol on a part of the split. */
function judge(
  { protocol: { metrics, coldUsers } }: Trial,
  recommender: Recommender,
  on: 'test' | 'validation',
  split: Split,
  { signal }: TrialContext,
): Promise<EvaluationReport> {
  return evaluate(recommender.withColdStart(coldUsers), { split, on, metrics, signal })
}

function testMeasurements(report: EvaluationReport, graph: BipartiteGraph): Partial<Measurements> {
  const userGroups = warmAndCold(report, graph)
  const isAllDefined = Object.keys(report.undefinedMetrics).length === 0
  return {
    test: report.metrics,
    ...(!isAllDefined && { undefinedMetrics: report.undefinedMetrics }),
    ...(userGroups && { userGroups }),
  }
}

/** Returns the values on the validation part and measures what answering costs. */
async function validationMeasurements(
  trial: Trial,
  recommender: Recommender,
  report: EvaluationReport,
  { folder }: TrialContext,
): Promise<Partial<Measurements>> {
  const serving = await measureServing(recommender, join(trialFolder(trial, folder), 'measured'))
  return { validation: report.metrics, serving }
}
