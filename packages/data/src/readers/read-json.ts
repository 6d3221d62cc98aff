import { type InteractionTable, InvalidInteractionsError, parseOptions } from '@gnnrec/graph'
import { nearestHint, showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { columnRoles } from '../tables/column-roles.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { type RowValues, TypedTable } from '../tables/typed-table.js'
import { type JsonObject, JsonObjects, pathsOf, valueAt } from './json-objects.js'
import { type NamedColumns, namedColumns } from './named-columns.js'
import type { ReaderOptions } from './reader-options.js'
import { numberOfText, timeOfText } from './text-values.js'

/** Options of `readJson`. */
export interface JsonOptions extends ReaderOptions {
  /** The names of the fields to read. `'user.id'` is the field `id` of the object in the field `user`. */
  columns: NamedColumns
  /**
   * The type of the ids. `'auto'` keeps the type that they have in the file, which must be one for all ids of
   * a column. `'string'` makes all ids strings. `'number'` makes all ids numbers, and an id that is not an
   * integer is an error. `{ user, item }` sets the types of both columns apart.
   *
   * @defaultValue `'auto'`
   */
  idType?: IdType | IdTypes | undefined
}

const jsonSchema = z.strictObject({
  columns: namedColumns,
  idType: idTypesSchema,
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Reads interactions from JSON lines, or from a JSON list of objects, plain or compressed.
 *
 * The file is read piece by piece, and an object may take up to a megabyte. Ratings and weights are
 * numbers or texts of numbers. Timestamps are such numbers, which stay unchanged, or times in ISO 8601, which become
 * seconds since 1970.
 *
 * @example
 * ```ts
 * import { readJson } from '@gnnrec/data'
 *
 * const text = '{"user":{"id":7},"sku":"lamp","at":"2024-05-01T10:00:00Z"}\n{"user":{"id":8},"sku":"desk","at":"2024-05-02"}\n'
 * const table = await readJson({ text }, { columns: { user: 'user.id', item: 'sku', timestamp: 'at' } })
 * console.log(table.users.ids, table.items.ids, table.timestamp)
 * ```
 *
 * @throws FileFormatError for text that is not JSON, values other than objects, a missing field (the message
 * lists the fields found), ids of two types in one column, a number beyond 2^53 as an id, a rating or timestamp that is
 * not a number or time, a weight that is not above 0, and an empty file; the message names the file and the line
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError
 */
export async function readJson(
  source: FileSource,
  options: JsonOptions,
): Promise<InteractionTable> {
  const { columns, idType, signal } = parseOptions('readJson', jsonSchema, options)
  const { name, pieces } = await openSource(source, signal)
  let line = 0
  const table = new TypedTable({
    rowName: () => 'it',
    hasRating: columns.rating !== undefined,
    hasTimestamp: columns.timestamp !== undefined,
    hasWeight: columns.weight !== undefined,
    idType,
    bigints: 'strings',
  })
  const wanted = columnRoles.flatMap((role) => {
    const path = columns[role]
    return path === undefined ? [] : [{ role, path }]
  })
  let hasIsoTimes: boolean | undefined
  const objects = new JsonObjects(name, (object, lineOfObject) => {
    line = lineOfObject
    const row: Partial<Record<(typeof columnRoles)[number], unknown>> = {}
    for (const { role, path } of wanted) {
      const value = valueAt(object, path)
      if (value === undefined && table.rows === 0)
        throw new FileFormatError(name, line, noField(object, path))
      row[role] = role === 'user' || role === 'item' ? value : numberOf(role, value)
      if (role !== 'timestamp' || value == null) continue
      const isIso = typeof value === 'string' && numberOfText(value) === undefined
      hasIsoTimes ??= isIso
      if (isIso !== hasIsoTimes) {
        const problem = `got the timestamp ${showValue(value)}, but the rows before it have ${hasIsoTimes ? 'times in ISO 8601' : 'numbers'}. Write all times in one form.`
        throw new FileFormatError(name, line, problem)
      }
    }
    add(row)
  })
  function add(row: RowValues): void {
    try {
      table.add(row)
    } catch (error) {
      if (!(error instanceof InvalidInteractionsError)) throw error
      throw new FileFormatError(name, line, error.message)
    }
  }
  for await (const piece of pieces) objects.push(piece)
  objects.end()
  return table.finish()
}

function noField(object: JsonObject, path: string): string {
  const found = pathsOf(object)
  const listed = found.slice(0, 30).map((other) => JSON.stringify(other))
  return `no field ${JSON.stringify(path)}${nearestHint(path, found)}; the fields are ${listed.join(', ')}.`
}

/** Returns the number that a value stands for. Other values are returned unchanged, for the table to refuse. */
function numberOf(role: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return numberOfText(value) ?? (role === 'timestamp' ? timeOfText(value) : undefined) ?? value
}
