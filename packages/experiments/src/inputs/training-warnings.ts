import { type InteractionTable, rowCount } from '@gnnrec/graph'
import { findLowRatings } from '@gnnrec/graph/files'
import { warn } from '@gnnrec/graph/kernels'

/** The remedies for what interactions to train on hold, by which it need not be told. */
interface Remedies {
  /** Remedy for low ratings; absent when they are accepted. */
  readonly lowRatings?: string
  /** Remedy for weights; absent when it is said what they mean. */
  readonly weights?: string
}

/** Finds what interactions to train on hold that would count otherwise than may be expected. */
export function trainingWarnings(
  name: string,
  train: InteractionTable,
  { lowRatings, weights }: Remedies,
): string[] {
  const warnings: string[] = []
  const low = lowRatings === undefined ? undefined : findLowRatings(train)
  if (low) {
    warnings.push(
      `${name}: ${low.count} of ${rowCount(train)} interactions to train on have a low rating, and are positives like the others. ${lowRatings}`,
    )
  }
  if (weights !== undefined && train.weight) {
    warnings.push(`${name}: the interactions have weights, which do not count. ${weights}`)
  }
  return warnings
}

/** The warnings that were given, by the hash of the split. */
const said = new Map<string, Set<string>>()

/** Gives each warning of a split once. */
export function warnOnce(splitHash: string, warnings: readonly string[]): void {
  const before = said.get(splitHash) ?? new Set()
  said.set(splitHash, before)
  for (const warning of warnings) {
    if (!before.has(warning)) warn(warning)
    before.add(warning)
  }
}
