import { type Id, InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { InvalidRankingError } from './errors.js'
import { type JudgingOptions, judgingShape, resolveJudging } from './evaluate-options.js'
import type { EvaluationReport } from './evaluation-report.js'
import { Judge } from './judge.js'
import { isRelevant } from './metrics/relevance.js'

/** A list that was recommended to one user. */
export interface GivenList {
  /** Id of the user. */
  readonly user: Id
  /** Ids of items, best first and distinct. */
  readonly items: readonly Id[]
}

/** Options of {@link evaluateLists}. */
export interface EvaluateListsOptions extends JudgingOptions {
  /**
   * Treatment of a user who has a relevant item but no list: `'error'` throws, `'empty'` judges an empty
   * list, in which every place is a miss.
   *
   * @defaultValue 'error'
   */
  readonly missingLists?: 'error' | 'empty' | undefined
}

const schema = z.strictObject({
  ...judgingShape,
  missingLists: z.enum(['error', 'empty']).default('error'),
})

/**
 * Judges lists that were made elsewhere, by the protocol and the metrics of `evaluate`.
 *
 * The order of a list is taken as it is. How many ties there were and how they were broken is unknown,
 * so the report carries the flag `'ties-unknown'`. A list may be shorter than K, whose missing places
 * are misses, or longer, whose rest is ignored. Lists of users without a relevant item are checked but
 * not counted.
 *
 * @param lists - one list per user, in any order
 * @throws InvalidRankingError for a user with two lists, an item that is unknown, repeated or masked
 * within a list, or a missing list; the message names the user
 * @throws InvalidOptionsError when an option is wrong, or a metric needs scores
 * @throws EmptySplitError when the part `on` has no rows, or none of the users asked for has one
 * @example
 * ```ts
 * import { evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const report = evaluateLists(
 *   [
 *     { user: 'ann', items: ['Brazil', 'Casablanca'] },
 *     { user: 'bob', items: ['Alien', 'Casablanca'] },
 *   ],
 *   { split, on: 'test', metrics: ['recall@1', 'mrr@2'] },
 * )
 * console.log(report.metrics) // { 'recall@1': 0.5, 'mrr@2': 0.75 }
 * ```
 */
export function evaluateLists(
  lists: Iterable<GivenList>,
  options: EvaluateListsOptions,
): EvaluationReport {
  const started = performance.now()
  const { missingLists, ...parsed } = parseOptions('evaluateLists', schema, options)
  const settings = resolveJudging(parsed)
  const { split } = settings
  const judge = new Judge(settings, 'all')
  judge.checkNeedsNoScores()
  const given = indexLists(lists, split)
  for (const [user, items] of given) {
    checkList(items, judge.rankingOf(user, undefined).masked, user, split)
  }
  for (const user of judge.users) {
    const list = given.get(user)
    if (!list && missingLists === 'error') {
      throw new InvalidRankingError(
        `${nameOf(user, split)} has relevant items but no list; pass one, select the users to judge by 'users', or set missingLists to 'empty'.`,
      )
    }
    judge.add(list ?? new Int32Array(), judge.rankingOf(user, undefined))
  }
  return judge.report({ tieRule: 'as given', degenerateLists: undefined, started })
}

function indexLists(lists: Iterable<GivenList>, split: Split): Map<number, Int32Array> {
  const { users, items } = split.train
  const given = new Map<number, Int32Array>()
  for (const list of lists) {
    if (!Array.isArray(list?.items)) {
      throw new InvalidOptionsError(
        `lists: got ${showValue(list)}; expected { user, items: array of ids }.`,
      )
    }
    const user = users.findIndex(list.user)
    if (user === -1) {
      throw new InvalidRankingError(
        `Got a list of the user ${showValue(list.user)}, who is not in the split, whose ids are ${users.type}s.`,
      )
    }
    if (given.has(user)) {
      throw new InvalidRankingError(`${nameOf(user, split)} has two lists; expected one.`)
    }
    const indices = Int32Array.from(list.items, (id: Id) => items.findIndex(id))
    const unknown = indices.indexOf(-1)
    if (unknown !== -1) {
      throw new InvalidRankingError(
        `The list of ${nameOf(user, split)} holds ${showValue(list.items[unknown])}, which is no item of the split, whose ids are ${items.type}s.`,
      )
    }
    given.set(user, indices)
  }
  return given
}

function checkList(list: Int32Array, masked: Int32Array, user: number, split: Split): void {
  const seen = new Set<number>()
  for (const item of list) {
    const problem = seen.has(item)
      ? 'twice; expected each item once'
      : isRelevant(item, masked)
        ? 'which the user had before (it is masked); leave such items out, or set mask'
        : undefined
    if (problem) {
      const id = JSON.stringify(split.train.items.idOf(item))
      throw new InvalidRankingError(`The list of ${nameOf(user, split)} holds ${id}, ${problem}.`)
    }
    seen.add(item)
  }
}

function nameOf(user: number, split: Split): string {
  return `User ${JSON.stringify(split.train.users.idOf(user))}`
}
