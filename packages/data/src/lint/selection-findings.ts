import type { Split } from '@gnnrec/graph'
import { pairsOfBoth } from './pair-findings.js'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** An evaluation by which something was chosen. The `protocol` of an evaluation report is one. */
export interface SelectionEvaluation {
  /** The part that was evaluated. */
  readonly on: 'validation' | 'test'
  /** The hash of the split that was evaluated. */
  readonly splitHash?: string | undefined
}

/** Finds choices that were made on test data, and validation data that is test data: `LEAK009`. */
export function selectionOnTest(
  split: Split,
  evaluations: readonly SelectionEvaluation[],
): SplitFinding[] {
  const findings: SplitFinding[] = []
  const onTest = evaluations.filter(
    ({ on, splitHash }) => on === 'test' && (splitHash ?? split.hash) === split.hash,
  )
  if (onTest.length > 0) {
    findings.push({
      code: 'LEAK009',
      severity: 'error',
      message: `${onTest.length} of ${evaluations.length} evaluations by which something was chosen are on test. Choose epochs, settings and models on validation, and evaluate on test once, at the end.`,
      count: onTest.length,
      examples: evaluations
        .flatMap((evaluation, place) =>
          onTest.includes(evaluation) ? [`evaluation ${place}`] : [],
        )
        .slice(0, maxExamples),
    })
  }
  const { shared, total } = pairsOfBoth(split)
  if (shared > 0 && shared * 2 >= total) {
    findings.push({
      code: 'LEAK009',
      severity: 'error',
      message: `${shared} of ${total} pairs of validation are test pairs, so a choice on validation is a choice on test. Take the validation rows from train.`,
      count: shared,
      examples: [],
    })
  }
  return findings
}
