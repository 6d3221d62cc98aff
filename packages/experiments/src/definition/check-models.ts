import { parseMetric } from '@gnnrec/eval'
import {
  BipartiteGraph,
  fromColumns,
  GnnRecError,
  InvalidOptionsError,
  type Split,
  sizeLimits,
  splitRows,
} from '@gnnrec/graph'
import { Trainer, type TrainerOptions } from '@gnnrec/train'
import type { core } from 'zod'
import { type DefinitionProblem, messageOf } from '../errors.js'
import type { DatasetFacts } from '../inputs/dataset-facts.js'
import { createModel, createTrainedModel } from '../models/create-model.js'
import type { ModuleRules } from '../models/module-rules.js'
import type { SettingChoice } from '../plan/configurations.js'
import {
  type Configuration,
  configurationsOf,
  isValidationMetric,
  trialOf,
} from '../plan/configurations.js'
import type { Trial } from '../plan/trial.js'
import { type Probe, probesOf } from '../search/candidates.js'
import { seedsFor } from './check-definition.js'
import type { CheckedDefinition } from './definition-schema.js'
import type { ExperimentTraining } from './experiment-definition.js'
import { valueAt } from './value-at.js'

/** Most users and items of made-up data. */
const mostMadeUp = 2048
/** Number of users and items that baselines are fitted to. */
const madeUpForBaselines = 8

/** The conditions under which {@link checkModels} makes models. */
export interface ModelCheck {
  readonly rules: ModuleRules
  /** True to load the modules of the definition, which runs their code. */
  readonly loadsModules: boolean
  /** Facts about the data sets of the definition, by position, where they are known. */
  readonly datasets?: readonly (DatasetFacts | null)[]
}

/**
 * Finds problems in the options and training settings of a definition by making each model and its
 * trainer once without training, on a made-up graph that has the size of the data set if that is small.
 */
export async function checkModels(
  definition: CheckedDefinition,
  { rules, loadsModules, datasets = [] }: ModelCheck,
): Promise<DefinitionProblem[]> {
  const made = new Map<string, MadeUp>()
  const problems = new Map<string, DefinitionProblem>()
  const inputs = { splitHash: '', libraryVersion: '' }
  const source = { definition, baseFolder: rules.baseFolder, inputsOf: () => inputs }
  for (const configuration of configurationsOf(definition)) {
    const { entry, dataset, path, settings } = configuration
    if (entry.module !== undefined && !loadsModules) continue
    const facts = datasets[definition.datasets.indexOf(dataset)]
    const probes: readonly Probe[] = settings?.map((setting) => ({ setting })) ?? probesOf(entry)
    const trialWith = (setting: SettingChoice) =>
      trialOf(source, configuration, {
        setting,
        seed: seedsFor(definition, configuration.dataset)[0],
        phase: 'test',
      })
    const ground = { facts, made, rules }
    for (const [place, { setting, varied, companions }] of probes.entries()) {
      const trial = trialWith(setting)
      const found = await tryTrial(trial, ground)
      if (!found) continue
      // A value may be wrong beside the first values of others and right beside the rest.
      const isWrong =
        !varied ||
        isAbout(found.error, varied) ||
        (await failsAlways(companions?.map(trialWith), ground))
      if (!isWrong) continue
      const settingPath = entry.settings ? [...path, 'settings', place] : path
      const places = placesOf(definition, configuration, settingPath)[found.part]
      for (const problem of placed(definition, found.error, trial.model.label, places, path)) {
        problems.set(`${problem.path.join('.')} ${problem.message}`, problem)
      }
    }
  }
  return [...problems.values()]
}

/**
 * Returns true when a schema refuses the value of an option by itself. Other errors may be about the
 * option beside others.
 */
function isAbout({ cause }: GnnRecError, { key }: NonNullable<Probe['varied']>): boolean {
  const issues = (cause as { issues?: readonly core.$ZodIssue[] } | undefined)?.issues ?? []
  return issues.some(({ code, path }) => code !== 'custom' && path[0] === key)
}

