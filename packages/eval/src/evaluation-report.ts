import type { SplitMethod } from '@gnnrec/graph'
import type { Flavour } from './flavours/flavour.js'
import type { CandidateStamp } from './protocol/candidates.js'
import type { Segments } from './segments/segment-settings.js'

/** Everything that two reports must share before their numbers may be compared. */
export interface EvaluationProtocol extends CandidateStamp {
  /** `Split.hash`: equal hashes mean the same users, items and parts. */
  readonly splitHash: string
  readonly splitMethod: SplitMethod
  /** The part whose items counted as relevant. */
  readonly on: 'validation' | 'test'
  /** Parts whose items were taken out of each user's candidates. */
  readonly masked: readonly ('train' | 'validation')[]
  /** How equal scores were ordered; lists from elsewhere are taken as they are. */
  readonly tieRule: 'lower item index first' | 'as given'
  /** Whose definitions the metrics follow. */
  readonly flavour: Flavour
  /** Per metric (`'recall@20'`): what its value is divided by. */
  readonly denominators: Readonly<Record<string, string>>
  /** The distinct cut-offs, ascending. */
  readonly ks: readonly number[]
  /** Who was to be ranked; means are over those of them that have a relevant item. */
  readonly users: 'all' | 'warm' | 'cold' | 'given'
  /** Users with at least one relevant item: all means are over these. */
  readonly usersEvaluated: number
  /** Users left out because the part holds nothing of theirs. */
  readonly usersWithoutRelevant: number
  /** Version of `@gnnrec/eval`. */
  readonly libraryVersion: string
}

/**
 * A warning about the ranking itself.
 *
 * - `'degenerate'`: more than 1 % of the lists are degenerate, which means that more than 10 % of the
 *   user's candidates (and at least two) share the score at the end of the list, so that item order,
 *   not the model, decided it.
 * - `'not-comparable-with-full-ranking'`: candidates were given or sampled, which makes numbers larger
 *   and can change which model is better.
 * - `'ties-unknown'`: lists came without scores, so that nobody knows how many ties decided them.
 */
export type EvaluationFlag = 'degenerate' | 'not-comparable-with-full-ranking' | 'ties-unknown'

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
  /** Metrics of some users or items alone, as asked for. */
  readonly segments: Segments
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
    this.segments = fields.segments
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
      segments: this.segments,
      protocol: this.protocol,
      degenerateShare: this.degenerateShare,
      flags: this.flags,
      seconds: this.seconds,
    }
  }
}
