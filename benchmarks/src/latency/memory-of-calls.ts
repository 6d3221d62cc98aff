import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { Recommender } from '@gnnrec/serving'

/** Bytes that calls leave behind. */
export interface CallMemory {
  /** Bytes in the heap of JavaScript and in its array buffers for each call, after garbage collections. */
  readonly heap: number
  /** Bytes in kernel memory, of all calls of a round. */
  readonly kernels: number
}

/** Rounds into which the calls are parted. */
const rounds = 4

/**
 * Measures the bytes that calls for users, histories and their explanations leave behind in the round of calls that
 * leaves the least: memory that is lost with calls is lost in every round, that of the engine now and then.
 *
 * @param calls - number of calls in all rounds
 * @param warmUp - number of calls before them
 */
export function memoryOfCalls(
  recommender: Recommender<number, number>,
  calls: number,
  warmUp: number,
): CallMemory {
  const { users, items } = recommender
  const ask = (call: number) => {
    const item = items.idOf((call * 7919) % items.size)
    if (call % 2 === 0) recommender.recommend(users.idOf(call % users.size))
    else recommender.recommendFor([item, items.idOf(call % items.size)])
    if (call % 64 === 0) recommender.explain([item], items.idOf(call % items.size))
    if (call % 1024 === 0) recommender.whyNot([item], items.idOf(call % items.size))
  }
  for (let call = 0; call < warmUp; call++) ask(call)
  const left = { heap: Infinity, kernels: Infinity }
  for (let round = 0; round < rounds; round++) {
    const before = bytesNow()
    for (let call = 0; call < calls / rounds; call++) ask(call)
    const after = bytesNow()
    left.heap = Math.min(left.heap, (after.heap - before.heap) / (calls / rounds))
    left.kernels = Math.min(left.kernels, after.kernels - before.kernels)
  }
  return left
}

function bytesNow() {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed + arrayBuffers, kernels: defaultRuntime().statistics.usedBytes }
}

/** Collects garbage, whether Node was started with `--expose-gc` or not. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // A first collection may leave what finalizers still hold.
  for (let time = 0; time < 3; time++) collect()
}
