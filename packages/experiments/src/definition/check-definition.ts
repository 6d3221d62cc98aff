import { parseMetric } from '@gnnrec/eval'
import { GnnRecError } from '@gnnrec/graph'
import { nearestHint } from '@gnnrec/graph/kernels'
import { models } from '@gnnrec/models'
import type { DefinitionProblem } from '../errors.js'
import { isBaseline } from '../models/create-model.js'
import { type ModuleRules, moduleAddress } from '../models/module-rules.js'
import { datasetNames, datasetsWithSplit } from '../trial/known-datasets.js'
import {
  type CheckedDataset,
  type CheckedDefinition,
  type CheckedModel,
  type CheckedSearch,
  mostTrials,
} from './definition-schema.js'

/** Notes a problem: the place in the definition and a sentence. */
type Report = (path: DefinitionProblem['path'], message: string) => void

/** Selections that are not validation metrics. */
const otherSelections = ['loss', 'last-epoch']

/** Finds problems in a definition whose types are right: unknown names and parts that do not fit. */
export function checkDefinition(
  definition: CheckedDefinition,
  rules: ModuleRules,
): DefinitionProblem[] {
  const problems: DefinitionProblem[] = []
  const report: Report = (path, message) =>
    problems.push({ path, message: `${path.join('.')}: ${message}` })
  checkProtocol(definition, report)
  checkDuplicates(definition.seeds, (place) => ['seeds', place], 'seed', report)
  for (const [at, { seeds = [] }] of definition.datasets.entries()) {
    checkDuplicates(seeds, (place) => ['datasets', at, 'seeds', place], 'seed', report)
  }
  for (const [place, dataset] of definition.datasets.entries()) checkDataset(dataset, place, report)
  for (const place of definition.models.keys()) checkModel(definition, place, report)
  checkLabels(definition, report)
  checkSearch(definition, report)
  checkSize(definition, report)
  for (const part of ['models', 'datasets'] as const) {
    for (const [place, { module }] of definition[part].entries()) {
      if (module !== undefined) checkModule(module, rules, [part, place, 'module'], report)
    }
  }
  return problems
}

/** Returns the label of an entry of `models` or `datasets`. */
export function labelOf(entry: CheckedModel | CheckedDataset): string {
  return entry.label ?? ('model' in entry ? entry.model : entry.dataset)
}

/** Returns true when an entry of `models` is for a data set. */
export function isFor(entry: CheckedModel, dataset: CheckedDataset): boolean {
  return entry.datasets === undefined || entry.datasets.includes(labelOf(dataset))
}

/** Returns the seeds of the trials on a data set; the first one is that of its search, too. */
export function seedsFor({ seeds }: CheckedDefinition, dataset: CheckedDataset): readonly number[] {
  return dataset.seeds ?? seeds
}

function checkProtocol({ protocol }: CheckedDefinition, report: Report): void {
  const { metrics, selection } = protocol
  for (const [place, metric] of metrics.entries()) {
    checkMetric(metric, ['protocol', 'metrics', place], report)
  }
  checkDuplicates(metrics, (place) => ['protocol', 'metrics', place], 'metric', report)
  checkSelection(selection, ['protocol', 'selection'], report)
}

function checkSelection(selection: string, path: DefinitionProblem['path'], report: Report): void {
  if (/^test\b/i.test(selection)) {
    report(
      path,
      `got '${selection}', but epochs must not be chosen on the test part; name a metric of validation, such as 'ndcg@10'.`,
    )
  } else if (!otherSelections.includes(selection)) checkMetric(selection, path, report)
}

function checkMetric(metric: string, path: DefinitionProblem['path'], report: Report): void {
  try {
    parseMetric(metric)
  } catch (error) {
    if (!GnnRecError.isInstance(error)) throw error
    report(path, error.message)
  }
}

