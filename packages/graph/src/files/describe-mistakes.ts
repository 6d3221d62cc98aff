import type { $ZodError, $ZodIssue } from 'zod/v4/core'

/** Most mistakes of a file that are described, and most unknown keys of an object in it that are named. */
const mostNamed = 5

/**
 * Describes the first mistakes in the content of a file, and counts the rest: a file of somebody else may have a
 * million.
 *
 * @param error - the error of the schema that refused the content
 * @param quote - text before and after the place of a mistake
 * @example
 * ```ts
 * import { describeMistakes } from '@gnnrec/graph/files'
 * import * as z from 'zod'
 *
 * const { error } = z.strictObject({ seed: z.int() }).safeParse({ seed: 1, a: 2, b: 3 })
 * console.log(error && describeMistakes(error)) // Unrecognized keys: "a", "b"
 * ```
 */
export function describeMistakes({ issues }: $ZodError, quote = ''): string {
  const named = issues.slice(0, mostNamed).map((issue) => {
    const place = issue.path.map(String).join('.')
    return `${place === '' ? '' : `${quote}${place}${quote}: `}${mistakeText(issue)}`
  })
  return withRest(named, issues.length, 'mistakes').join('; ')
}

/** Returns the message of a mistake, which names the first unknown keys only. */
export function mistakeText(issue: $ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  const { keys } = issue
  const named = keys.slice(0, mostNamed).map((key) => JSON.stringify(key))
  const s = keys.length > 1 ? 's' : ''
  return `Unrecognized key${s}: ${withRest(named, keys.length, 'keys').join(', ')}`
}

function withRest(texts: readonly string[], count: number, name: string): readonly string[] {
  return count > texts.length ? [...texts, `and ${count - texts.length} more ${name}`] : texts
}
