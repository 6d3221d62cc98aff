import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type InteractionLists, topK } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreRanker } from '@gnnrec/out-of-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { cacheFolder } from '../cache-folder.js'
import { generatedLists } from '../scale-100m/generated-lists.js'
import { defaultEdges, dimensions, perUser, windows } from '../scale-100m/size.js'
import { stopwatch } from '../scale-100m/stopwatch.js'

/** Number of users to rank for, and of those ranked at a time with one pass over the items. */
const userCount = 2048
const usersAtOnce = 1024
const list = 20
/** Users whose lists are computed a second time in another way, as a check. */
const checked = 2

export const scale100mLists: BenchmarkEntry = {
  summary: `lists of ${list} for ${userCount} users of the graph of scale-100m, of all items, ${dimensions} dimensions, in files`,
  async *run({ seed, threads = 2, edges = defaultEdges, count = userCount }) {
    await useBackend('simd', { threads })
    const users = Math.ceil(edges / perUser)
    const folder = join(cacheFolder('scale-100m'), 'lists')
    await rm(folder, { recursive: true, force: true })
    const exclude = generatedLists({ users, items: users, perUser }, seed)
    const ranker = OutOfCoreRanker.open({
      userCount: users,
      itemCount: users,
      embeddingDim: dimensions,
      folder,
      maxMemory: windows,
    })
    try {
      const seconds = stopwatch()
      for (const side of ['users', 'items'] as const) ranker.fill(side, fillOf(side))
      const filled = seconds()
      // The first call also writes the items in the order in which they are read.
      await ranker.rank(Int32Array.of(0), { k: list, exclude })
      const opened = seconds()
      const before = ranker.statistics.readBytes
      const asked = Int32Array.from({ length: Math.min(count, users) }, (_, at) =>
        Math.floor((at * users) / count),
      )
      for (let start = 0; start < asked.length; start += usersAtOnce) {
        const some = asked.subarray(start, start + usersAtOnce)
        const { items, scores, lengths } = await ranker.rank(some, { k: list, exclude })
        if (lengths.some((length) => length !== list)) throw new Error('A list is too short.')
        if (start > 0) continue
        for (let row = 0; row < checked; row++) {
          const [from, to] = [row * list, (row + 1) * list]
          checkList(some[row], users, exclude, {
            items: items.subarray(from, to),
            scores: scores.subarray(from, to),
          })
        }
      }
      const ranked = seconds()
      const peakMb = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)
      const perSecond = asked.length / ranked
      const settings = { embeddingDim: dimensions, k: list, usersAtOnce, seed }
      yield {
        name: `${asked.length} users, ${users / 1e6} million items, ${threads} threads`,
        dataset: 'generated',
        seconds: ranked,
        peakRssMb: peakMb,
        settings: { ...settings, maxMemory: windows },
        metrics: {
          edges,
          nodes: 2 * users,
          'fill, s': filled,
          'lay items out, s': opened,
          'rank, s': ranked,
          'users per second': perSecond,
          'billion products per second': (perSecond * users * dimensions) / 1e9,
          'read, GB': (ranker.statistics.readBytes - before) / 1e9,
          'peak bytes an edge': (peakMb * 1e6) / edges,
        },
      }
      yield {
        name: `estimate, not measured: all ${users / 1e6} million users`,
        dataset: 'none',
        settings,
        metrics: { edges, 'rank, h': users / perSecond / 3600 },
      }
      yield {
        name: 'estimate, not measured: 1 billion edges, all users',
        dataset: 'none',
        settings,
        // Ten times as many users, each with ten times as many items.
        metrics: { edges: 1e9, 'rank, h': ((1e9 / edges) ** 2 * users) / perSecond / 3600 },
      }
    } finally {
      ranker.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/**
 * Computes a number in -0.5..0.5 from its place in a table, so that no table has to be kept in
 * memory.
 */
function numberAt(side: 'users' | 'items', place: number): number {
  const key = Math.imul((place >>> 0) ^ (side === 'users' ? 0x9e3779b9 : 0x85ebca6b), 0xcc9e2d51)
  const mixed = Math.imul(key ^ (key >>> 15), 0x1b873593)
  return Math.fround(((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32 - 0.5)
}

const fillOf =
  (side: 'users' | 'items') =>
  ({ first }: { readonly first: number }, values: Float32Array): void => {
    const start = first * dimensions
    for (let at = 0; at < values.length; at++) values[at] = numberAt(side, start + at)
  }

/**
 * Computes all scores of a user and checks the list against them.
 *
 * @throws Error when the list differs
 */
function checkList(
  user: number,
  itemCount: number,
  { pointers, items: seen }: InteractionLists,
  found: { readonly items: Int32Array; readonly scores: Float32Array },
): void {
  const own = Float32Array.from({ length: dimensions }, (_, d) =>
    numberAt('users', user * dimensions + d),
  )
  const scores = new Float32Array(itemCount)
  for (let item = 0; item < itemCount; item++) {
    let sum = 0
    for (let d = 0; d < dimensions; d++) {
      sum = Math.fround(sum + Math.fround(own[d] * numberAt('items', item * dimensions + d)))
    }
    scores[item] = sum
  }
  const expected = topK(scores, list, seen.subarray(pointers[user], pointers[user + 1]))
  if (`${expected.items} ${expected.scores}` === `${found.items} ${found.scores}`) return
  throw new Error(`User ${user} has the list ${found.items}; expected ${expected.items}.`)
}
