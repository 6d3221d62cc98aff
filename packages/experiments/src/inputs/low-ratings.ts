import type { Split } from '@gnnrec/graph'
import { findLowRatings } from '@gnnrec/graph/files'
import { warn } from '@gnnrec/graph/kernels'

/** The hashes of splits that were warned of. */
const said = new Set<string>()

/** Warns once of a split whose training part has ratings that would be learnt as likes although they are low. */
export function warnOfLowRatings(
  name: string,
  { train, hash }: Pick<Split, 'train' | 'hash'>,
  remedy: string,
): void {
  if (said.has(hash)) return
  said.add(hash)
  const found = findLowRatings(train)
  if (found === undefined) return
  warn(
    `${name}: ${found.count} of ${train.userIndex.length} interactions to train on have a low rating, and are positives like the others. ${remedy}`,
  )
}
