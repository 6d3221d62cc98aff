/**
 * What {@link lintSplit} can find.
 *
 * | code | finding |
 * | --- | --- |
 * | `LEAK001` | a pair of validation or test is an edge of the graph that is trained on |
 * | `LEAK002` | the same pair is in more than one part |
 * | `LEAK003` | training (or validation) rows are later than rows they are to predict |
 * | `LEAK004` | users are first seen in validation or test |
 * | `LEAK005` | items are first seen in validation or test |
 * | `LEAK006` | the validation or test part is empty |
 * | `LEAK007` | rows were dropped after the split |
 * | `LEAK008` | users are near-copies of others, whose test items they have in training |
 * | `LEAK009` | a model, an epoch or a setting was chosen on test data |
 */
export type SplitFindingCode =
  | 'LEAK001'
  | 'LEAK002'
  | 'LEAK003'
  | 'LEAK004'
  | 'LEAK005'
  | 'LEAK006'
  | 'LEAK007'
  | 'LEAK008'
  | 'LEAK009'

/** One thing that is wrong, or may be, with a split. */
export interface SplitFinding {
  readonly code: SplitFindingCode
  /**
   * `'error'`: results on this split say more than they should. `'warning'`: they may mean something
   * else than they seem to.
   */
  readonly severity: 'error' | 'warning'
  /** What was found, how often, and what to do. */
  readonly message: string
  /** How many pairs, users, items, rows or evaluations are concerned. */
  readonly count: number
  /** A few of them in words, with the users' and items' own ids. */
  readonly examples: readonly string[]
}

/** So many examples are shown. */
export const maxExamples = 5
