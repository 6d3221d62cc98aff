import type { BatchIterator } from '@gnnrec/graph'
import {
  type BatchDrawer,
  type DrawnSamples,
  type DrawRange,
  type DrawSource,
  shuffledBy,
  takePairs,
} from '@gnnrec/graph/kernels'
import type { SimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import { type DrawColumns, DrawMemory } from '../kernels/draw-memory.js'

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
const INTEGER_GRAIN = 8192
const ITEM_GRAIN = 2048
/** So many integers of a permutation are drawn at a time. */
const SHUFFLED_AT_ONCE = 32_768
/**
 * Small batches are drawn several at a time: between steps the lists leave the caches, and come back once
 * for all.
 */
const DRAWN_AT_ONCE = 65_536

/** Samples that are drawn, in kernel memory: those of the draws start..end-1, less what was skipped. */
interface Drawn extends Pick<DrawRange, 'epoch' | 'start' | 'end' | 'order'> {
  readonly columns: DrawColumns
  readonly size: number
  /** Whether draws were skipped, so that the n-th sample is not the n-th draw. */
  readonly isCompacted: boolean
}

class KernelDrawer implements BatchDrawer, KernelDraws {
  readonly #source: DrawSource
  #memory: DrawMemory | undefined
  #drawn: Drawn | undefined

  constructor(source: DrawSource) {
    this.#source = source
  }

  get isReady(): boolean {
    return tf.getBackend() === 'simd'
  }

  release(): void {
    this.#memory?.dispose()
    this.#memory = undefined
    this.#drawn = undefined
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
    const { negatives: sampler, negativesPerPositive } = this.#source
    const { runtime } = activeBackend()
    const drawn = this.#drawnWith(range)
    const { columns, isCompacted } = drawn
    const draws = runtime.int32(columns.draws, drawn.size)
    const placeOf = (draw: number) => (isCompacted ? firstFrom(draws, draw) : draw - drawn.start)
    const first = placeOf(range.start)
    const size = placeOf(range.end) - first
    const read = (column: number, stride = 1) =>
      runtime.int32(column + 4 * first * stride, size * stride).slice()
    const users = read(columns.users)
    const positives = read(columns.positives)
    if (sampler.isUniform) {
      return { users, positives, negatives: read(columns.negatives, negativesPerPositive) }
    }
    const negatives = new Int32Array(size * negativesPerPositive)
    const own = isCompacted
      ? draws.subarray(first, first + size)
      : Int32Array.from({ length: size }, (_, place) => range.start + place)
    sampler.fill(negatives, { users, draws: own, block: range.epoch, size })
    return { users, positives, negatives }
  }

  /** Samples with those of a range among them, which may be there from a batch before. */
  #drawnWith({ epoch, start, end, total, order }: DrawRange): Drawn {
    const known = this.#drawn
    const isSame = known?.epoch === epoch && known.order === order
    if (isSame && known.start <= start && end <= known.end) return known
    const batches = Math.max(1, Math.floor(DRAWN_AT_ONCE / (end - start)))
    const last = Math.min(total, start + batches * (end - start))
    // What is there is written over.
    this.#drawn = undefined
    this.#drawn = this.#draw({ epoch, start, end: last, total, order })
    return this.#drawn
  }

  #draw(range: DrawRange): Drawn {
    const { graph, streams, negatives: sampler, negativesPerPositive, usable } = this.#source
    const { epoch, start, end, order } = range
    const backend = activeBackend()
    const { runtime } = backend
    const count = end - start
    this.#memory ??= new DrawMemory(backend, graph.interactions)
    const lists = this.#memory.lists()
    const columns = this.#memory.columns(count, negativesPerPositive)
    const column = (name: keyof DrawColumns) => runtime.int32(columns[name], count)
    let size = count
    if (order) {
      takePairs(graph, range, order, { users: column('users'), positives: column('positives') })
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
    return { epoch, start, end, order, columns, size, isCompacted }
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

/** The first place of ascending numbers that are at least `least`. */
function firstFrom(numbers: Int32Array, least: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle] < least) low = middle + 1
    else high = middle
  }
  return low
}
