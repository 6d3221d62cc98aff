import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { madeRecommenders } from '../latency/made-recommenders.js'
import { type CallTimes, type Latency, measureLatency } from '../latency/measure-latency.js'
import { memoryOfCalls } from '../latency/memory-of-calls.js'

const sizes = { users: 2000, items: 100_000, embeddingDim: 64, length: 50 }
/** Measured calls of each way to ask. */
const timedCalls = 100
/** Most milliseconds of a list for a user. */
const mostForUser = 1.5
/** Most milliseconds that the list of a history of 50 items may take more. */
const mostMore = 2
/** Most times as long that a list from half of the items may take. */
const mostTimesFiltered = 1.3

/** Sizes of the recommenders whose memory is watched over many calls, which are fast. */
const smallSizes = { users: 200, items: 500, embeddingDim: 16, length: 10 }
/** Calls whose memory is watched, of all kinds together. */
const defaultCalls = 1_000_000
/** Calls of each kind before those that are watched, after which compiled code and caches have their size. */
const warmUpCalls = 10_000
/** Most bytes of the heap that a call may leave: the smallest object of JavaScript takes 12. */
const mostBytesPerCall = 10

export const latency: BenchmarkEntry = {
  summary:
    'milliseconds of a list among 100,000 items, for a user, by a filter, for a history of 50, by rules, and of similar items, and the memory that a million calls leave; --kind takes one kind of recommender',
  async *run({ seed, threads, kind, count = defaultCalls }) {
    const failures: string[] = []
    await defaultRuntime().setThreads(1)
    for (const [name, make] of kindsOf(madeRecommenders(sizes, seed), kind)) {
      const recommender = make()
      const measured = measureLatency(recommender, timedCalls)
      recommender.dispose()
      yield { name, metrics: figuresOf(measured) }
      failures.push(...tooSlow(name, measured))
    }
    const small = kindsOf(madeRecommenders(smallSizes, seed), kind)
    const calls = Math.ceil(count / small.length)
    for (const [name, make] of small) {
      const recommender = make()
      const { heap, kernels } = memoryOfCalls(recommender, calls, warmUpCalls)
      recommender.dispose()
      const metrics = { 'heap bytes left per call': heap, 'kernel bytes left': kernels }
      yield { name: `${name}, ${calls} calls`, metrics }
      if (heap > mostBytesPerCall || kernels !== 0) {
        failures.push(`a call of ${name} leaves ${heap} bytes, and all ${kernels} of the kernels`)
      }
    }
    await defaultRuntime().setThreads(threads)
    if (failures.length > 0) throw new Error(`Latency: ${failures.join('; ')}.`)
  },
}

function kindsOf<T>(all: Readonly<Record<string, T>>, wanted: string | undefined): [string, T][] {
  const kinds = Object.entries(all).filter(([name]) => wanted === undefined || name === wanted)
  if (kinds.length > 0) return kinds
  const names = Object.keys(all).map((name) => `'${name}'`)
  throw new Error(`--kind: got '${wanted}'; expected one of ${names.join(', ')}.`)
}

/** Names the least and the median milliseconds of each way to ask. */
function figuresOf(measured: Latency): Record<string, number> {
  const names: readonly (readonly [keyof Latency, string])[] = [
    ['user', 'user'],
    ['filtered', 'filter'],
    ['history', 'history'],
    ['ruled', 'rules'],
    ['similar', 'similar'],
    ['similarFiltered', 'similar, filter'],
  ]
  return Object.fromEntries(
    names.flatMap(([key, name]) => {
      const times: CallTimes | undefined = measured[key]
      if (!times) return []
      return [
        [name, times.least],
        [`${name}, median`, times.median],
      ]
    }),
  )
}

/** Compares the least times with their bounds. */
function tooSlow(name: string, { user, filtered, history, similar, similarFiltered }: Latency) {
  const failures: string[] = []
  if (user.least > mostForUser) {
    failures.push(`${name} takes ${user.least.toFixed(2)} ms for a user`)
  }
  const more = history.least - user.least
  if (more > mostMore) failures.push(`${name} takes ${more.toFixed(2)} ms more for a history`)
  const times = filtered.least / user.least
  if (times > mostTimesFiltered) {
    failures.push(`${name} takes ${times.toFixed(2)} times as long with a filter of half the items`)
  }
  if (similar && similarFiltered && similarFiltered.least > mostTimesFiltered * similar.least) {
    const ratio = (similarFiltered.least / similar.least).toFixed(2)
    failures.push(`${name} takes ${ratio} times as long for similar items with the filter`)
  }
  return failures
}
