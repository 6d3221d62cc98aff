/** Largest number of lists and objects within each other. A definition has six. */
export const mostLevels = 64

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

/** Returns true when lists and objects are nested deeper than {@link mostLevels}, or within themselves. */
export function isDeep(value: unknown): boolean {
  const open: [value: unknown, level: number][] = [[value, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [inner, level] = next
    if (typeof inner !== 'object' || inner === null) continue
    if (level === mostLevels) return true
    for (const each of Object.values(inner)) open.push([each, level + 1])
  }
  return false
}
