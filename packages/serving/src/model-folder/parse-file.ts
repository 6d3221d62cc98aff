import { describeMistakes, isDeeperThan } from '@gnnrec/graph/files'
import type * as z from 'zod/mini'
import { safeParse } from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { SerializationError } from './errors.js'

/** Number of levels of objects and arrays in the files of a model, as in the definition of an experiment. */
export const mostLevels = 64

/**
 * Parses bytes as UTF-8 JSON.
 *
 * @throws SerializationError naming the file, also when it has more levels than functions that visit each, such as
 * `JSON.stringify`, can bear
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const value = jsonOf(bytes, file)
  if (!isDeeperThan(value, mostLevels)) return value
  throw new SerializationError(
    `${file} is damaged or foreign: it has more than ${mostLevels} levels.`,
  )
}

function jsonOf(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new SerializationError(`${file} is damaged or foreign: it is not JSON in UTF-8.`, {
      cause,
    })
  }
}

/** Checks the content of a file by a schema. @throws SerializationError naming file and field */
export function parseWith<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  file: string,
): z.output<Schema> {
  // zod/mini has no error texts, and registering some globally would change those of other users.
  const result = safeParse(schema, value, { error: en().localeError })
  if (result.success) return result.data
  throw new SerializationError(
    `${file} does not fit its format: ${describeMistakes(result.error, "'")}.`,
  )
}
