import type { $ZodIssue, $ZodType, output } from 'zod/v4/core'
import { safeParse } from 'zod/v4/core'
import en from 'zod/v4/locales/en.js'
import { InvalidOptionsError } from './errors.js'
import { nearestHint } from './nearest-hint.js'
import { showValue } from './show-value.js'

/**
 * Checks an options object against a zod schema, and fills in defaults.
 *
 * The error for a misspelt option names the nearest valid one; the error for a wrong value names the
 * field, the value and what is allowed.
 *
 * @param owner - name of the class or function that the options belong to: `'light-gcn'`, `'readCsv'`
 * @returns the checked options
 * @throws InvalidOptionsError listing every problem at once
 * @example
 * ```ts
 * import { parseOptions } from '@gnnrec/graph'
 * import * as z from 'zod'
 *
 * const schema = z.strictObject({ layers: z.int().min(1).default(3) })
 * console.log(parseOptions('MyModel', schema, {})) // { layers: 3 }
 * try {
 *   parseOptions('MyModel', schema, { layer: 2 })
 * } catch (error) {
 *   console.log((error as Error).message) // unknown option 'layer' (did you mean 'layers'?) ...
 * }
 * ```
 */
export function parseOptions<Schema extends $ZodType>(
  owner: string,
  schema: Schema,
  options: unknown,
): output<Schema> {
  // Schemas of zod/mini have no messages of their own.
  const result = safeParse(schema, options, { error: en().localeError })
  if (result.success) return result.data
  const problems = listSome(
    result.error.issues,
    (issue) => describeIssue(issue, options, schema),
    'problems',
  )
  throw new InvalidOptionsError(
    `Invalid options for ${owner}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    { cause: result.error },
  )
}

/** Largest number of problems of one kind that an error lists. Options from a file may have a million. */
const mostListed = 100

/** Describes the first problems, and counts the rest. */
function listSome<Problem>(
  problems: readonly Problem[],
  describe: (problem: Problem) => string,
  name: string,
): string[] {
  const listed = problems.slice(0, mostListed).map(describe)
  const rest = problems.length - listed.length
  return rest > 0 ? [...listed, `and ${rest} more ${name}`] : listed
}

/** Returns the names of the options at a path; none where the schema is not an object. */
function knownKeys(schema: $ZodType, path: readonly PropertyKey[]): string[] {
  let shape = shapeOf(schema)
  for (const key of path) {
    const inner = shape?.[String(key)]
    shape = inner && shapeOf(inner)
  }
  return Object.keys(shape ?? {})
}

/** Returns the fields of an object's schema, also of one that is optional or has a default. */
function shapeOf(schema: $ZodType): Record<string, $ZodType> | undefined {
  const { def } = schema._zod as {
    def: { shape?: Record<string, $ZodType>; innerType?: $ZodType }
  }
  return def.innerType ? shapeOf(def.innerType) : def.shape
}

function describeIssue(issue: $ZodIssue, options: unknown, schema: $ZodType): string {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path)
    const at = issue.path.map((key) => `${String(key)}.`).join('')
    const unknown = (key: string) => `unknown option '${at}${key}'${suggestion(key, known)}`
    return listSome(issue.keys, unknown, 'unknown options').join('; ')
  }
  const field = issue.path.length > 0 ? issue.path.map(String).join('.') : 'options'
  return `${field}: got ${showValue(valueAt(options, issue.path))}; ${issue.message}`
}

function suggestion(key: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  return `${nearestHint(key, known)}; known options: ${known.join(', ')}`
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  let value = options
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}
