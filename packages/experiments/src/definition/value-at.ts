/** Returns the value at a path of keys and positions, or undefined when there is none. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    found = (found as Record<string | number, unknown> | null | undefined)?.[key]
  }
  return found
}
