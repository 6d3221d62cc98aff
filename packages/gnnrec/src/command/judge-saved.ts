import { compareReports, type EvaluationReport, evaluate } from '@gnnrec/eval'
import {
  BipartiteGraph,
  createSplit,
  type InteractionTable,
  InvalidOptionsError,
  rowCount,
  type Split,
  selectRows,
} from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'
import { readEvents } from '../reading/read-events.js'
import { type ColumnFlags, eventSource, readingOptions } from './events.js'
import type { CommandIo } from './io.js'
import { openModel } from './saved-model.js'

/** Options of the commands that judge a saved model. */
export interface JudgingFlags extends ColumnFlags {
  readonly metrics?: readonly string[]
}

/** A saved model beside Popularity, judged on events that it has not learnt from. */
export interface SavedModelJudged {
  readonly recommender: Recommender
  readonly report: EvaluationReport
  readonly popularity: EvaluationReport
  /** Number of events that were judged on. */
  readonly judged: number
  /** Number of events that were left out, as the model knows their user or item not, or the pair already. */
  readonly leftOut: { readonly unknown: number; readonly learnt: number }
}

/** Judges a saved model on events of a file. */
export async function judgeSaved(
  folder: string,
  events: string,
  flags: JudgingFlags,
  io: CommandIo,
): Promise<SavedModelJudged> {
  const recommender = await openModel(folder, io)
  const { table } = await readEvents(eventSource(events), {
    ...readingOptions(flags),
    signal: io.signal,
  })
  const { split, leftOut } = splitOf(recommender, table)
  const k = Math.min(20, Math.max(1, Math.floor(recommender.itemCount / 2)))
  const metrics =
    flags.metrics ?? ['ndcg', 'recall', 'hit', 'coverage'].map((name) => `${name}@${k}`)
  const settings = { split, on: 'test', metrics, signal: io.signal } as const
  const base = new Popularity(
    BipartiteGraph.fromInteractions(split.train, { lowRatings: 'accept' }),
  )
  return {
    recommender,
    report: await evaluate(recommender, settings),
    popularity: await evaluate(await base.toRecommender(), settings),
    judged: rowCount(split.test),
    leftOut,
  }
}

/** Compares the metrics that have values per user. */
export function comparisonOf({ report, popularity }: SavedModelJudged) {
  return compareReports(report, popularity).metrics
}

function splitOf(
  { users, items, seen }: Recommender,
  table: InteractionTable,
): { split: Split; leftOut: SavedModelJudged['leftOut'] } {
  if (table.users.type !== users.type || table.items.type !== items.type) {
    throw new InvalidOptionsError(
      `The ids of the model are of the types ${users.type} (users) and ${items.type} (items), those of the events ${table.users.type} and ${table.items.type}; name the same columns as in the training.`,
    )
  }
  const trainUsers = new Int32Array(seen.items.length)
  for (let user = 0; user < users.size; user++) {
    trainUsers.fill(user, seen.pointers[user], seen.pointers[user + 1])
  }
  const known = new Set<number>()
  const keyOf = (user: number, item: number) => user * items.size + item
  for (const [at, user] of trainUsers.entries()) known.add(keyOf(user, seen.items[at]))
  const test = { user: [] as number[], item: [] as number[] }
  const leftOut = { unknown: 0, learnt: 0 }
  for (let row = 0; row < rowCount(table); row++) {
    const userId = table.users.idOf(table.userIndex[row])
    const itemId = table.items.idOf(table.itemIndex[row])
    if (!users.has(userId) || !items.has(itemId)) {
      leftOut.unknown++
      continue
    }
    const [user, item] = [users.indexOf(userId), items.indexOf(itemId)]
    const key = keyOf(user, item)
    if (known.has(key)) {
      leftOut.learnt++
      continue
    }
    known.add(key)
    test.user.push(user)
    test.item.push(item)
  }
  if (test.user.length === 0) {
    throw new InvalidOptionsError(
      `None of the ${rowCount(table)} events can judge the model: it has learnt from ${leftOut.learnt} of them, and knows the user or the item of ${leftOut.unknown} not. Pass later events.`,
    )
  }
  const train = { users, items, userIndex: trainUsers, itemIndex: Int32Array.from(seen.items) }
  const judged = {
    users,
    items,
    userIndex: Int32Array.from(test.user),
    itemIndex: Int32Array.from(test.item),
  }
  const split = createSplit({
    train,
    validation: selectRows(train, []),
    test: judged,
    method: { name: 'later events' },
  })
  return { split, leftOut }
}
