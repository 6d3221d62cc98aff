import type { SplitMethod } from '@gnnrec/graph'
import { isInstanceOfAnyCopy } from '@gnnrec/graph/kernels'
import type { Flavour } from './flavours/flavour.js'
import type { CandidateStamp } from './protocol/candidates.js'
import type { Segments } from './segments/segment-settings.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.evaluation-report')

/** The way in which an evaluation was made. Numbers may be compared only if their protocols agree. */
export interface EvaluationProtocol extends CandidateStamp {
  /** Hash of the split; equal hashes mean the same users, items and parts. */
  readonly splitHash: string
  /** Method that made the split, with its settings. */
  readonly splitMethod: SplitMethod
  /** The part whose items counted as relevant. */
  readonly on: 'validation' | 'test'
  /** Parts whose items were left out of each user's candidates. */
  readonly masked: readonly ('train' | 'validation')[]
  /** Order of items with equal scores; `'as given'` for lists that were made elsewhere. */
  readonly tieRule: 'lower item index first' | 'as given'
  /** Library whose definitions the metrics follow. */
  readonly flavour: Flavour
  /** The divisor of each metric (`'recall@20'`) in words. */
  readonly denominators: Readonly<Record<string, string>>
  /** Cut-offs of the metrics, ascending, each once. */
  readonly ks: readonly number[]
  /** Users that were asked for; means are over those of them who have a relevant item. */
  readonly users: 'all' | 'warm' | 'cold' | 'given'
  /** Number of users with at least one relevant item; all means are over these users. */
  readonly usersEvaluated: number
  /** Number of users who were left out because they have no relevant item. */
  readonly usersWithoutRelevant: number
  /**
   * Number of users in `usersEvaluated` who have no training interactions, so that a model knows nothing of
   * them. Recommenders of `@gnnrec/serving` rank by popularity for them.
   */
  readonly usersWithoutTraining: number
  /** Number of distinct relevant items of all evaluated users that have no training interactions. */
  readonly relevantItemsWithoutTraining: number
  /** Version of `@gnnrec/eval`. */
  readonly libraryVersion: string
}

/**
 * A warning about the ranking itself.
 *
 * - `'degenerate'`: more than 1 % of the lists are degenerate. In a degenerate list, more than 10 % of
 *   the user's candidates (and at least two) share the score at the end of the list, so the order of
 *   items decided the list, not the model.
 * - `'not-comparable-with-full-ranking'`: candidates were given or sampled, which makes numbers larger
 *   and can change which model is better.
 * - `'relevant-items-masked'`: some relevant items are masked, because their users have them in an
 *   earlier part of the split, too. No ranker can find them, so metrics are lower than the lists deserve.
 * - `'ties-unknown'`: lists came without scores, so it is unknown how many of them ties decided.
 */
export type EvaluationFlag =
  | 'degenerate'
  | 'not-comparable-with-full-ranking'
  | 'relevant-items-masked'
  | 'ties-unknown'

/** An {@link EvaluationReport} as plain JSON. */
export interface EvaluationReportJson
  extends Omit<EvaluationReport, 'perUser' | 'userIndices' | 'toJSON'> {
  /** Values of each metric by user, in the order of `userIndices`; null where a metric is undefined. */
  readonly perUser: Readonly<Record<string, readonly (number | null)[]>>
  /** Indices of the ranked users, ascending. */
  readonly userIndices: readonly number[]
}

/**
 * The result of an evaluation: metrics with the protocol under which they were computed.
 *
 * @example
 * ```ts
 * import { evaluateLists, parseReport } from '@gnnrec/eval'
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
 *   { user: 'bob', items: ['Alien'] },
 * ]
 * const report = evaluateLists(lists, { split, on: 'test', metrics: ['recall@1'] })
 *
 * console.log(report.metrics, report.perUser['recall@1']) // { 'recall@1': 0.5 } Float64Array(2) [ 1, 0 ]
 * const text = JSON.stringify(report)
 * console.log(parseReport(JSON.parse(text)).protocol.usersEvaluated) // 2
 * ```
 */