/** Returns true when none of some trials can be made; false when they are not known. */
async function failsAlways(trials: readonly Trial[] | undefined, ground: Ground): Promise<boolean> {
  for (const trial of trials ?? []) {
    if (!(await tryTrial(trial, ground))) return false
  }
  return trials !== undefined
}

/** Returns the places that options and training settings may come from; the first one that has a key wins. */
function placesOf(
  { datasets }: CheckedDefinition,
  { path, dataset }: Configuration,
  settingPath: DefinitionProblem['path'],
): Record<'options' | 'training', readonly DefinitionProblem['path'][]> {
  return {
    options: [
      [...path, 'search', 'options'],
      [...settingPath, 'options'],
      [...path, 'options'],
    ],
    training: [
      [...path, 'search', 'training'],
      [...settingPath, 'training'],
      ['datasets', datasets.indexOf(dataset), 'training'],
      [...path, 'training'],
      ['training'],
    ],
  }
}

/** The data that models are tried on. */
interface Ground {
  readonly facts: DatasetFacts | null | undefined
  /** Made-up data so far, by size. */
  readonly made: Map<string, MadeUp>
  readonly rules: ModuleRules
}

/** Makes the model of a trial and its trainer; returns their error and the part that it is about. */
async function tryTrial(
  trial: Trial,
  { facts, made, rules }: Ground,
): Promise<{ part: 'options' | 'training'; error: GnnRecError } | undefined> {
  const { training } = trial.model
  const { selection } = trial.protocol
  let part: 'options' | 'training' = 'options'
  try {
    if (training === null) {
      // Fitting a baseline to a few items is the only way to check its options, and takes no time.
      const { graph } = madeUpOnce(made, madeUpForBaselines, madeUpForBaselines)
      await (await createModel(trial, graph, rules)).prepare()
      return undefined
    }
    const users = Math.min(facts?.users ?? mostMadeUp, mostMadeUp)
    const items = Math.min(facts?.items ?? mostMadeUp, mostMadeUp)
    const { graph, split } = madeUpOnce(made, users, items, trial.dataset.weights)
    const model = await createTrainedModel(trial, graph, rules)
    part = 'training'
    checkStated(training)
    if (facts) checkBatch(training, facts)
    // The trainer is made to check its options; it never trains.
    const metrics = selection === 'last-epoch' ? [] : [fittingMetric(selection, items)]
    const nodes = facts ? facts.users + facts.items : Number.POSITIVE_INFINITY
    const { earlyStopping, ...others } = training
    new Trainer({
      ...others,
      ...fittingSampling(training, graph, nodes),
      ...(earlyStopping && {
        earlyStopping: { ...earlyStopping, metric: fittingMetric(earlyStopping.metric, items) },
      }),
      model,
      split,
      metrics,
    } as TrainerOptions)
    model.dispose()
    return undefined
  } catch (error) {
    if (GnnRecError.isInstance(error)) return { part, error }
    // The code of a module may throw anything; an error of a model of the library is a fault of the library.
    if (trial.model.module === undefined) throw error
    return { part, error: new InvalidOptionsError(messageOf(error), { cause: error }) }
  }
}

/** Settings that a record of an experiment has to state, although `Trainer` has defaults for them. */
const statedSettings = ['epochs', 'batchSize', 'learningRate', 'sampling'] as const

/** @throws InvalidOptionsError naming settings that neither a preset nor the definition states */
function checkStated(training: ExperimentTraining): void {
  const missing = statedSettings.filter((name) => training[name] === undefined)
  if (missing.length === 0) return
  throw new InvalidOptionsError(
    `${missing.map((name) => `${name}: got undefined`).join('; ')}; state it under training, or choose a preset.`,
  )
}

/** Checks the size of a batch on the data set itself, since batches of the made-up graph are small. */
function checkBatch(
  { batchSize = 1, negativesPerPositive = 1 }: ExperimentTraining,
  { rows }: DatasetFacts,
): void {
  const indices = Math.min(batchSize, rows.train) * (2 + negativesPerPositive)
  if (indices <= sizeLimits.batchItems) return
  throw new InvalidOptionsError(
    `batchSize: got ${batchSize} with ${negativesPerPositive} negatives for each positive, which makes ${indices} indices; expected at most ${sizeLimits.batchItems} in a batch. Take a smaller batch or fewer negatives.`,
  )
}

