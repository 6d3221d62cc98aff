/** The codes of findings; {@link SplitFinding.code} explains them. */
type SplitFindingCode =
  | 'LEAK001'
  | 'LEAK002'
  | 'LEAK003'
  | 'LEAK004'
  | 'LEAK005'
  | 'LEAK006'
  | 'LEAK007'
  | 'LEAK008'
  | 'LEAK009'

/** A fault, or a possible fault, of a split. */
export interface SplitFinding {
  /**
   * The code of the fault.
   *
   * | code | finding |
   * | --- | --- |
   * | `LEAK001` | a pair of validation or test is an edge of the graph that is trained on |
   * | `LEAK002` | the same pair is in more than one part |
   * | `LEAK003` | training or validation rows are later than the rows to predict |
   * | `LEAK004` | users are first seen in validation or test |
   * | `LEAK005` | items are first seen in validation or test |
   * | `LEAK006` | the validation or test part is empty |
   * | `LEAK007` | rows were dropped after the split |
   * | `LEAK008` | users are near-copies of others, whose test items they have in training |
   * | `LEAK009` | a model, an epoch or a setting was chosen on test data |
   */
  readonly code: SplitFindingCode
  /**
   * The severity. `'error'`: results on this split are too good. `'warning'`: results may mean something
   * else than they seem to mean.
   */
  readonly severity: 'error' | 'warning'
  /** A description of the fault with its extent and the remedy. */
  readonly message: string
  /** The number of affected pairs, users, items, rows or evaluations. */
  readonly count: number
  /** A few of the affected pairs, users, items, rows or evaluations, described by their ids. */
  readonly examples: readonly string[]
}

/** The largest number of examples in a finding. */
export const maxExamples = 5