function checkDataset(entry: CheckedDataset, place: number, report: Report): void {
  const { dataset, csv, module, savedSplit, split, filter, selection } = entry
  const path = ['datasets', place]
  if (csv && module !== undefined) {
    report([...path, 'module'], 'a data set comes from csv or from a module, not from both.')
  }
  if (savedSplit !== undefined) {
    for (const [key, other] of Object.entries({ csv, module, split, filter })) {
      if (other === undefined) continue
      report([...path, key], 'a saved split stays as it is; leave this out, or savedSplit.')
    }
  } else if (!csv && module === undefined) {
    if (!datasetNames.includes(dataset)) {
      report(
        [...path, 'dataset'],
        `got '${dataset}'${nearestHint(dataset, datasetNames)}; expected ${datasetNames.join(', ')}, or csv, module or savedSplit beside a name of your own.`,
      )
    } else if (datasetsWithSplit.includes(dataset)) {
      for (const key of ['split', 'filter'] as const) {
        if (split && key === 'split') report([...path, key], hasItsSplit(dataset))
        if (filter && key === 'filter') report([...path, key], hasItsSplit(dataset))
      }
    }
  }
  if (selection !== undefined) checkSelection(selection, [...path, 'selection'], report)
}

function hasItsSplit(dataset: string): string {
  return `${dataset} comes with its split, which is kept as published; leave this out.`
}

function checkModel(definition: CheckedDefinition, place: number, report: Report): void {
  const entry = definition.models[place]
  const { model, module, datasets = [] } = entry
  const path = ['models', place]
  const known = models.names()
  if (module === undefined && !known.includes(model)) {
    report(
      [...path, 'model'],
      `got '${model}'${nearestHint(model, known)}; expected ${known.join(', ')}, or module beside the name of its export.`,
    )
    return
  }
  const labels = definition.datasets.map(labelOf)
  for (const [index, label] of datasets.entries()) {
    if (labels.includes(label)) continue
    report(
      [...path, 'datasets', index],
      `there is no data set '${label}'${nearestHint(label, labels)}; the experiment has ${labels.join(', ')}.`,
    )
  }
  checkPreset(entry, path, report)
  const settings = entry.settings ?? []
  checkDuplicates(
    settings.map(({ label }) => label),
    (index) => [...path, 'settings', index, 'label'],
    'setting',
    report,
  )
  const parts = [
    { part: entry, path },
    ...settings.map((part, index) => ({ part, path: [...path, 'settings', index] })),
  ]
  for (const { part, path } of parts) {
    if (Object.hasOwn(part.options, 'seed')) {
      report(
        [...path, 'options', 'seed'],
        "seeds are those of the experiment's list; leave this out.",
      )
    }
    if (isBaseline(model, module) && Object.keys(part.training).length > 0) {
      report([...path, 'training'], `${model} is not trained; leave this out.`)
    }
  }
}

/** Largest number of trials on the test part. */
const mostTestTrials = 100_000

/** Checks that an experiment has no more trials than anybody can run. */
function checkSize(definition: CheckedDefinition, report: Report): void {
  const counts = new Map<string, number>()
  let all = 0
  for (const dataset of definition.datasets) {
    const count = seedsFor(definition, dataset).length
    counts.set(labelOf(dataset), count)
    all += count
  }
  let trials = 0
  for (const { settings, datasets } of definition.models) {
    const own = datasets?.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)
    trials += (own ?? all) * (settings?.length ?? 1)
  }
  if (trials <= mostTestTrials) return
  report(
    ['models'],
    `models, data sets, settings and seeds make ${trials} trials; expected at most ${mostTestTrials}.`,
  )
}

/** Checks that a module may be loaded, without loading it. */
function checkModule(
  module: string,
  rules: ModuleRules,
  path: DefinitionProblem['path'],
  report: Report,
): void {
  try {
    moduleAddress(module, rules)
  } catch (error) {
    if (!GnnRecError.isInstance(error)) throw error
    report(path, error.message)
  }
}

function checkPreset(entry: CheckedModel, path: DefinitionProblem['path'], report: Report): void {
  const { model, module } = entry
  if (entry.preset === undefined) return
  if (module !== undefined || isBaseline(model, module)) {
    report([...path, 'preset'], `${model} has no presets; leave this out.`)
    return
  }
  try {
    models.preset(model, entry.preset)
  } catch (error) {
    if (!GnnRecError.isInstance(error)) throw error
    report([...path, 'preset'], error.message)
  }
}