export class EvaluationReport {
  /** Value of each metric by name (`'recall@20'`), unrounded; those that are undefined are absent. */
  readonly metrics: Readonly<Record<string, number>>
  /**
   * The metrics that have no value, by name, each with the reason, such as `'no list has a hit'`. They
   * are not in `metrics`.
   */
  readonly undefinedMetrics: Readonly<Record<string, string>>
  /**
   * Values of each metric by user, in the order of `userIndices`; NaN where a metric is undefined for a
   * user. Metrics over all lists have none. Empty if the evaluation was made with `perUser: false`.
   */
  readonly perUser: Readonly<Record<string, Float64Array>>
  /** False if the evaluation was made with `perUser: false`. */
  readonly perUserKept: boolean
  /**
   * Number of ranked users for whom a metric is undefined and who are left out of its mean, by metric.
   * Metrics without such users are absent.
   */
  readonly undefinedUsers: Readonly<Record<string, number>>
  /** Indices of the ranked users, ascending: those with at least one relevant item. */
  readonly userIndices: Int32Array
  /** Metrics of groups of users or items, as far as `segments` asked for them. */
  readonly segments: Segments
  /** The way in which the evaluation was made. */
  readonly protocol: EvaluationProtocol
  /** Share of degenerate lists, 0..1; see {@link EvaluationFlag}. */
  readonly degenerateShare: number
  /** Number of relevant items of all ranked users. */
  readonly relevantItems: number
  /**
   * Number of relevant items that are masked, so that no ranker can find them. It is 0 unless a pair of
   * user and item is in several parts of the split.
   */
  readonly maskedRelevantItems: number
  /** Warnings about the ranking. */
  readonly flags: readonly EvaluationFlag[]
  /**
   * One sentence or more for each of the flags, which says what it means and what to do, and one for each
   * metric that is undefined.
   */
  readonly warnings: readonly string[]
  /** Wall-clock seconds of the evaluation. */
  readonly seconds: number

  constructor(fields: Omit<EvaluationReport, 'toJSON' | 'warnings'>) {
    this.metrics = fields.metrics
    this.undefinedMetrics = fields.undefinedMetrics
    this.perUser = fields.perUser
    this.perUserKept = fields.perUserKept
    this.undefinedUsers = fields.undefinedUsers
    this.userIndices = fields.userIndices
    this.segments = fields.segments
    this.protocol = fields.protocol
    this.degenerateShare = fields.degenerateShare
    this.relevantItems = fields.relevantItems
    this.maskedRelevantItems = fields.maskedRelevantItems
    this.flags = fields.flags
    this.warnings = [
      ...fields.flags.map((flag) => warningOf(flag, fields)),
      ...Object.entries(fields.undefinedMetrics).map(
        ([name, reason]) => `${name} is undefined: ${reason}.`,
      ),
    ]
    this.seconds = fields.seconds
  }

  /** @internal */
  protected get [marker](): true {
    return true
  }

  /** Makes `instanceof` true also for reports that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, EvaluationReport, marker, value)
  }

  /** Returns the whole report as plain JSON; `JSON.stringify` calls this method. */
  toJSON(): EvaluationReportJson {
    const perUser = Object.entries(this.perUser).map(([name, values]) => [
      name,
      Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    ])
    return {
      metrics: this.metrics,
      undefinedMetrics: this.undefinedMetrics,
      perUser: Object.fromEntries(perUser),
      perUserKept: this.perUserKept,
      undefinedUsers: this.undefinedUsers,
      userIndices: [...this.userIndices],
      segments: this.segments,
      protocol: this.protocol,
      degenerateShare: this.degenerateShare,
      relevantItems: this.relevantItems,
      maskedRelevantItems: this.maskedRelevantItems,
      flags: this.flags,
      warnings: this.warnings,
      seconds: this.seconds,
    }
  }
}

function warningOf(
  flag: EvaluationFlag,
  {
    degenerateShare,
    relevantItems,
    maskedRelevantItems,
    protocol,
  }: Omit<EvaluationReport, 'toJSON' | 'warnings'>,
): string {
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`
  switch (flag) {
    case 'degenerate':
      return `${percent(degenerateShare)} of the lists are degenerate: so many items share a score that their order, not the ranker, decided. Look for a training that did not learn, or scores that are rounded.`
    case 'not-comparable-with-full-ranking':
      return `Items were ranked among ${protocol.ranking} candidates, which makes numbers larger and can change which model is better. Compare only evaluations of the same candidates, or rank all items with candidates: 'all'.`
    case 'relevant-items-masked':
      return `${maskedRelevantItems} of ${relevantItems} relevant items (${percent(maskedRelevantItems / relevantItems)}) are masked, because their users have them in ${protocol.masked.join(' or ')}, too; nobody can find them. Call dropDuplicates of @gnnrec/data before the split, or pass mask: 'none' if items that a user has had are to be recommended again.`
    case 'ties-unknown':
      return 'Lists came without scores, so it is unknown how many of them ties decided. Evaluate the ranker itself with evaluate to find out.'
    default:
      return `Flagged as ${String(flag)}.`
  }
}
