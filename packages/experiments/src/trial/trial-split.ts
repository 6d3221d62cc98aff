import { resolve } from 'node:path'
import {
  type Dataset,
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  leaveLastOut,
  randomSplit,
  readCsv,
  type SplitDataset,
  temporalSplit,
} from '@gnnrec/data'
import { type InteractionTable, InvalidOptionsError, type Split } from '@gnnrec/graph'
import type { SplitSettings } from '../definition/experiment-definition.js'
import { loadExport } from '../models/load-module.js'
import type { Trial, TrialDataset } from '../plan/trial.js'
import { knownDatasets } from './known-datasets.js'

type Loaded =
  | { readonly split: Split }
  | {
      readonly interactions: InteractionTable
      readonly timestampUnit?: Dataset['timestampUnit']
    }

/** Loads a trial's data set, filters and splits it; one that comes with a split stays as it is. */
export async function trialSplit({ dataset, baseFolder }: Trial): Promise<Split> {
  const loaded = await load(dataset, baseFolder)
  if ('split' in loaded) return loaded.split
  const { interactions, timestampUnit } = loaded
  const { split } = dataset
  if (split.method === 'temporal' && split.scope === 'global') checkTimes(dataset, timestampUnit)
  return cut(filtered(interactions, dataset.filter), split)
}

async function load(
  { dataset, csv, module }: TrialDataset,
  baseFolder: string,
): Promise<Loaded | Dataset | SplitDataset> {
  if (csv) {
    const { file, ...form } = csv
    return { interactions: await readCsv(resolve(baseFolder, file), form as never) }
  }
  if (module === undefined) return knownDatasets[dataset]()
  const loadDataset = await loadExport(module, 'loadDataset', baseFolder)
  const loaded = typeof loadDataset === 'function' ? await loadDataset() : undefined
  if (loaded?.split || loaded?.interactions) return loaded
  throw new InvalidOptionsError(
    `module: loadDataset() of '${module}' gives no { interactions } or { split }.`,
  )
}

function checkTimes({ label }: TrialDataset, unit: Dataset['timestampUnit'] | undefined): void {
  if (unit === undefined || unit === 'seconds') return
  throw new InvalidOptionsError(
    `split: ${label} cannot be cut at a moment for all users, as its timestamps are places in each user's history; use scope: 'user'.`,
  )
}

function filtered(table: InteractionTable, filter: TrialDataset['filter']): InteractionTable {
  const distinct = dropDuplicates(table)
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
