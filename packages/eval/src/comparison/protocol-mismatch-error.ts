import { GnnRecError } from '@gnnrec/graph'

/** One thing that two reports do not share. */
export interface ProtocolDifference {
  /** What differs: a field of `EvaluationProtocol`, or `'users'` for the ranked users. */
  readonly field: string
  /** What the first report has. */
  readonly a: unknown
  /** What the second report has. */
  readonly b: unknown
}

/** Two reports were made in different ways, so that their difference would mean nothing. */
export class ProtocolMismatchError extends GnnRecError<'PROTOCOL_MISMATCH'> {
  readonly differences: readonly ProtocolDifference[]

  constructor(differences: readonly ProtocolDifference[]) {
    const lines = differences.map(({ field, a, b }) => `  - ${field}: ${show(a)} and ${show(b)}`)
    super(
      'PROTOCOL_MISMATCH',
      `The reports cannot be compared, for these differ:\n${lines.join('\n')}\nEvaluate both in the same way: split, part, masks, candidates, ties, flavour and library.`,
    )
    this.differences = differences
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}
