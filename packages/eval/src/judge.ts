import {
  type InteractionLists,
  InvalidOptionsError,
  interactionLists,
  rowCount,
} from '@gnnrec/graph'
import packageJson from '../package.json' with { type: 'json' }
import { EmptySplitError } from './errors.js'
import { checkCutoffs, metricName, type ResolvedJudging } from './evaluate-options.js'
import {
  type EvaluationFlag,
  type EvaluationProtocol,
  EvaluationReport,
} from './evaluation-report.js'
import { MetricRecorder } from './metric-recorder.js'
import { ItemStatistics } from './metrics/item-statistics.js'
import type { UserRanking } from './metrics/metric.js'
import {
  type CandidateSettings,
  type CandidateSource,
  candidateSource,
} from './protocol/candidates.js'
import { degenerateShareLimit } from './protocol/degenerate-list.js'
import { countRelevant, itemsOf, maskedItems, maskedParts } from './protocol/mask.js'
import { type RankedUsers, rankedUsers } from './protocol/ranked-users.js'
import { AllSegments } from './segments/segment-recorder.js'

/** Facts about the lists that the caller knows. */
interface ListOrigin {
  readonly tieRule: EvaluationProtocol['tieRule']
  /** Number of lists that ties decided; undefined if it is unknown. */
  readonly degenerateLists: number | undefined
  /** Wall-clock milliseconds at the start. */
  readonly started: number
}

/**
 * The core of an evaluation: it selects users and candidates, collects their lists one after the other
 * and makes the report.
 */
export class Judge {
  /** Indices of the users to rank, ascending. */
  readonly users: Int32Array
  /** Length of the longest list that a metric needs, from 1 to the number of items. */
  readonly places: number
  readonly #settings: ResolvedJudging
  readonly #relevant: InteractionLists
  readonly #train: InteractionLists
  readonly #masked: InteractionLists
  readonly #candidates: CandidateSource
  readonly #ranked: RankedUsers
  readonly #recorder: MetricRecorder
  readonly #segments: AllSegments

  /**
   * @throws InvalidOptionsError when a metric asks for longer lists than there are candidates
   * @throws UnknownIdError for a user or candidate that is not in the split
   * @throws EmptySplitError when the part has no rows or no user is left
   */
  constructor(settings: ResolvedJudging, candidates: CandidateSettings) {
    const { split, on, metrics, itemVectors, mask } = settings
    if (rowCount(split[on]) === 0) {
      throw new EmptySplitError(
        `The ${on} part of the split is empty; expected at least one row. Evaluate on another part or split with a larger ${on} ratio.`,
      )
    }
    const items = new ItemStatistics(split, itemVectors)
    this.#settings = settings
    this.#candidates = candidateSource(candidates, split, items)
    checkCutoffs(metrics, this.#candidates.stamp.candidates)
    this.#relevant = interactionLists(split[on])
    const train = interactionLists(split.train)
    this.#train = train
    this.#masked = maskedItems(split, mask, train)
    this.#ranked = rankedUsers(settings.users, split, { relevant: this.#relevant, train })
    this.users = this.#ranked.users
    const wanted = metrics.map(({ metric, k }) => (k === undefined ? 1 : (metric.places?.(k) ?? k)))
    this.places = Math.min(items.itemCount, Math.max(...wanted))
    const context = { split, on, items }
    this.#recorder = new MetricRecorder(metrics, context, this.users.length)
    this.#segments = new AllSegments(settings.segments, {
      metrics,
      context,
      users: this.users,
      train,
    })
  }

  /**
   * The masked items by user if every other item is a candidate and no metric needs scores, so that
   * lists without scores are enough; else undefined.
   */
  get everyItem(): InteractionLists | undefined {
    const { metrics } = this.#settings
    const isFull = this.#candidates.stamp.ranking === 'full'
    return isFull && !metrics.some(({ metric }) => metric.needsScores) ? this.#masked : undefined
  }

  /** Returns the candidates of a user and the other facts that metrics may use. */
  rankingOf(user: number, scores: Float32Array | undefined): UserRanking {
    const masked = itemsOf(this.#masked, user)
    const candidates = this.#candidates.of(user, masked, itemsOf(this.#relevant, user))
    return { user, masked, candidates, scores }
  }

  /** Adds the list of the next of {@link users}. */
  add(list: Int32Array, ranking: UserRanking): void {
    const relevant = itemsOf(this.#relevant, ranking.user)
    this.#recorder.add(list, relevant, ranking)
    this.#segments.add(list, relevant, ranking)
  }

  /** Makes the report once all lists are added. */
  report({ tieRule, degenerateLists, started }: ListOrigin): EvaluationReport {
    const { split, on, metrics, flavour, mask, perUser, users } = this.#settings
    const degenerateShare = (degenerateLists ?? 0) / this.users.length
    const flags: EvaluationFlag[] = []
    if (degenerateLists === undefined) flags.push('ties-unknown')
    if (degenerateShare > degenerateShareLimit) flags.push('degenerate')
    const counts = countRelevant(this.users, this.#relevant, this.#masked)
    if (counts.maskedRelevantItems > 0) flags.push('relevant-items-masked')
    if (this.#candidates.stamp.ranking !== 'full') flags.push('not-comparable-with-full-ranking')
    const found = this.#recorder.result()
    return new EvaluationReport({
      metrics: found.metrics,
      undefinedMetrics: found.undefinedMetrics,
      perUser: perUser ? found.perUser : {},
      perUserKept: perUser,
      undefinedUsers: found.undefinedUsers,
      userIndices: this.users,
      segments: this.#segments.result(),
      protocol: {
        splitHash: split.hash,
        splitMethod: split.method,
        on,
        masked: maskedParts(mask),
        ...this.#candidates.stamp,
        tieRule,
        flavour,
        denominators: Object.fromEntries(
          metrics.map((entry) => [metricName(entry), entry.metric.denominator]),
        ),
        ks: [...new Set(metrics.flatMap(({ k }) => k ?? []))].sort((a, b) => a - b),
        users: typeof users === 'string' ? users : 'given',
        usersEvaluated: this.users.length,
        usersWithoutRelevant: this.#ranked.withoutRelevant,
        ...this.#withoutTraining(),
        libraryVersion: packageJson.version,
      },
      degenerateShare,
      relevantItems: counts.relevantItems,
      maskedRelevantItems: counts.maskedRelevantItems,
      flags,
      seconds: (performance.now() - started) / 1000,
    })
  }

  /** Counts users and their relevant items of whom the training knows nothing. */
  #withoutTraining(): Pick<
    EvaluationProtocol,
    'usersWithoutTraining' | 'relevantItemsWithoutTraining'
  > {
    // Items of the training, then also those that are counted.
    const known = new Uint8Array(this.#settings.split.train.items.size)
    for (const item of this.#train.items) known[item] = 1
    let [users, items] = [0, 0]
    for (const user of this.users) {
      if (itemsOf(this.#train, user).length === 0) users++
      for (const item of itemsOf(this.#relevant, user)) {
        if (known[item] === 0) items++
        known[item] = 1
      }
    }
    return { usersWithoutTraining: users, relevantItemsWithoutTraining: items }
  }

  /** @throws InvalidOptionsError when a metric needs scores, which lists do not have */
  checkNeedsNoScores(): void {
    for (const { metric } of this.#settings.metrics) {
      if (!metric.needsScores) continue
      throw new InvalidOptionsError(
        `metrics: '${metric.name}' needs the scores of all candidates, which lists do not hold; compute it with evaluate.`,
      )
    }
  }
}
