import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { madeRecommenders } from '../latency/made-recommenders.js'
import { measureLatency } from '../latency/measure-latency.js'
import { memoryOfCalls } from '../latency/memory-of-calls.js'

const sizes = { users: 2000, items: 100_000, embeddingDim: 64, length: 50 }
/** Most milliseconds of a list for a user. */
const mostForUser = 1.5
/** Most milliseconds that the list of a history of 50 items may take more. */
const mostMore = 2

/** Most times as long that a list from half of the items may take. */
const mostTimesFiltered = 1.3

/** Sizes of the recommenders whose memory is watched over many calls, which are fast. */
const smallSizes = { users: 200, items: 500, embeddingDim: 16, length: 10 }
const defaultCalls = 1_000_000
/** Calls before those that are watched, after which compiled code and caches have their size. */
const warmUpCalls = 20_000
/** Most bytes of the heap that a quarter of the calls may leave, which is 4 bytes for each of a million. */
const mostHeap = 1e6

export const latency: BenchmarkEntry = {
  summary:
    'milliseconds of a list among 100,000 items, for a user and for a history of 50, by a filter and by rules, and the memory that a million calls leave, by kind',
  async *run({ seed, threads, count = defaultCalls }) {
    const failures: string[] = []
    await defaultRuntime().setThreads(1)
    for (const [name, make] of Object.entries(madeRecommenders(sizes, seed))) {
      const recommender = make()
      const { trained, folded, filtered, ruled } = measureLatency(recommender)
      recommender.dispose()
      yield {
        name,
        metrics: {
          'ms for a user': trained,
          'ms for a history': folded,
          more: folded - trained,
          'ms with a filter': filtered,
          'ms by rules': ruled,
        },
      }
      if (name.startsWith('embeddings') && trained > mostForUser) {
        failures.push(`${name} takes ${trained.toFixed(2)} ms for a user`)
      }
      if (filtered > mostTimesFiltered * trained) {
        const times = (filtered / trained).toFixed(2)
        failures.push(`${name} takes ${times} times as long with a filter of half the items`)
      }
      if (folded - trained > mostMore) {
        failures.push(`${name} takes ${(folded - trained).toFixed(2)} ms more for a history`)
      }
    }
    for (const [name, make] of Object.entries(madeRecommenders(smallSizes, seed))) {
      const recommender = make()
      const { heap, kernels } = memoryOfCalls(recommender, count, warmUpCalls)
      recommender.dispose()
      const metrics = { 'heap bytes left by a quarter': heap, 'kernel bytes left': kernels }
      yield { name: `${name}, ${count} calls`, metrics }
      if (heap > mostHeap || kernels !== 0) {
        failures.push(`${count} calls of ${name} leave ${heap} bytes and ${kernels} of the kernels`)
      }
    }
    await defaultRuntime().setThreads(threads)
    if (failures.length > 0) throw new Error(`Latency: ${failures.join('; ')}.`)
  },
}
