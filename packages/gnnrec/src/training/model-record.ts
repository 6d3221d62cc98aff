import { join } from 'node:path'
import { GnnRecError } from '@gnnrec/graph'
import { isSystemError, readRegularFile, replaceFile } from '@gnnrec/graph/files'
import { SerializationError } from '@gnnrec/serving'
import type { FoundModel } from '@gnnrec/train'
import * as z from 'zod'

/** Name of the file that lies beside a saved model. */
const recordName = 'training.json'
const format = 'gnnrec-training'
const formatVersion = 1
/** Most bytes of the file, which has some hundreds. */
const mostBytes = 2 ** 20

const schema = z.strictObject({
  format: z.literal(format),
  formatVersion: z.literal(formatVersion),
  /** The fingerprint of the events, which `model.json` has as well. */
  fingerprint: z.string(),
  model: z.string(),
  options: z.record(z.string(), z.unknown()),
  training: z.record(z.string(), z.unknown()).nullable(),
  bestEpoch: z.int().min(0).optional(),
  seed: z.int(),
  metric: z.string(),
  weights: z.enum(['none', 'counts', 'log']),
  validation: z.number().optional(),
})

/** The settings of a saved model, with which a training can go on. */
export type ModelRecord = Omit<z.output<typeof schema>, 'format' | 'formatVersion'>

/** Returns the record of a model that was fitted with what was found. */
export function recordOf(
  found: FoundModel,
  { splitHash }: { readonly splitHash: string | null },
  facts: Pick<ModelRecord, 'model' | 'metric' | 'weights'> & {
    readonly validation: number | undefined
  },
): ModelRecord {
  const { options = {}, training = null, bestEpoch, seed = 0 } = found
  const { model, metric, weights, validation } = facts
  return {
    fingerprint: splitHash ?? '',
    metric,
    weights,
    ...(validation !== undefined && { validation }),
    model,
    options: { ...options },
    training: training && { ...training },
    ...(bestEpoch !== undefined && { bestEpoch }),
    seed,
  }
}

/** Writes the record into the folder of its model. */
export async function writeRecord(folder: string, record: ModelRecord): Promise<void> {
  const text = JSON.stringify({ format, formatVersion, ...record }, undefined, 2)
  await replaceFile(join(folder, recordName), `${text}\n`)
}

/**
 * Reads the record of the model in a folder.
 *
 * @param fingerprint - that of the model
 * @throws SerializationError when it is missing, damaged or of another model
 */
export async function readRecord(folder: string, fingerprint: string | null): Promise<ModelRecord> {
  const file = join(folder, recordName)
  const remedy = 'Train without from, or name a folder that save of a result of train has written.'
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(await readRegularFile(file, { mostBytes })))
  } catch (cause) {
    if (
      !isSystemError(cause) &&
      !(cause instanceof SyntaxError) &&
      !GnnRecError.isInstance(cause)
    ) {
      throw cause
    }
    throw new SerializationError(
      `The settings of the training cannot be read from ${file}: ${(cause as Error).message}. ${remedy}`,
      { cause },
    )
  }
  const { success, data, error } = schema.safeParse(value)
  if (!success) {
    const [{ path, message }] = error.issues
    throw new SerializationError(
      `${file} is damaged or of another version: ${[...path, message].join(': ')}. ${remedy}`,
    )
  }
  const { format: _format, formatVersion: _version, ...record } = data
  if (record.fingerprint !== fingerprint) {
    throw new SerializationError(
      `${file} belongs to another model than the one beside it. ${remedy}`,
    )
  }
  return record
}
