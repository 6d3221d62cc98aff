import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Choice } from '@gnnrec/experiments'
import { type Id, parseOptions } from '@gnnrec/graph'
import type { RecommenderModel } from '@gnnrec/models'
import type { ReportOptions } from '@gnnrec/report'
import type { Recommender } from '@gnnrec/serving'
import type { FoundModel } from '@gnnrec/train'
import * as z from 'zod'
import { FolderExistsError } from '../errors.js'
import type { EventColumns } from '../reading/source.js'
import type { Judgement } from './judge.js'
import { type ModelRecord, writeRecord } from './model-record.js'

/** Facts about the events of a training. */
export interface EventFacts {
  /** The source, for people. */
  readonly source: string
  /** The columns that were read; absent for a source whose columns have no names. */
  readonly columns?: EventColumns
  /** Number of events that were read. */
  readonly events: number
  /** Number of pairs of a user and an item, to all of which the model is fitted. */
  readonly pairs: number
  readonly users: number
  readonly items: number
  /** Sentences about possible problems of the source. */
  readonly warnings: readonly string[]
}

/** Facts about a training that went on from a saved model. */
export interface WarmStartFacts {
  /** Number of users and of items that the model knew before. */
  readonly known: { readonly users: number; readonly items: number }
  /** Number of users and of items that it did not know. */
  readonly added: { readonly users: number; readonly items: number }
  /** Value on the validation part of the vectors as they were taken over; absent for a computed model. */
  readonly before?: number
  /** Value on the validation part after the training; absent for a computed model. */
  readonly after?: number
  /** Value on the validation part of a training from nothing, where it was asked for. */
  readonly fromNothing?: number
}

/** Options of saving a result. */
export interface SaveResultOptions {
  /** True to replace a model that is in the folder. @defaultValue false */
  readonly overwrite?: boolean
}

/** The result of {@link train}. */
export interface TrainResult {
  /** The model, fitted to all events. It recommends nobody what they have. */
  readonly recommender: Recommender
  /** A few sentences: what was read, what was chosen, how good it is, compared with what. */
  readonly summary: string
  readonly events: EventFacts
  /** The model and its settings, as `refit` of `@gnnrec/train` takes them. */
  readonly found: FoundModel
  /** The result on the test part, beside Popularity. */
  readonly test: Judgement
  /** Facts about the start from a saved model; absent without one. */
  readonly warmStart?: WarmStartFacts
  /** The choice among models; absent when a model was taken as it is. */
  readonly choice?: Choice<Id, Id>
  /** Options of `writeReport` of `@gnnrec/report`, which makes a page of the results. */
  readonly report: ReportOptions
  /**
   * Saves the model, so that {@link load} answers from it and `train` can go on from it.
   *
   * @param folder - path of a folder, which is made; one that is not empty is refused unless `overwrite` is true
   * @throws FolderExistsError when something is there
   * @throws SerializationError when the folder cannot be written
   */
  save(folder: string, options?: SaveResultOptions): Promise<void>
  /** Frees the memory of the model; the recommender stays. A disposed result cannot be saved. */
  dispose(): void
  /** Returns the facts as plain JSON. */
  toJSON(): Record<string, unknown>
}

const saveSchema = z.strictObject({ overwrite: z.boolean().default(false) })

/** Puts a result together. */
export function resultOf(
  parts: Omit<TrainResult, 'save' | 'toJSON' | 'dispose'>,
  model: RecommenderModel,
  record: ModelRecord,
): TrainResult {
  const { summary, events, test, warmStart, choice } = parts
  return {
    ...parts,
    async save(folder, options = {}) {
      const { overwrite } = parseOptions('save', saveSchema, options)
      await saveModel(model, record, { folder, overwrite })
    },
    dispose: () => model.dispose(),
    toJSON: () => ({
      summary,
      events,
      model: record,
      test,
      ...(warmStart && { warmStart }),
      ...(choice && { candidates: choice.rows }),
    }),
  }
}

/**
 * Saves a model with the record of its training.
 *
 * @throws FolderExistsError when something is in the folder, unless `overwrite` is true
 */
export async function saveModel(
  model: RecommenderModel,
  record: ModelRecord,
  { folder, overwrite }: { readonly folder: string; readonly overwrite: boolean },
): Promise<void> {
  const path = resolve(folder)
  if (!overwrite) await checkFree(path)
  else await removeManifest(path)
  await model.save(path)
  await writeRecord(path, record)
}

/**
 * Checks that a model can be saved in a folder: that it is missing or empty.
 *
 * @throws FolderExistsError
 */
export async function checkFree(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (!found) return
  if (!found.isDirectory()) {
    throw new FolderExistsError(`${folder} is a file; name a folder for the model.`)
  }
  const files = await readdir(folder)
  if (files.length === 0) return
  const what = files.includes('model.json')
    ? 'a model'
    : `${files.length} files, such as ${files[0]}`
  throw new FolderExistsError(
    `${folder} holds ${what}, which stays as it is. Name another folder, or pass overwrite: true (--force) to save there.`,
  )
}

/**
 * Removes the file that names those of a model, so that saving takes the place of any model. Files of others in the
 * folder stay.
 */
async function removeManifest(folder: string): Promise<void> {
  await rm(join(folder, 'model.json'), { force: true })
}
