import type { SplitMethod } from '@gnnrec/graph'

/** Everything that two reports must share before their numbers may be compared. */
export interface EvaluationProtocol {
  /** `Split.hash`: equal hashes mean the same users, items and parts. */
  readonly splitHash: string
  readonly splitMethod: SplitMethod
  /** The part whose items counted as relevant. */
  readonly on: 'validation' | 'test'
  /** Parts whose items were taken out of each user's candidates. */
  readonly masked: readonly ('train' | 'validation')[]
  /** Every item that is not masked was a candidate; nothing was sampled. */
  readonly ranking: 'full'
  readonly tieRule: 'lower item index first'
  /** Whose definitions the metrics follow. */
  readonly flavour: 'gnnrec'
  /** Per metric (`'recall@20'`): what its value is divided by. */
  readonly denominators: Readonly<Record<string, string>>
  /** The distinct cut-offs, ascending. */
  readonly ks: readonly number[]
  /** Items in the id map; a user's candidates are these less the masked ones. */
  readonly candidates: number
  /** Users with at least one relevant item: all means are over these. */
  readonly usersEvaluated: number
  /** Users left out because the part holds nothing of theirs. */
  readonly usersWithoutRelevant: number
  /** Version of `@gnnrec/eval`. */
  readonly libraryVersion: string
}

/**
 * A warning about the ranking itself. `'degenerate'`: more than 1 % of the lists are degenerate,
 * which means that more than 10 % of the user's candidates (and at least two) share the score at
 * the end of the list, so that item order, not the model, decided it.
 */
export type EvaluationFlag = 'degenerate'

/** An {@link EvaluationReport} with plain arrays; a value that is undefined for a user is null. */
export interface EvaluationReportJson
  extends Omit<EvaluationReport, 'perUser' | 'userIndices' | 'toJSON'> {
  readonly perUser: Readonly<Record<string, readonly (number | null)[]>>
  readonly userIndices: readonly number[]
}

/** What `evaluate` found, with the protocol it was found under. */
export class EvaluationReport {
  /** Value of each metric by name (`'recall@20'`), unrounded. */
  readonly metrics: Readonly<Record<string, number>>
  /**
   * Values of each per-user metric, in the order of `userIndices`; for paired tests. NaN where a metric
   * is undefined for a user. Empty when evaluated with `perUser: false`.
   */
  readonly perUser: Readonly<Record<string, Float64Array>>
  /** Whether `perUser` holds what there is. */
  readonly perUserKept: boolean
  /** By metric, how many ranked users it is undefined for, who are not in its mean; where there are some. */
  readonly undefinedUsers: Readonly<Record<string, number>>
  /** The ranked users, ascending: those with at least one relevant item. */
  readonly userIndices: Int32Array
  readonly protocol: EvaluationProtocol
  /** Share of degenerate lists, 0..1; see {@link EvaluationFlag}. */
  readonly degenerateShare: number
  readonly flags: readonly EvaluationFlag[]
  /** Wall-clock seconds of the evaluation. */
  readonly seconds: number

  constructor(fields: Omit<EvaluationReport, 'toJSON'>) {
    this.metrics = fields.metrics
    this.perUser = fields.perUser
    this.perUserKept = fields.perUserKept
    this.undefinedUsers = fields.undefinedUsers
    this.userIndices = fields.userIndices
    this.protocol = fields.protocol
    this.degenerateShare = fields.degenerateShare
    this.flags = fields.flags
    this.seconds = fields.seconds
  }

  /** The whole report with plain arrays; `JSON.stringify` calls it. */
  toJSON(): EvaluationReportJson {
    const perUser = Object.entries(this.perUser).map(([name, values]) => [
      name,
      Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    ])
    return {
      metrics: this.metrics,
      perUser: Object.fromEntries(perUser),
      perUserKept: this.perUserKept,
      undefinedUsers: this.undefinedUsers,
      userIndices: [...this.userIndices],
      protocol: this.protocol,
      degenerateShare: this.degenerateShare,
      flags: this.flags,
      seconds: this.seconds,
    }
  }
}
