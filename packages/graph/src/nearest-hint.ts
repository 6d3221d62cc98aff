import { closest, distance } from 'fastest-levenshtein'

/**
 * Returns ` (did you mean 'x'?)` when a known name is near, in capital letters or small ones, else an empty string.
 *
 * @param mostEdits - number of letters by which a near name may differ
 * @param suffix - text behind the name, as in `recall@20`
 * @example
 * ```ts
 * import { nearestHint } from '@gnnrec/graph/kernels'
 *
 * console.log(`unknown model 'ligth-gcn'${nearestHint('ligth-gcn', ['light-gcn', 'ease'])}`)
 * ```
 */
export function nearestHint(
  name: string,
  known: readonly string[],
  mostEdits = 3,
  suffix = '',
): string {
  if (known.length === 0) return ''
  const lowerCase = known.map((each) => each.toLowerCase())
  const found = closest(name.toLowerCase(), lowerCase)
  if (distance(name.toLowerCase(), found) > mostEdits) return ''
  return ` (did you mean '${known[lowerCase.indexOf(found)]}${suffix}'?)`
}
