import type { Recommender } from '@gnnrec/serving'
import { diversify, maxPerGroup, quota } from '@gnnrec/serving/rules'

/** Calls before the measured ones, in which the engine compiles what they run. */
const warmUp = 60
/** Calls that are measured. */
const calls = 301

/** Milliseconds of a call, medians. */
export interface Latency {
  /** Milliseconds of a list for a user of training. */
  readonly trained: number
  /** Milliseconds of a list for the history of a user. */
  readonly folded: number
  /** Milliseconds of a list for a user from every other item, by a prepared filter. */
  readonly filtered: number
  /** Milliseconds of a list for a user by a cap, a quota and diversity of groups. */
  readonly ruled: number
}

/** Measures lists of ten items for one user, and for one history, at a time. */
export function measureLatency(recommender: Recommender<number, number>): Latency {
  const { users, items, seen } = recommender
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
  return {
    trained: median((call) => recommender.recommend(users.idOf(call % users.size))),
    folded: median((call) => recommender.recommendFor(histories[call % histories.length])),
    filtered: median((call) =>
      recommender.recommend(users.idOf(call % users.size), { candidates }),
    ),
    ruled: median((call) => recommender.recommend(users.idOf(call % users.size), { rules })),
  }
}

function median(ask: (call: number) => unknown): number {
  const times: number[] = []
  for (let call = 0; call < warmUp + calls; call++) {
    const started = performance.now()
    ask(call)
    if (call >= warmUp) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return times[times.length >> 1]
}
