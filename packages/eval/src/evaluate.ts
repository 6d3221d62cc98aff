import {
  type InteractionLists,
  InvalidOptionsError,
  interactionLists,
  NonFiniteError,
  type Ranker,
  rowCount,
  ShapeMismatchError,
  type Split,
  type TopK,
  topK,
  yieldToEventLoop,
} from '@gnnrec/graph'
import packageJson from '../package.json' with { type: 'json' }
import { firstBlock, largestBlock, nextBlock } from './block-size.js'
import { isDegenerate } from './degenerate-list.js'
import { EmptySplitError } from './errors.js'
import { type EvaluateOptions, metricName, parseEvaluateOptions } from './evaluate-options.js'
import { EvaluationReport } from './evaluation-report.js'
import { MetricRecorder } from './metric-recorder.js'
import { ItemStatistics } from './metrics/item-statistics.js'
import type { MetricAtK } from './metrics/metric.js'

const flaggedDegenerateShare = 0.01

/**
 * Ranks all items for every user of one part of a split and judges the lists.
 *
 * - Relevant are the distinct items of the user in the part `on`. Users without any are not ranked
 *   and not counted in any metric; the report says how many they are.
 * - Candidates are all items but the masked ones: those in train for `'validation'`, those in train
 *   and validation for `'test'`. An item that is masked and relevant (the same pair in two parts)
 *   cannot be found, hence is a miss.
 * - Equal scores go to the lower item index. Nothing is sampled.
 * - All lists are cut from one exact ranking at the largest K. Means are float64 sums over users by
 *   ascending index, so that the block size never changes a byte.
 *
 * Memory: one block of scores (32 MB by default) beside the interactions, never users × items. The
 * block adapts to the measured speed so that the event loop is free again after about 50 ms, unless
 * a single user takes longer.
 *
 * @param ranker - scores each user independently of the others in the same call
 * @throws InvalidOptionsError when an option is wrong
 * @throws ShapeMismatchError when ranker and split differ in their number of users or items
 * @throws EmptySplitError when the part `on` has no rows
 * @throws NonFiniteError when a candidate's score is NaN or was not written, or a metric is not
 * finite; the message names the user
 * @throws the reason of `signal` once it is aborted
 */
export async function evaluate(
  ranker: Ranker,
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const started = performance.now()
  const { split, on, metrics, itemVectors, perUser, signal, onProgress, blockSize } =
    parseEvaluateOptions(options)
  checkRanker(ranker, split)
  signal?.throwIfAborted()
  if (rowCount(split[on]) === 0) {
    throw new EmptySplitError(
      `The ${on} part of the split is empty; expected at least one row. Evaluate on another part or split with a larger ${on} ratio.`,
    )
  }
  const { itemCount } = ranker
  const relevant = interactionLists(split[on])
  const masked =
    on === 'test' ? interactionLists(split.train, split.validation) : interactionLists(split.train)
  const users = usersWithItems(relevant)
  const ks = [...new Set(metrics.flatMap(({ k }) => k ?? []))].sort((a, b) => a - b)
  const places = placesOf(metrics, itemCount)
  const items = new ItemStatistics(split, itemVectors)
  const recorder = new MetricRecorder(metrics, { split, on, items }, users.length)

  const largest = Math.min(blockSize ?? largestBlock(itemCount), users.length)
  const buffer = new Float32Array(largest * itemCount)
  let size = firstBlock(itemCount, largest)
  let degenerateLists = 0
  for (let start = 0; start < users.length; ) {
    const blockStarted = performance.now()
    const block = users.slice(start, start + size)
    // A score that the ranker leaves unwritten is then found like one that is NaN.
    const out = buffer.subarray(0, block.length * itemCount).fill(Number.NaN)
    ranker.scoreUsers(block, out)
    for (let row = 0; row < block.length; row++) {
      const user = users[start + row]
      const scores = out.subarray(row * itemCount, (row + 1) * itemCount)
      const seen = itemsOf(masked, user)
      const list = rank(scores, places, seen, user, split)
      if (isDegenerate(list, scores, seen)) degenerateLists++
      recorder.add(start + row, list.items, itemsOf(relevant, user), {
        ...{ user, masked: seen, candidates: undefined, scores },
      })
    }
    start += block.length
    size = nextBlock(block.length, performance.now() - blockStarted, largest)
    onProgress?.({ usersDone: start, usersTotal: users.length })
    if (start < users.length) {
      await yieldToEventLoop()
      signal?.throwIfAborted()
    }
  }

  const degenerateShare = degenerateLists / users.length
  const found = recorder.result()
  return new EvaluationReport({
    metrics: found.metrics,
    perUser: perUser ? found.perUser : {},
    perUserKept: perUser,
    undefinedUsers: found.undefinedUsers,
    userIndices: users,
    protocol: {
      splitHash: split.hash,
      splitMethod: split.method,
      on,
      masked: on === 'test' ? ['train', 'validation'] : ['train'],
      ranking: 'full',
      tieRule: 'lower item index first',
      flavour: 'gnnrec',
      denominators: Object.fromEntries(
        metrics.map((entry) => [metricName(entry), entry.metric.denominator]),
      ),
      ks,
      candidates: itemCount,
      usersEvaluated: users.length,
      usersWithoutRelevant: ranker.userCount - users.length,
      libraryVersion: packageJson.version,
    },
    degenerateShare,
    flags: degenerateShare > flaggedDegenerateShare ? ['degenerate'] : [],
    seconds: (performance.now() - started) / 1000,
  })
}

function checkRanker(ranker: Ranker, split: Split): void {
  if (typeof ranker?.scoreUsers !== 'function') {
    throw new InvalidOptionsError(
      `Got ${ranker === null ? 'null' : typeof ranker} as the ranker of evaluate; expected an object with userCount, itemCount and scoreUsers(users, out).`,
    )
  }
  const { users, items } = split.train
  if (ranker.userCount !== users.size || ranker.itemCount !== items.size) {
    throw new ShapeMismatchError(
      `The ranker has ${ranker.userCount} users and ${ranker.itemCount} items, the split ${users.size} and ${items.size}; evaluate a ranker on the split it was trained with.`,
    )
  }
}

/** The longest list that a metric needs, at least 1 and at most all items. */
function placesOf(metrics: readonly MetricAtK[], itemCount: number): number {
  const wanted = metrics.map(({ metric, k }) => (k === undefined ? 1 : (metric.places?.(k) ?? k)))
  return Math.min(itemCount, Math.max(...wanted))
}

function usersWithItems({ pointers }: InteractionLists): Int32Array {
  const users = new Int32Array(pointers.length - 1)
  let count = 0
  for (let user = 0; user < users.length; user++) {
    if (pointers[user + 1] > pointers[user]) users[count++] = user
  }
  return users.slice(0, count)
}

function itemsOf({ pointers, items }: InteractionLists, user: number): Int32Array {
  return items.subarray(pointers[user], pointers[user + 1])
}

function rank(scores: Float32Array, k: number, seen: Int32Array, user: number, split: Split): TopK {
  try {
    const list = topK(scores, k, seen)
    const infinite = list.scores.findIndex((score) => !Number.isFinite(score))
    if (infinite === -1) return list
    throw new NonFiniteError(
      `The score of item index ${list.items[infinite]} is ${list.scores[infinite]}; expected finite scores.`,
    )
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error
    throw new NonFiniteError(
      `User ${JSON.stringify(split.train.users.idOf(user))} (index ${user}) cannot be ranked: ${error.message} A score that scoreUsers does not write counts as NaN.`,
    )
  }
}
