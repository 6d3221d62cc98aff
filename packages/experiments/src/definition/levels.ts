/** Largest number of lists and objects within each other. A definition has six. */
export const mostLevels = 64

/** Largest number of values in lists and objects, all levels together: enough for a seed for each of 100,000 trials. */
export const mostValues = 120_000

/** Returns the path of a key `__proto__`, which objects cannot take over; undefined when there is none. */
export function pathOfProto(value: unknown): readonly (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const place = Array.isArray(value) ? Number(key) : key
    if (key === '__proto__') return [place]
    const path = pathOfProto(inner)
    if (path) return [place, ...path]
  }
  return undefined
}

/**
 * Returns what is too much for a schema, which looks into each level and notes each mistake: levels, or values. Returns
 * undefined when nothing is.
 */
export function excess(value: unknown): string | undefined {
  const open: [value: unknown, level: number][] = [[value, 0]]
  let values = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const [inner, level] = next
    if (typeof inner !== 'object' || inner === null) continue
    if (level === mostLevels) return `more than ${mostLevels} levels`
    const parts = Object.values(inner)
    values += parts.length
    if (values > mostValues) return `more than ${mostValues} values`
    for (const each of parts) open.push([each, level + 1])
  }
  return undefined
}
