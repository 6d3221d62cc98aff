import { showValue } from '@gnnrec/graph/kernels'
import { FileFormatError } from '../errors.js'
import { type JsonObject, JsonObjects, pathsOf, valueAt } from '../readers/json-objects.js'

/** The first objects of a file as a table. */
export interface JsonSample {
  readonly names: readonly string[]
  readonly rows: readonly (readonly (string | undefined)[])[]
}

const maxColumns = 200

/**
 * Returns the first objects of JSON lines or of a JSON list.
 *
 * @param isWhole - true when the bytes are all of the file, so that its end is checked too
 * @throws FileFormatError for what is not such JSON
 */
export function jsonSample(name: string, start: Uint8Array, isWhole: boolean): JsonSample {
  const objects: JsonObject[] = []
  const scanner = new JsonObjects(name, (object) => objects.push(object))
  scanner.push(start)
  if (isWhole) scanner.end()
  else if (objects.length === 0) {
    const problem = `no object ends within the first ${start.length} bytes. Write one object for each interaction, as JSON lines or in one list.`
    throw new FileFormatError(name, undefined, problem)
  }
  rejectWrappedList(name, objects)
  const names = [...new Set(objects.flatMap((object) => pathsOf(object)))].slice(0, maxColumns)
  const rows = objects.map((object) => names.map((path) => textOf(valueAt(object, path))))
  return { names, rows }
}

/** Refuses a file of one object that has the list of interactions in one of its fields. */
function rejectWrappedList(name: string, objects: readonly JsonObject[]): void {
  const [only, second] = objects
  if (second !== undefined || only === undefined) return
  const path = pathsOf(only).find((each) => {
    const value = valueAt(only, each)
    return Array.isArray(value) && value.some((row) => row !== null && typeof row === 'object')
  })
  if (path === undefined) return
  throw new FileFormatError(
    name,
    undefined,
    `the objects are in the list ${JSON.stringify(path)} of one object. Write that list alone, or as JSON lines.`,
  )
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'object' ? showValue(value) : String(value)
}
