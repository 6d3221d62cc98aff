import type * as z from 'zod/mini'
import { safeParse } from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { SerializationError } from './errors.js'

/** Parses bytes as UTF-8 JSON. @throws SerializationError naming the file */
export function parseJson(bytes: Uint8Array, file: string): unknown {
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
  const problems = result.error.issues.map(
    ({ path, message }) =>
      `${path.length > 0 ? `'${path.map(String).join('.')}': ` : ''}${message}`,
  )
  throw new SerializationError(`${file} does not fit its format: ${problems.join('; ')}.`, {
    cause: result.error,
  })
}
