import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import type { Rng } from '../random/rng.js'
import type { NegativeSampler } from './negative-sampler.js'

/** The source of batches. Together with the address of a draw it decides the draw. */
export interface DrawSource {
  readonly graph: BipartiteGraph
  readonly negativesPerPositive: number
  readonly negatives: NegativeSampler
  readonly streams: {
    readonly users: Rng
    readonly positives: Rng
    readonly negatives: Rng
    readonly permutation: Rng
  }
  /** A 1 for each user that batches can hold; undefined when they can hold all users. */
  readonly usable: Uint8Array | undefined
}

/** The draws start..end-1 of an epoch. */
export interface DrawRange {
  readonly epoch: number
  readonly start: number
  readonly end: number
  /** Number of draws of the epoch. */
  readonly total: number
  /** The pairs of the epoch, one for each draw; undefined when users are drawn. */
  readonly order: PairOrder | undefined
}

/** Pairs of user and item, as positions in the rows of the graph. */
export interface PairOrder {
  readonly pairs: Int32Array
  /** The user of each position. */
  readonly userOfPair: Int32Array
}

/** The samples of some draws: one for each draw that was not skipped. */
export interface DrawnSamples {
  readonly users: Int32Array
  readonly positives: Int32Array
  readonly negatives: Int32Array
}

/** A maker of draws. All makers give the same draws. */
export interface BatchDrawer {
  /** True when it can draw at the moment. */
  readonly isReady: boolean
  /** Returns the pairs in the order of an epoch. */
  shuffled(pairs: Int32Array, epoch: number): Int32Array
  draw(range: DrawRange): DrawnSamples
}

/** A maker of draws in plain JavaScript, one by one. */
export class PlainDrawer implements BatchDrawer {
  readonly isReady = true
  readonly #source: DrawSource

  constructor(source: DrawSource) {
    this.#source = source
  }

  shuffled(pairs: Int32Array, epoch: number): Int32Array {
    const { permutation } = this.#source.streams
    return shuffledBy(pairs, (place) => permutation.integerAt(epoch, place, place + 1))
  }

  draw(range: DrawRange): DrawnSamples {
    const { start, end, order, epoch } = range
    const users = new Int32Array(end - start)
    const positives = new Int32Array(end - start)
    const draws = new Int32Array(end - start)
    let size = end - start
    if (order) {
      takePairs(this.#source.graph, range, order, { users, positives })
      for (let place = 0; place < size; place++) draws[place] = start + place
    } else {
      size = this.#drawPairs(range, { users, positives, draws })
    }
    const { negatives: sampler, negativesPerPositive } = this.#source
    const negatives = new Int32Array(size * negativesPerPositive)
    sampler.fill(negatives, { users, draws, block: epoch, size })
    return { users: users.subarray(0, size), positives: positives.subarray(0, size), negatives }
  }

  #drawPairs(
    { epoch, start, end }: DrawRange,
    { users, positives, draws }: Record<'users' | 'positives' | 'draws', Int32Array>,
  ): number {
    const { graph, streams, usable } = this.#source
    const { userCount, interactions } = graph
    const { pointers, items } = interactions
    const [userDraws, positiveDraws] = [streams.users, streams.positives]
    let size = 0
    for (let draw = start; draw < end; draw++) {
      const user = userDraws.integerAt(epoch, draw, userCount)
      if (usable?.[user] === 0) continue
      users[size] = user
      draws[size] = draw
      size++
    }
    for (let place = 0; place < size; place++) {
      const first = pointers[users[place]]
      const degree = pointers[users[place] + 1] - first
      positives[place] = first + positiveDraws.integerAt(epoch, draws[place], degree)
    }
    // These reads jump through memory. A separate loop lets the processor overlap them.
    for (let place = 0; place < size; place++) positives[place] = items[positives[place]]
    return size
  }
}

/** Shuffles by Fisher-Yates from the last place down; `other(place)` is in 0..place. */
export function shuffledBy(pairs: Int32Array, other: (place: number) => number): Int32Array {
  const order = pairs.slice()
  for (let last = order.length - 1; last > 0; last--) {
    const place = other(last)
    const pair = order[last]
    order[last] = order[place]
    order[place] = pair
  }
  return order
}

/** Writes the users and items of the pairs start..end-1. */
export function takePairs(
  { interactions }: BipartiteGraph,
  { start, end }: DrawRange,
  { pairs, userOfPair }: PairOrder,
  { users, positives }: { readonly users: Int32Array; readonly positives: Int32Array },
): void {
  const { items } = interactions
  for (let draw = start; draw < end; draw++) {
    const pair = pairs[draw]
    users[draw - start] = userOfPair[pair]
    positives[draw - start] = items[pair]
  }
}
