import type { Split } from '@gnnrec/graph'
import { pairsOfBoth } from './pair-findings.js'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** An evaluation by which something was chosen; the `protocol` of an evaluation report is one. */
export interface SelectionEvaluation {
  /** The part whose items counted as relevant. */
  readonly on: 'validation' | 'test'
  /** `Split.hash` of the split it was made on. */
  readonly splitHash?: string | undefined
}

/** Something was chosen on test data, or what is called validation is test data: `LEAK009`. */
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
      message: `${onTest.length} of ${evaluations.length} evaluations by which something was chosen are on test. Choose epochs, settings and models on validation, and read test once, at the end.`,
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
      message: `${shared} of ${total} pairs of validation are test pairs: what is chosen on validation is chosen on test. Cut validation off train.`,
      count: shared,
      examples: [],
    })
  }
  return findings
}