/** Limits the list of a metric to the items of the made-up graph; the data set itself is checked apart. */
function fittingMetric(metric: string, items: number): string {
  if (!isValidationMetric(metric)) return metric
  const { metric: found, k } = parseMetric(metric)
  return k === undefined ? metric : `${found.name}@${Math.min(k, items)}`
}

/**
 * Limits the number of clusters to that of the made-up graph, unless the data set has fewer nodes than
 * there are to be clusters.
 */
function fittingSampling(
  { graphSampling: given }: ExperimentTraining,
  { nodeCount }: BipartiteGraph,
  nodesOfDataset: number,
): Pick<ExperimentTraining, 'graphSampling'> | undefined {
  if (given?.method !== 'clusters' || given.clustersPerStep > given.clusters) return undefined
  if (given.clusters > nodesOfDataset) return undefined
  const clusters = Math.min(given.clusters, nodeCount)
  const clustersPerStep = Math.min(given.clustersPerStep, clusters)
  return { graphSampling: { ...given, clusters, clustersPerStep } }
}

/** Returns the path of the option that an error without issues names, if it names one. */
function optionOf({ code, message }: GnnRecError): readonly string[] | undefined {
  if (code === 'SAMPLED_GRAPH_UNSUPPORTED') return ['graphSampling']
  const ofSampler = /^\w+Sampler: (\w+): /.exec(message)?.[1]
  if (ofSampler !== undefined) return ['graphSampling', ofSampler]
  return /^([\w.]+): /.exec(message)?.[1]?.split('.')
}

/** Turns an error into problems, each at the place of its option in the definition. */
function placed(
  definition: CheckedDefinition,
  error: GnnRecError,
  label: string,
  places: readonly DefinitionProblem['path'][],
  model: DefinitionProblem['path'],
): DefinitionProblem[] {
  const pathTo = (inner: DefinitionProblem['path']): DefinitionProblem['path'] => {
    const found = places
      .map((each) => [...each, ...inner])
      .find((each) => valueAt(definition, each) !== undefined)
    if (found) return found
    // A key that is missing has its problem where the key belongs.
    return inner.length > 1 ? pathTo(inner.slice(0, -1)) : model
  }
  const issues = (error.cause as { issues?: readonly core.$ZodIssue[] } | undefined)?.issues ?? []
  const [head, ...lines] = error.message.split('\n  - ')
  if (lines.length !== issues.length || issues.length === 0) {
    const option = optionOf(error)
    return [{ path: option ? pathTo(option) : model, message: `${label}: ${error.message}` }]
  }
  return issues.map((issue, place) => {
    const key = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
    const path = pathTo([...(issue.path as (string | number)[]), ...key])
    return { path, message: `${label}: ${head} ${lines[place]}` }
  })
}

interface MadeUp {
  readonly split: Split
  readonly graph: BipartiteGraph
}

function madeUpOnce(
  made: Map<string, MadeUp>,
  users: number,
  items: number,
  weights: Trial['dataset']['weights'] = 'none',
): MadeUp {
  const size = `${users} × ${items}, ${weights}`
  const found = made.get(size) ?? madeUp(users, items, weights)
  made.set(size, found)
  return found
}

/** Makes a split in which every user and item has a row for training and one for validation. */
function madeUp(users: number, items: number, weights: 'none' | 'counts' | 'log'): MadeUp {
  const rows = Array.from({ length: 2 * Math.max(users, items) }, (_, row) => row)
  const isHeld = (row: number) => row % 2 === 1
  const table = fromColumns({
    user: rows.map((row) => Math.floor(row / 2) % users),
    item: rows.map((row) => (Math.floor(row / 2) + (row % 2)) % items),
  })
  const split = splitRows(
    table,
    {
      train: rows.filter((row) => !isHeld(row)),
      validation: rows.filter(isHeld),
      test: [],
    },
    { name: 'made up' },
  )
  return { split, graph: BipartiteGraph.fromInteractions(split.train, { weights }) }
}
