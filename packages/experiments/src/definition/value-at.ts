/** What is at a path of keys and positions; undefined where there is nothing. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    found = (found as Record<string | number, unknown> | null | undefined)?.[key]
  }
  return found
}
