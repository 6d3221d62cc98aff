import * as z from 'zod/mini'
import type { $ZodType, output } from 'zod/v4/core'
import { safeParse } from 'zod/v4/core'
import en from 'zod/v4/locales/en.js'
import { mistakeText } from './describe-mistakes.js'

/**
 * Makes the schema of a list in a file of somebody else. Unlike `z.array` it stops at the first wrong element: the
 * mistakes of millions of them would take minutes and fill the memory.
 *
 * @param element - the schema of the elements, which are checked and stay as they are
 * @param leastLength - the smallest number of elements
 * @example
 * ```ts
 * import { listOf } from '@gnnrec/graph/files'
 * import * as z from 'zod'
 *
 * const schema = z.strictObject({ metrics: listOf(z.string()) })
 * console.log(schema.safeParse({ metrics: ['recall@20', 1, 2] }).error?.issues.length) // 1
 * ```
 */
export function listOf<Schema extends $ZodType>(
  element: Schema,
  leastLength = 0,
): z.ZodMiniType<output<Schema>[], output<Schema>[]> {
  const schema = z.unknown().check(({ value, issues }) => {
    if (!Array.isArray(value)) {
      issues.push({ code: 'invalid_type', expected: 'array', input: value })
    } else if (value.length < leastLength) {
      issues.push({
        code: 'too_small',
        origin: 'array',
        minimum: leastLength,
        inclusive: true,
        input: value,
      })
    } else {
      const mistake = firstMistake(element, value.entries())
      if (mistake) issues.push(mistake)
    }
  })
  return schema as unknown as z.ZodMiniType<output<Schema>[], output<Schema>[]>
}

/**
 * Makes the schema of an object with any names in a file of somebody else. Unlike `z.record` it stops at the first
 * wrong value, as {@link listOf} does at the first wrong element.
 *
 * @param value - the schema of the values, which are checked and stay as they are
 * @param name - the schema of the names, if not all are right
 * @example
 * ```ts
 * import { recordOf } from '@gnnrec/graph/files'
 * import * as z from 'zod'
 *
 * const schema = recordOf(z.number())
 * console.log(schema.safeParse({ 'recall@20': 0.25 }).success) // true
 * console.log(schema.safeParse({ 'recall@20': 'high' }).success) // false
 * ```
 */
export function recordOf<Schema extends $ZodType>(
  value: Schema,
  name?: $ZodType<string>,
): z.ZodMiniType<Record<string, output<Schema>>, Record<string, output<Schema>>> {
  const schema = z.unknown().check(({ value: record, issues }) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      issues.push({ code: 'invalid_type', expected: 'record', input: record })
      return
    }
    const names = Object.keys(record).map((each) => [each, each] as const)
    const mistake =
      (name && firstMistake(name, names)) ?? firstMistake(value, Object.entries(record))
    if (mistake) issues.push(mistake)
  })
  return schema as unknown as z.ZodMiniType<
    Record<string, output<Schema>>,
    Record<string, output<Schema>>
  >
}

/** Returns what is wrong with the first value that a schema refuses; undefined when it takes all. */
function firstMistake(
  schema: $ZodType,
  values: Iterable<readonly [place: string | number, value: unknown]>,
) {
  for (const [place, value] of values) {
    const { error } = safeParse(schema, value, { error: en().localeError })
    const mistake = error?.issues[0]
    if (!mistake) continue
    const path = [place, ...mistake.path]
    return { code: 'custom' as const, path, message: mistakeText(mistake), input: value }
  }
  return undefined
}