/** Checks that no two rows of the table have the same model and data set. */
function checkLabels(definition: CheckedDefinition, report: Report): void {
  const labels = definition.datasets.map(labelOf)
  checkDuplicates(labels, (place) => ['datasets', place, 'label'], 'data set', report)
  for (const dataset of definition.datasets) {
    const seen = new Map<string, number>()
    for (const [place, entry] of definition.models.entries()) {
      if (!isFor(entry, dataset)) continue
      const label = labelOf(entry)
      const first = seen.get(label)
      if (first === undefined) seen.set(label, place)
      else {
        report(
          ['models', place],
          `'${label}' for ${labelOf(dataset)} is there already, as models.${first}; give one of them a label of its own.`,
        )
      }
    }
  }
}

function checkSearch(definition: CheckedDefinition, report: Report): void {
  const { search, models, datasets, protocol } = definition
  const searched = [...models.entries()].filter(([, { search }]) => search)
  if (search && searched.length === 0) {
    report(['search'], 'no model has a search of its own, which says what to try.')
  }
  for (const [place, { firstEpochs }] of datasets.entries()) {
    if (firstEpochs === undefined || search?.method === 'successive-halving') continue
    report(
      ['datasets', place, 'firstEpochs'],
      'only a search by successive-halving has a first round; leave this out.',
    )
  }
  if (search?.keep) checkKeep(search.keep, searched, datasets, report)
  for (const [place, entry] of searched) {
    const path = ['models', place]
    if (!search) {
      report([...path, 'search'], "the experiment's search is missing, which says how to try it.")
      continue
    }
    if (entry.settings) {
      report([...path, 'settings'], 'a model has settings or a search, not both.')
    }
    const combinations = combinationsOf(entry)
    if (search.method === 'grid' && combinations > mostTrials) {
      report(
        [...path, 'search'],
        `the grid has ${combinations} combinations; expected at most ${mostTrials}. Leave values out, or draw some at random.`,
      )
    }
    for (const part of ['options', 'training'] as const) {
      for (const [key, values] of Object.entries(entry.search?.[part] ?? {})) {
        if (search.method === 'grid' && !Array.isArray(values)) {
          report(
            [...path, 'search', part, key],
            'a grid takes lists of values; a range is for a random search.',
          )
        }
      }
    }
    for (const dataset of datasets) {
      const selection = dataset.selection ?? protocol.selection
      if (!isFor(entry, dataset) || !otherSelections.includes(selection)) continue
      report(
        [...path, 'search'],
        `a search needs a validation metric to choose by, and the selection for ${labelOf(dataset)} is '${selection}'.`,
      )
    }
  }
}

/** Checks that a metric can be kept: it exists, and a search on every data set has the value to compare with. */
function checkKeep(
  { metric, of }: NonNullable<CheckedSearch['keep']>,
  searched: readonly (readonly [number, CheckedModel])[],
  datasets: readonly CheckedDataset[],
  report: Report,
): void {
  checkMetric(metric, ['search', 'keep', 'metric'], report)
  for (const dataset of datasets) {
    const models = searched.filter(([, entry]) => isFor(entry, dataset))
    if (models.length === 0 || models.some(([, entry]) => labelOf(entry) === of)) continue
    const names = models.map(([, entry]) => labelOf(entry)).join(', ')
    report(
      ['search', 'keep', 'of'],
      `got '${of}', which has no search on ${labelOf(dataset)}; expected one of ${names}.`,
    )
  }
}

/** Returns the number of combinations of the lists of a search. */
function combinationsOf({ search }: CheckedModel): number {
  return [search?.options ?? {}, search?.training ?? {}]
    .flatMap((part) => Object.values(part))
    .reduce((product, values) => product * (Array.isArray(values) ? values.length : 1), 1)
}

function checkDuplicates(
  values: readonly (string | number)[],
  path: (place: number) => DefinitionProblem['path'],
  what: string,
  report: Report,
): void {
  for (const [place, value] of values.entries()) {
    const first = values.indexOf(value)
    if (first !== place)
      report(path(place), `the ${what} ${JSON.stringify(value)} is listed twice.`)
  }
}
