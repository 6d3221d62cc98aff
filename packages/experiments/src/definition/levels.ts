/** Largest number of lists and objects within each other. A definition has six. */
export const mostLevels = 64

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
