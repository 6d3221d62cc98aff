import { GnnRecError } from '@gnnrec/graph'

/** A difference between the protocols of two reports. */
export interface ProtocolDifference {
  /** The name of the field of `EvaluationProtocol`, or `'users'` for the ranked users. */
  readonly field: string
  /** The value in the first report. */
  readonly a: unknown
  /** The value in the second report. */
  readonly b: unknown
}

/**
 * Two reports were made in different ways, so the difference of their metrics would mean nothing. Its
 * `code` is `'PROTOCOL_MISMATCH'`.
 *
 * @example
 * ```ts
 * import { compareReports, evaluateLists, ProtocolMismatchError } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const lists = [
 *   { user: 'ann', items: ['Brazil'] },
 *   { user: 'bob', items: ['Casablanca'] },
 * ]
 * const options = { split, on: 'test', metrics: ['recall@1'] } as const
 *
 * try {
 *   compareReports(
 *     evaluateLists(lists, options),
 *     evaluateLists(lists, { ...options, users: ['ann'] }),
 *   )
 * } catch (error) {
 *   if (!(error instanceof ProtocolMismatchError)) throw error
 *   console.log(error.differences.map(({ field }) => field)) // [ 'users' ]
 * }
 * ```
 */
export class ProtocolMismatchError extends GnnRecError<'PROTOCOL_MISMATCH'> {
  /** Every difference between the two protocols. */
  readonly differences: readonly ProtocolDifference[]

  constructor(differences: readonly ProtocolDifference[]) {
    const lines = differences.map(({ field, a, b }) => `  - ${field}: ${show(a)} and ${show(b)}`)
    super(
      'PROTOCOL_MISMATCH',
      `The reports cannot be compared, because these fields differ:\n${lines.join('\n')}\nEvaluate both in the same way: split, part, masks, candidates, ties, flavour and library.`,
    )
    this.differences = differences
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}
