import { NotSupportedError, type Recommender } from '@gnnrec/serving'
import { diversify, maxPerGroup, quota } from '@gnnrec/serving/rules'

/** Calls of each kind before the measured ones, in which the engine compiles what they run. */
const warmUp = 20

/** Milliseconds of calls. */
export interface CallTimes {
  /** The shortest call, which other programs disturb least. */
  readonly least: number
  readonly median: number
}

/** Times of lists of ten items, each asked for in a call of its own. */
export interface Latency {
  /** For a user of training. */
  readonly user: CallTimes
  /** For a user from every other item, by a prepared filter. */
  readonly filtered: CallTimes
  /** For the history of a user. */
  readonly history: CallTimes
  /** For a user by a cap, a quota and diversity of groups. */
  readonly ruled: CallTimes
  /** For an item, of similar ones; undefined where the kind has none. */
  readonly similar: CallTimes | undefined
  /** For an item, of similar ones from every other item, by a prepared filter. */
  readonly similarFiltered: CallTimes | undefined
}

/**
 * Measures lists of ten items. Calls that are compared take turns, so that noise meets all of them.
 *
 * @param calls - number of measured calls of each kind
 */
export function measureLatency(recommender: Recommender<number, number>, calls: number): Latency {
  const { users, items, seen } = recommender
  const userAt = (call: number) => users.idOf(call % users.size)
  // Items that somebody has met; the others have popular items in the place of similar ones.
  const itemAt = (call: number) => items.idOf(seen.items[(call * 7919) % seen.items.length])
  const histories = Array.from({ length: Math.min(users.size, warmUp + calls) }, (_, user) =>
    Array.from(seen.items.subarray(seen.pointers[user], seen.pointers[user + 1]), (item) =>
      items.idOf(item),
    ),
  )
  const candidates = recommender.filter((item) => item % 2 === 0)
  const by = (item: number) => item % 20
  const rules = [
    maxPerGroup({ by, most: 2 }),
    quota({ by, group: 7, atLeast: 1 }),
    diversify({ strength: 0.3, by }),
  ]
  const [user, filtered, history] = takeTurns(calls, [
    (call) => recommender.recommend(userAt(call)),
    (call) => recommender.recommend(userAt(call), { candidates }),
    (call) => recommender.recommendFor(histories[call % histories.length]),
  ])
  const [ruled] = takeTurns(calls, [(call) => recommender.recommend(userAt(call), { rules })])
  const [similar, similarFiltered] = hasSimilarItems(recommender)
    ? takeTurns(calls, [
        (call) => recommender.similarItems(itemAt(call)),
        (call) => recommender.similarItems(itemAt(call), { candidates }),
      ])
    : []
  return { user, filtered, history, ruled, similar, similarFiltered }
}

function hasSimilarItems(recommender: Recommender<number, number>): boolean {
  try {
    recommender.similarItems(recommender.items.idOf(0))
    return true
  } catch (error) {
    if (error instanceof NotSupportedError) return false
    throw error
  }
}

function takeTurns(calls: number, ways: readonly ((call: number) => unknown)[]): CallTimes[] {
  const times = ways.map((): number[] => [])
  for (let call = 0; call < warmUp + calls; call++) {
    for (const [at, way] of ways.entries()) {
      const started = performance.now()
      way(call)
      if (call >= warmUp) times[at].push(performance.now() - started)
    }
  }
  return times.map((own) => {
    own.sort((a, b) => a - b)
    return { least: own[0], median: own[own.length >> 1] }
  })
}
