import { GnnRecError } from '@gnnrec/graph'

/**
 * A report could not be written. `cause` holds the error of the system, and `code` is `'REPORT_FILE'`.
 *
 * @example
 * ```ts
 * import { evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { ReportFileError, writeReport } from '@gnnrec/report'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const options = { split, on: 'test', metrics: ['ndcg@2', 'coverage@2'] } as const
 * const lists = [
 *   { user: 'ann', items: ['Brazil', 'Casablanca'] },
 *   { user: 'bob', items: ['Alien', 'Casablanca'] },
 * ]
 * const evaluation = evaluateLists(lists, options)
 * try {
 *   await writeReport('/dev/null/report', { title: 'Films', models: [{ name: 'A', evaluation }] })
 * } catch (error) {
 *   console.log(error instanceof ReportFileError) // true
 * }
 * ```
 */
export class ReportFileError extends GnnRecError<'REPORT_FILE'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('REPORT_FILE', message, options)
  }
}
