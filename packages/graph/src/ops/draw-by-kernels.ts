import type { SimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import {
  type BatchDrawer,
  type DrawnSamples,
  type DrawRange,
  type DrawSource,
  shuffledBy,
  takePairs,
} from '../batch-draws.js'
import type { BatchIterator } from '../batch-iterator.js'
import { DrawMemory } from './kernels/draw-memory.js'

/** What {@link drawByKernels} gives. */
export interface KernelDraws {
  /** Frees what was made for the draws; it is made again if the iterator goes on. */
  release(): void
}

/**
 * Lets kernels on all threads draw the batches of an iterator while the active backend is `simd`; on
 * others the iterator draws itself, and so it does negatives by popularity. The batches are the same to
 * the byte.
 *
 * The lists of the graph's users are copied to the backend, which keeps them once for all who need them.
 *
 *     const batches = new BatchIterator(graph, { batchSize: 2048, rng })
 *     const draws = drawByKernels(batches)
 *     for (const batch of batches.epoch(0)) {
 *       // a step
 *     }
 *     draws.release()
 */
export function drawByKernels(iterator: BatchIterator): KernelDraws {
  return iterator.drawBy((source) => new KernelDrawer(source))
}

// Less than this on one thread is not worth waking another.
const INTEGER_GRAIN = 16_384
const ITEM_GRAIN = 2048
/** So many integers of a permutation are drawn at a time. */
const SHUFFLED_AT_ONCE = 32_768

class KernelDrawer implements BatchDrawer, KernelDraws {
  readonly #source: DrawSource
  #memory: DrawMemory | undefined

  constructor(source: DrawSource) {
    this.#source = source
  }

  get isReady(): boolean {
    return tf.getBackend() === 'simd'
  }

  release(): void {
    this.#memory?.dispose()
    this.#memory = undefined
  }

  shuffled(pairs: Int32Array, epoch: number): Int32Array {
    const { runtime } = activeBackend()
    const { key } = this.#source.streams.permutation
    const address = runtime.allocate(4 * Math.min(pairs.length, SHUFFLED_AT_ONCE))
    try {
      let first = pairs.length
      let drawn: Int32Array = new Int32Array(0)
      return shuffledBy(pairs, (place) => {
        if (place < first) {
          first = Math.max(0, place + 1 - SHUFFLED_AT_ONCE)
          const count = place + 1 - first
          const bounds = [first + 1, 1] as const
          runtime.run(
            ...(['drawIntegers', count, INTEGER_GRAIN, ...key, epoch, first] as const),
            ...([...bounds, address] as const),
          )
          drawn = runtime.int32(address, count)
        }
        return drawn[place - first]
      })
    } finally {
      runtime.free(address)
    }
  }

  draw(range: DrawRange): DrawnSamples {
    const { graph, streams, negatives: sampler, negativesPerPositive, usable } = this.#source
    const { epoch, start, end, order } = range
    const backend = activeBackend()
    const { runtime } = backend
    const count = end - start
    this.#memory ??= new DrawMemory(backend, graph.interactions)
    const lists = this.#memory.lists()
    const columns = this.#memory.columns(count, negativesPerPositive)
    const column = (name: keyof typeof columns, length = count) =>
      runtime.int32(columns[name], length)
    let size = count
    if (order) {
      const [users, positives] = [column('users'), column('positives')]
      takePairs(graph, range, order, { users, positives })
    } else {
      runtime.run(
        ...(['drawIntegers', count, INTEGER_GRAIN, ...streams.users.key, epoch, start] as const),
        ...([graph.userCount, 0, columns.users] as const),
      )
      if (usable) size = keepUsable(usable, start, column('users'), column('draws'))
    }
    const isCompacted = !order && usable !== undefined
    const perSample = sampler.isUniform ? negativesPerPositive : 0
    runtime.run(
      ...(['drawItems', size, Math.ceil(ITEM_GRAIN / (1 + perSample)), ...lists] as const),
      ...([graph.itemCount, columns.users, isCompacted ? columns.draws : 0, start, epoch] as const),
      ...([...streams.positives.key, order ? 0 : columns.positives] as const),
      ...([...streams.negatives.key, perSample, columns.negatives] as const),
    )
    const users = column('users', size).slice()
    const positives = column('positives', size).slice()
    const total = size * negativesPerPositive
    if (sampler.isUniform) {
      return { users, positives, negatives: column('negatives', total).slice() }
    }
    const negatives = new Int32Array(total)
    const draws = isCompacted
      ? column('draws', size)
      : Int32Array.from({ length: size }, (_, place) => start + place)
    sampler.fill(negatives, { users, draws, block: epoch, size })
    return { users, positives, negatives }
  }
}

function activeBackend(): SimdBackend {
  return tf.backend() as unknown as SimdBackend
}

/** Moves the users that batches can hold to the front, each with its draw; gives their number. */
function keepUsable(
  usable: Uint8Array,
  start: number,
  users: Int32Array,
  draws: Int32Array,
): number {
  let size = 0
  for (let place = 0; place < users.length; place++) {
    const user = users[place]
    if (usable[user] === 0) continue
    users[size] = user
    draws[size] = start + place
    size++
  }
  return size
}
