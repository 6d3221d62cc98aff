/** Returns the value at a path of keys and positions, or undefined when there is none. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, key)
    found = isThere ? (found as Record<string | number, unknown>)[key] : undefined
  }
  return found
}
