import type { Content } from './writer.js'

/** State of content after a write that failed: `mixed` when some parts are old and others are new. */
export type ContentState = 'old' | 'new' | 'mixed' | 'neither'

/** Compares content, part by part, with the old and the new one. A part that is missing counts as empty. */
export function stateOf(found: Content, old: Content, written: Content): ContentState {
  const names = new Set([found, old, written].flatMap((content) => Object.keys(content)))
  const parts = [...names].map((name) => {
    const part = found[name] ?? ''
    return { isOld: part === (old[name] ?? ''), isNew: part === (written[name] ?? '') }
  })
  if (parts.every(({ isOld }) => isOld)) return 'old'
  if (parts.every(({ isNew }) => isNew)) return 'new'
  return parts.every(({ isOld, isNew }) => isOld || isNew) ? 'mixed' : 'neither'
}

/** Lists names that are there more often than they should be. */
export function leftovers(
  names: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
): string[] {
  return [...names]
    .filter(([name, count]) => count > (expected.get(name) ?? 0))
    .map(([name, count]) => `${name} (${count - (expected.get(name) ?? 0)} too many)`)
}
