import { resolve } from 'node:path'
import {
  type Dataset,
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  leaveLastOut,
  loadSplit,
  randomSplit,
  readCsv,
  type SplitDataset,
  temporalSplit,
} from '@gnnrec/data'
import { type InteractionTable, InvalidOptionsError, isSplit, type Split } from '@gnnrec/graph'
import type { SplitSettings } from '../definition/experiment-definition.js'
import { loadExport } from '../models/load-module.js'
import type { ModuleRules } from '../models/module-rules.js'
import type { TrialDataset } from '../plan/trial.js'
import { datasetNames, knownDatasets } from './known-datasets.js'

type Loaded =
  | { readonly split: Split }
  | {
      readonly interactions: InteractionTable
      readonly timestampUnit?: Dataset['timestampUnit']
    }

/** A step of {@link splitOf}, which its errors are about. */
export type SplitStep = 'load' | 'filter' | 'split'

/**
 * Loads a data set, filters and splits it; one that comes with a split stays as it is.
 *
 * @param onStep - called at the start of each step
 */
export async function splitOf(
  dataset: TrialDataset,
  rules: ModuleRules,
  onStep: (step: SplitStep) => void = () => undefined,
): Promise<Split> {
  onStep('load')
  const loaded = await load(dataset, rules)
  if ('split' in loaded) return loaded.split
  const { interactions, timestampUnit } = loaded
  onStep('filter')
  const rows = filtered(interactions, dataset)
  onStep('split')
  const { split } = dataset
  if (split.method === 'temporal' && split.scope === 'global') checkTimes(dataset, timestampUnit)
  return cut(rows, split)
}

async function load(
  { dataset, csv, module, savedSplit }: TrialDataset,
  rules: ModuleRules,
): Promise<Loaded | Dataset | SplitDataset> {
  if (savedSplit !== undefined) {
    return { split: await loadSplit(resolve(rules.baseFolder, savedSplit)) }
  }
  if (csv) {
    const { file, ...form } = csv
    return { interactions: await readCsv(resolve(rules.baseFolder, file), form as never) }
  }
  if (module === undefined) {
    if (Object.hasOwn(knownDatasets, dataset)) return knownDatasets[dataset]()
    throw new InvalidOptionsError(
      `dataset: got '${dataset}'; expected ${datasetNames.join(', ')}, or csv, module or savedSplit.`,
    )
  }
  const loadDataset = await loadExport(module, 'loadDataset', rules)
  const loaded = typeof loadDataset === 'function' ? await loadDataset() : undefined
  if (isSplit(loaded?.split) || isTable(loaded?.interactions)) return loaded
  throw new InvalidOptionsError(
    `module: loadDataset() of '${module}' gives no { interactions } or { split }.`,
  )
}

function isTable(value: unknown): boolean {
  const table = value as Partial<InteractionTable> | null | undefined
  return table?.userIndex instanceof Int32Array && table.itemIndex instanceof Int32Array
}

function checkTimes({ label }: TrialDataset, unit: Dataset['timestampUnit'] | undefined): void {
  if (unit === undefined || unit === 'seconds') return
  throw new InvalidOptionsError(
    `split: ${label} cannot be cut at a moment for all users, as its timestamps are places in each user's history; use scope: 'user'.`,
  )
}

function filtered(
  table: InteractionTable,
  { filter, weights = 'none' }: TrialDataset,
): InteractionTable {
  const distinct = dropDuplicates(table, { weight: weights === 'none' ? 'own' : 'sum' })
  if (!filter) return distinct
  const { minRating, minPerUser, minPerItem, iterate } = filter
  const rated = minRating === undefined ? distinct : filterRating(distinct, { atLeast: minRating })
  return filterMinInteractions(rated, { minPerUser, minPerItem, iterate })
}

function cut(table: InteractionTable, split: SplitSettings): Split {
  const { method, ...options } = split
  if (method === 'leave-last-out') return leaveLastOut(table)
  return method === 'random' ? randomSplit(table, options) : temporalSplit(table, options)
}
