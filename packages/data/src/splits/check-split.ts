import { InvalidOptionsError, isSplit } from '@gnnrec/graph'

/**
 * Checks that the first argument of a function is a split.
 *
 * @param second - the second argument, for a message that says when the order is wrong
 * @throws InvalidOptionsError when it is not
 */
export function checkSplit(owner: string, split: unknown, second?: unknown): void {
  if (isSplit(split)) return
  const advice = isSplit(second)
    ? ' The split comes first.'
    : ' Make one with a function such as temporalSplit or randomSplit.'
  throw new InvalidOptionsError(
    `${owner} got ${nameOfValue(split)} as the split, expected a Split.${advice}`,
  )
}

/** Returns a value, or a word for what it is, for messages. */
export function nameOfValue(value: unknown): string {
  if (isSplit(value)) return 'a split'
  if (typeof value === 'string' || value instanceof URL) return JSON.stringify(value)
  const isTable = (value as { userIndex?: unknown } | null)?.userIndex instanceof Int32Array
  if (isTable) return 'an InteractionTable'
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`
}
