import { nearestHint, showValue } from '@gnnrec/graph/kernels'
import type * as z from 'zod'
import type { DefinitionProblem } from '../errors.js'
import { knownKeys } from './known-keys.js'
import { valueAt } from './value-at.js'

/** Largest number of mistakes that are listed, each of which is looked for in the file. */
const mostProblems = 100

type Path = readonly (string | number)[]

/**
 * Puts the issues of a schema into words: the place, the value there and the expected one. For an
 * unknown key, the nearest known one is suggested.
 */
export function problemsOf(
  schema: z.ZodType,
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
): DefinitionProblem[] {
  const listed = issues.slice(0, mostProblems)
  const problems = listed.flatMap((issue) => describe(schema, value, issue, []))
  if (issues.length <= mostProblems && problems.length <= mostProblems) return problems
  const message = `there are more than ${mostProblems} mistakes; the first are listed.`
  return [{ path: [], message }, ...problems.slice(0, mostProblems)]
}

function describe(
  schema: z.ZodType,
  value: unknown,
  issue: z.core.$ZodIssue,
  parent: Path,
): DefinitionProblem[] {
  const path = [...parent, ...(issue.path as Path)]
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path)
    // One more than are listed, so that it can be told that there are more.
    return issue.keys.slice(0, mostProblems + 1).map((key) => ({
      path: [...path, key],
      message: `${placeOf(path)}unknown key '${key}'${suggestion(key, known)}`,
    }))
  }
  const branch = issue.code === 'invalid_union' ? deepest(issue.errors) : undefined
  if (branch) return branch.flatMap((inner) => describe(schema, value, inner, path))
  const got = valueAt(value, path)
  const message =
    got === undefined && issue.code !== 'custom'
      ? `missing; ${issue.message}`
      : `got ${showValue(got)}; ${issue.message}`
  return [{ path, message: `${placeOf(path)}${message}` }]
}

/** Returns the issues of the branch of a union that fits the value best, if any fits at all. */
function deepest(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(
      ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)),
    )
  const [best] = [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length)
  return best && depth(best) > 0 ? best : undefined
}

function suggestion(key: string, known: readonly string[]): string {
  return known.length === 0 ? '' : `${nearestHint(key, known)}; known keys: ${known.join(', ')}`
}

/** Returns the start of a message, `'models.0.options: '`, or nothing at the top. */
function placeOf(path: Path): string {
  return path.length > 0 ? `${path.join('.')}: ` : ''
}
