import { interactionLists, type Split } from '@gnnrec/graph'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** The limits from which two users count as near-copies of each other. */
export interface NearCopies {
  /** The smallest Jaccard similarity of the items of both users, above 0.5 up to 1. */
  readonly similarity: number
  /** The smallest number of items of users that are compared, because short lists are alike by chance. */
  readonly minItems: number
}

/** The number of pairs after which the search ends. */
const maxPairs = 10_000

/**
 * Finds pairs of users whose items, over all parts, are nearly the same: `LEAK008`.
 *
 * Two lists with a Jaccard similarity of t share one of their |x| − ⌈t |x|⌉ + 1 rarest items (prefix
 * filtering; Chaudhuri, Ganti and Kaushik, ICDE 2006), so only users who share a rare item are compared.
 */
export function nearCopies(split: Split, { similarity, minItems }: NearCopies): SplitFinding[] {
  const { users } = split.train
  const { pointers, items } = interactionLists(split.train, split.validation, split.test)
  const byRarity = rarestFirst(items, split.train.items.size)
  const lists = Array.from({ length: users.size }, (_, user) =>
    Int32Array.from(items.subarray(pointers[user], pointers[user + 1]), (item) => byRarity[item]),
  )
  const compared = Array.from(lists.keys())
    .filter((user) => lists[user].length >= minItems)
    .sort((a, b) => lists[a].length - lists[b].length || a - b)
  for (const user of compared) lists[user].sort()
  const usersOf = new Map<number, number[]>()
  const examples: string[] = []
  let count = 0
  for (const user of compared) {
    const own = lists[user]
    const prefix = own.length - Math.ceil(similarity * own.length - 1e-9) + 1
    const candidates = new Set<number>()
    for (let place = 0; place < prefix; place++) {
      const holders = usersOf.get(own[place])
      if (holders === undefined) {
        usersOf.set(own[place], [user])
        continue
      }
      for (const other of holders) candidates.add(other)
      holders.push(user)
    }
    for (const other of candidates) {
      // The other list is not longer than this one; if it is much shorter, it cannot be similar.
      if (lists[other].length < similarity * own.length - 1e-9) continue
      const both = own.length + lists[other].length
      const needed = Math.ceil((similarity / (1 + similarity)) * both - 1e-9)
      const common = overlap(own, lists[other], needed)
      if (common < needed) continue
      count++
      if (examples.length < maxExamples) {
        examples.push(
          `users ${JSON.stringify(users.idOf(Math.min(user, other)))} and ${JSON.stringify(users.idOf(Math.max(user, other)))} share ${common} of ${own.length} and ${lists[other].length} items`,
        )
      }
    }
    if (count >= maxPairs) break
  }
  if (count === 0) return []
  return [
    {
      code: 'LEAK008',
      severity: 'warning',
      message: `${count >= maxPairs ? `${maxPairs} or more` : count} pairs of users have nearly the same items, so test items of one user are in the training rows of the other. They may be one person, a shared account or a bot. Merge or drop them before the split.`,
      count,
      examples,
    },
  ]
}

/** Returns the rank of every item when the rarest items come first. */
function rarestFirst(occurrences: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size)
  for (const item of occurrences) counts[item]++
  const order = Int32Array.from(counts.keys()).sort((a, b) => counts[a] - counts[b] || a - b)
  const place = new Int32Array(size)
  for (let rank = 0; rank < size; rank++) place[order[rank]] = rank
  return place
}

/** Counts the common values of two ascending lists. It stops early once the needed number is out of reach. */
function overlap(first: Int32Array, second: Int32Array, needed: number): number {
  let common = 0
  for (let a = 0, b = 0; a < first.length && b < second.length; ) {
    if (common + Math.min(first.length - a, second.length - b) < needed) return common
    if (first[a] === second[b]) {
      common++
      a++
      b++
    } else if (first[a] < second[b]) a++
    else b++
  }
  return common
}
