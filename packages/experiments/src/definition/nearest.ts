import { closest, distance } from 'fastest-levenshtein'

/** Returns `" (did you mean 'x'?)"` when a known name is near, else an empty string. */
export function nearestHint(name: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(name, [...known])
  return distance(name, nearest) <= 3 ? ` (did you mean '${nearest}'?)` : ''
}
