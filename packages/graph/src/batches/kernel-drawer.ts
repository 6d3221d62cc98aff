import { defaultRuntime } from '../kernels/kernel-runtime.js'
import {
  type BatchDrawer,
  type DrawnSamples,
  type DrawRange,
  type DrawSource,
  shuffledBy,
  takePairs,
} from './batch-draws.js'
import { type DrawColumns, DrawMemory, type KernelLists } from './draw-memory.js'

// Less than this on one thread is not worth waking another.
const integerGrain = 8192
const itemGrain = 2048
/** Integers of a permutation that are drawn at a time. */
const shuffledAtOnce = 32_768
/**
 * Samples that are drawn at a time, of several batches if these are small: between steps the lists leave
 * the processor's caches.
 */
const drawnAtOnce = 65_536

/** Samples in kernel memory: those of the draws start..end-1 without the skipped ones. */
interface Drawn extends Pick<DrawRange, 'epoch' | 'start' | 'end' | 'order'> {
  readonly columns: DrawColumns
  readonly size: number
  /** True when draws may have been skipped, so that the n-th sample need not be the n-th draw. */
  readonly isCompacted: boolean
}

/**
 * Draws by kernels on all threads, to the same bytes as in plain JavaScript. The lists of the graph's
 * users lie in kernel memory, where others may need them, too: {@link KernelLists} finds their place.
 */
export class KernelDrawer implements BatchDrawer {
  readonly #source: DrawSource
  readonly #lists: KernelLists
  #memory: DrawMemory | undefined
  #drawn: Drawn | undefined

  constructor(source: DrawSource, lists: KernelLists) {
    this.#source = source
    this.#lists = lists
  }

  get isReady(): boolean {
    return this.#lists.isReady()
  }

  /** Frees the memory of the draws. They can go on; the memory is then allocated again. */
  release(): void {
    this.#memory?.dispose()
    this.#memory = undefined
    this.#drawn = undefined
  }

  shuffled(pairs: Int32Array, epoch: number): Int32Array {
    const runtime = defaultRuntime()
    const { key } = this.#source.streams.permutation
    const address = runtime.allocate(4 * Math.min(pairs.length, shuffledAtOnce))
    try {
      let first = pairs.length
      let drawn: Int32Array = new Int32Array(0)
      return shuffledBy(pairs, (place) => {
        if (place < first) {
          first = Math.max(0, place + 1 - shuffledAtOnce)
          const count = place + 1 - first
          runtime.run(
            'drawIntegers',
            count,
            integerGrain,
            key[0],
            key[1],
            epoch,
            first,
            first + 1,
            1,
            address,
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
    const runtime = defaultRuntime()
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

  /** Returns samples that include those of a range; they may have been drawn for a batch before. */
  #drawnWith({ epoch, start, end, total, order }: DrawRange): Drawn {
    const known = this.#drawn
    const isSame = known?.epoch === epoch && known.order === order
    if (isSame && known.start <= start && end <= known.end) return known
    const batches = Math.max(1, Math.floor(drawnAtOnce / (end - start)))
    const last = Math.min(total, start + batches * (end - start))
    // The new samples take the place of the old ones, also when the draw fails.
    this.#drawn = undefined
    this.#drawn = this.#draw({ epoch, start, end: last, total, order })
    return this.#drawn
  }

  #draw(range: DrawRange): Drawn {
    const { graph, streams, negatives: sampler, negativesPerPositive, usable } = this.#source
    const { epoch, start, end, order } = range
    const runtime = defaultRuntime()
    const count = end - start
    this.#memory ??= new DrawMemory(this.#lists.hold(graph.interactions))
    const lists = this.#memory.lists.addresses()
    const columns = this.#memory.columns(count, negativesPerPositive)
    const column = (name: keyof DrawColumns) => runtime.int32(columns[name], count)
    let size = count
    if (order) {
      takePairs(graph, range, order, { users: column('users'), positives: column('positives') })
    } else {
      const { key } = streams.users
      runtime.run(
        'drawIntegers',
        count,
        integerGrain,
        key[0],
        key[1],
        epoch,
        start,
        graph.userCount,
        0,
        columns.users,
      )
      if (usable) size = keepUsable(usable, start, column('users'), column('draws'))
    }
    const isCompacted = !order && usable !== undefined
    const perSample = sampler.isUniform ? negativesPerPositive : 0
    const positiveKey = streams.positives.key
    const negativeKey = streams.negatives.key
    runtime.run(
      'drawItems',
      size,
      Math.ceil(itemGrain / (1 + perSample)),
      lists.pointers,
      lists.items,
      graph.itemCount,
      columns.users,
      isCompacted ? columns.draws : 0,
      start,
      epoch,
      positiveKey[0],
      positiveKey[1],
      order ? 0 : columns.positives,
      negativeKey[0],
      negativeKey[1],
      perSample,
      columns.negatives,
    )
    return { epoch, start, end, order, columns, size, isCompacted }
  }
}

/** Moves the users that batches can hold to the front, each with its draw, and returns their number. */
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

/** Returns the first place in ascending numbers that holds at least `least`. */
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
