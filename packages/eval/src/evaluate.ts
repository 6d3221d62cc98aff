import {
  InvalidOptionsError,
  type Ranker,
  ShapeMismatchError,
  type Split,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { type EvaluateOptions, parseEvaluateOptions } from './evaluate-options.js'
import type { EvaluationReport } from './evaluation-report.js'
import { Judge } from './judge.js'
import { BlockRanker } from './protocol/block-ranker.js'
import { firstBlock, largestBlock, nextBlock } from './protocol/block-size.js'

/**
 * Ranks all items for every user of one part of a split and computes metrics of the lists.
 *
 * - Relevant are the distinct items of the user in the part `on`. Users without any are not ranked
 *   and not counted in any metric; the report holds their number.
 * - Candidates are all items except the masked ones: those in train for `'validation'`, those in train
 *   and validation for `'test'`. An item that is both masked and relevant (the same pair in two parts)
 *   cannot be found, so it is a miss. The report counts such items, and has the flag
 *   `'relevant-items-masked'` and a warning that says what to do, when there are any. `mask` and
 *   `candidates` change this.
 * - Equal scores go to the lower item index. Nothing is sampled unless `candidates` asks for it.
 * - All lists are cut from one exact ranking at the largest K. Means are float64 sums over users by
 *   ascending index, so the block size never changes a byte.
 *
 * A metric that the lists do not determine, or whose value is not a finite number, takes nothing from the
 * others: the report names it in `undefinedMetrics` with the reason.
 *
 * Memory is one block of scores (see `blockSize`) besides the interactions, never users × items. No
 * scores are kept if the ranker finds lists by itself (`rankUsers`) and no metric needs scores. The size
 * of a block adapts to the measured speed, so that the event loop is free again after about 50 ms unless
 * a single user takes longer.
 *
 * @param ranker - scores each user independently of the others in the same call
 * @throws InvalidOptionsError when an option is wrong
 * @throws UnknownIdError when `users` or `candidates` hold an id that is not in the split
 * @throws ShapeMismatchError when ranker and split differ in their number of users or items
 * @throws EmptySplitError when the part `on` has no rows, or none of the users asked for has one
 * @throws NonFiniteError when a candidate's score is NaN or was not written, or a score in a list is
 * infinite; the message names the user
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts
 * import { evaluate } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 *
 * // A ranker that scores an item by its number of training interactions.
 * const popularity = new Float32Array(table.items.size)
 * for (const item of split.train.itemIndex) popularity[item]++
 * const ranker = {
 *   userCount: table.users.size,
 *   itemCount: table.items.size,
 *   scoreUsers(users: Int32Array, out: Float32Array) {
 *     for (let row = 0; row < users.length; row++) out.set(popularity, row * popularity.length)
 *   },
 * }
 * const report = await evaluate(ranker, { split, on: 'test', metrics: ['recall@1', 'ndcg@2'] })
 * console.log(report.metrics['recall@1']) // 0.5
 * ```
 */
export async function evaluate(
  ranker: Ranker,
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const started = performance.now()
  const settings = parseEvaluateOptions(options)
  const { split, signal, onProgress, blockSize } = settings
  checkRanker(ranker, split)
  signal?.throwIfAborted()
  const judge = new Judge(settings, settings.candidates)
  const { users } = judge
  const { itemCount } = ranker
  const blocks = new BlockRanker(ranker, judge, split)
  const largest = Math.min(blockSize ?? users.length, largestBlock(itemCount), users.length)
  let size = firstBlock(itemCount, largest)
  for (let start = 0; start < users.length; ) {
    // Before the first block, too: making the judge takes as long as a block.
    await yieldToEventLoop()
    signal?.throwIfAborted()
    const blockStarted = performance.now()
    const block = users.slice(start, start + size)
    blocks.rank(block)
    start += block.length
    size = nextBlock(block.length, performance.now() - blockStarted, largest)
    const progress = { usersDone: start, usersTotal: users.length }
    if (onProgress) await awaitCallback('onProgress', () => onProgress(progress))
  }
  const { degenerateLists } = blocks
  return judge.report({ tieRule: 'lower item index first', degenerateLists, started })
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
