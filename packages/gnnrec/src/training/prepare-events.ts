import {
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  randomSplit,
  temporalSplit,
} from '@gnnrec/data'
import { type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import { findLowRatings } from '@gnnrec/graph/files'
import { TooFewInteractionsError } from '../errors.js'
import type { CheckedTrainOptions } from './train-options.js'

/** Events that are ready to be learnt from. */
export interface PreparedEvents {
  /** One event of every pair of a user and an item, to which the model is fitted in the end. */
  readonly all: InteractionTable
  /** The events to choose and judge by. */
  readonly split: Split
  readonly metric: string
  /** Sentences about what was left out, and other facts. */
  readonly notes: readonly string[]
}

type Preparing = Pick<
  CheckedTrainOptions,
  'metric' | 'minRating' | 'weights' | 'minPerUser' | 'minPerItem' | 'ratios' | 'split' | 'seed'
>

/** Length of the lists that are judged, where there are enough items. */
const usualLength = 20

/**
 * Keeps one event of every pair, leaves out users and items that nothing can be chosen by, and splits the rest.
 *
 * @throws TooFewInteractionsError when too little is left
 */
export function prepareEvents(table: InteractionTable, options: Preparing): PreparedEvents {
  const notes: string[] = []
  const all = distinctEvents(table, options, notes)
  const judged = filteredEvents(all, options, notes)
  const split = splitEvents(judged, options, notes)
  const empty = Object.entries({ validation: split.validation, test: split.test }).find(
    ([, part]) => rowCount(part) === 0,
  )
  if (empty) {
    throw tooFew(
      judged,
      `too few to split: the ${empty[0]} part is empty. Most users need 4 events or more`,
    )
  }
  const length = Math.min(usualLength, Math.max(1, Math.floor(judged.items.size / 2)))
  return { all, split, metric: options.metric ?? `ndcg@${length}`, notes }
}

export function distinctEvents(
  table: InteractionTable,
  { minRating, weights }: Pick<CheckedTrainOptions, 'minRating' | 'weights'>,
  notes: string[],
): InteractionTable {
  const rated = minRating === undefined ? table : filterRating(table, { atLeast: minRating })
  const low = rowCount(table) - rowCount(rated)
  if (low > 0) notes.push(`${count(low, 'event')} with a rating below ${minRating} left out.`)
  const found = findLowRatings(rated)
  if (minRating === undefined && found) {
    notes.push(
      `${count(found.count, 'event')} with a low rating (at most ${Number(found.limit.toPrecision(3))} where the highest is ${found.highest}) are learnt from like the others; minRating leaves them out.`,
    )
  }
  const keep = rated.timestamp ? 'latest' : 'first'
  const weight = weights === 'none' ? 'own' : 'sum'
  const distinct = dropDuplicates(rated, { keep, weight })
  const repeated = rowCount(rated) - rowCount(distinct)
  if (repeated > 0) {
    const how = weights === 'none' ? 'count once' : 'add to the weight of their pair'
    notes.push(`${count(repeated, 'repeated event')} of the same user and item ${how}.`)
  }
  if (weights === 'none' && table.weight) {
    notes.push("The weights do not count; weights: 'counts' or 'log' lets them count.")
  }
  return distinct
}

function filteredEvents(
  all: InteractionTable,
  { minPerUser, minPerItem }: Preparing,
  notes: string[],
): InteractionTable {
  if (all.users.size < 2 || all.items.size < 2) {
    throw tooFew(all, 'and recommendations are learnt from what others did: expected 2 or more')
  }
  let kept: InteractionTable
  try {
    kept = filterMinInteractions(all, { minPerUser, minPerItem })
  } catch (error) {
    if ((error as { code?: string }).code !== 'INVALID_INTERACTIONS') throw error
    throw tooFew(
      all,
      `and none is left of users with ${minPerUser} events and items with ${minPerItem}; lower minPerUser or minPerItem`,
    )
  }
  const [users, items] = [all.users.size - kept.users.size, all.items.size - kept.items.size]
  if (users + items > 0) {
    notes.push(
      `${count(users, 'user')} with fewer than ${minPerUser} events and ${count(items, 'item')} with fewer than ${minPerItem} are left out of choosing and judging; the model is fitted to all.`,
    )
  }
  return kept
}

function splitEvents(
  table: InteractionTable,
  { split: asked, ratios, seed }: Preparing,
  notes: string[],
): Split {
  const { timestamp } = table
  const differ = timestamp?.some((time) => time !== timestamp[0]) ?? false
  const kind = asked ?? (differ ? 'time' : 'random')
  const [, validation, test] = ratios.map((share) => `${Number((100 * share).toFixed(1))} %`)
  if (kind === 'time') {
    notes.push(
      `Split by time: the last ${test} of each user's events judge, and the ${validation} before them choose.`,
    )
    return temporalSplit(table, { ratios: [...ratios] })
  }
  const reason = timestamp ? (differ ? '' : ', as all times are equal') : ', as there are no times'
  notes.push(
    `Split at random${asked ? '' : reason}: ${test} of each user's events judge, and ${validation} choose.`,
  )
  return randomSplit(table, { ratios: [...ratios], seed })
}

function tooFew(table: InteractionTable, problem: string): TooFewInteractionsError {
  const { users, items } = table
  return new TooFewInteractionsError(
    `There are ${count(rowCount(table), 'event')} of ${count(users.size, 'user')} and ${count(items.size, 'item')}, ${problem}.`,
  )
}

/** Returns a number with its noun: `1 user`, `1,200 users`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-GB')} ${noun}${number === 1 ? '' : 's'}`
}
