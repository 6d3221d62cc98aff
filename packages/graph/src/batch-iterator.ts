import * as z from 'zod'
import type { BipartiteGraph } from './bipartite-graph.js'
import { InvalidInteractionsError, InvalidOptionsError } from './errors.js'
import {
  type NegativeDistribution,
  NegativeSampler,
  negativeDistributionSchema,
  rngSchema,
} from './negative-sampler.js'
import { parseOptions } from './options.js'
import type { Rng } from './rng.js'
import type { SampledGraph } from './sampled/sampled-graph.js'

/** Training triples: sample b is user `users[b]`, who met `positives[b]` but not its negatives. */
export interface Batch {
  /** B user indices. */
  readonly users: Int32Array
  /** B item indices. */
  readonly positives: Int32Array
  /** B × negativesPerPositive item indices, row-major: those of sample b start at b × negativesPerPositive. */
  readonly negatives: Int32Array
  /**
   * The part of the graph that a model propagates over for this batch, which holds all of its users and
   * items. Left out, it is the whole graph.
   */
  readonly sampled?: SampledGraph | undefined
}

/** A batch and where it stands; training resumes at `{ epoch, startStep: step + 1 }`. */
export interface EpochBatch extends Batch {
  readonly epoch: number
  /** 0..stepsPerEpoch-1. */
  readonly step: number
}

/** Which pairs an epoch visits; see {@link BatchIterator}. */
export type SamplingStrategy = 'user-uniform' | 'interaction-shuffle'

/** Options of {@link BatchIterator}. */
export interface BatchIteratorOptions {
  /** Draws per batch, an integer >= 1; more than an epoch has are one batch. */
  batchSize: number
  /** `'user-uniform'` or `'interaction-shuffle'`. Default `'user-uniform'`, as LightGCN. */
  strategy?: SamplingStrategy
  /** Negatives drawn for each positive, an integer >= 1. Default 1. */
  negativesPerPositive?: number
  /** `'uniform'` or `{ popularityExponent }`; see {@link NegativeSampler}. Default `'uniform'`. */
  negatives?: NegativeDistribution
  /** The stream to fork from; only its key is used, so it is not moved. */
  rng: Rng
}

const optionsSchema = z.strictObject({
  batchSize: z.int().min(1),
  strategy: z.enum(['user-uniform', 'interaction-shuffle']).default('user-uniform'),
  negativesPerPositive: z.int().min(1).default(1),
  negatives: negativeDistributionSchema.default('uniform'),
  rng: rngSchema,
})

const epochOptionsSchema = z.strictObject({ startStep: z.number().default(0) })

/**
 * Batches of training triples, epoch by epoch.
 *
 * - `'user-uniform'` (the Python path of https://github.com/gusye1234/LightGCN-PyTorch): an epoch
 *   is `edgeCount` draws of a user, uniform over all users with replacement, with a positive uniform
 *   over the user's items. Draws of users without items, or without a negative, are skipped and
 *   counted, not repeated: their batch is that much smaller.
 * - `'interaction-shuffle'` (as LayerGCN, SELFRec and RecBole): every distinct train pair once, in
 *   a new order each epoch, except the pairs of users without a negative.
 *
 * A draw depends on the key of `rng` and its address (epoch, position) alone. So any batch can be
 * made without those before it, and `{epoch, step}` of the last batch is all that a checkpoint needs.
 */
export class BatchIterator {
  /** Batches of an epoch; the last one may be smaller. */
  readonly stepsPerEpoch: number
  /** Draws of an epoch: `edgeCount`, less the pairs left out by `'interaction-shuffle'`. */
  readonly drawsPerEpoch: number
  /** Users that no batch can hold, as they have no train item or no negative. */
  readonly skippedUsers: number
  readonly #graph: BipartiteGraph
  readonly #batchSize: number
  readonly #negativesPerPositive: number
  readonly #negatives: NegativeSampler
  readonly #userDraws: Rng
  readonly #positiveDraws: Rng
  readonly #permutation: Rng
  /** For each user, 1 if batches can hold it. */
  readonly #usable: Uint8Array
  /** The pairs to shuffle, as positions in the rows of the graph; none for `'user-uniform'`. */
  readonly #pairs: Int32Array | undefined
  #userOfPair: Int32Array | undefined
  #skippedDraws = 0

  /**
   * @throws InvalidOptionsError when an option is unknown or out of its range
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   */
  constructor(graph: BipartiteGraph, options: BatchIteratorOptions) {
    const parsed = parseOptions('BatchIterator', optionsSchema, options)
    const { batchSize, strategy, negativesPerPositive, negatives, rng } = parsed
    this.#graph = graph
    this.#batchSize = batchSize
    this.#negativesPerPositive = negativesPerPositive
    this.#userDraws = rng.fork('users')
    this.#positiveDraws = rng.fork('positives')
    this.#permutation = rng.fork('permutation')
    this.#negatives = new NegativeSampler(graph, {
      distribution: negatives,
      rng: rng.fork('negatives'),
    })
    this.#usable = Uint8Array.from(graph.userDegrees, (degree, user) =>
      degree > 0 && this.#negatives.hasNegative(user) ? 1 : 0,
    )
    const usableCount = this.#usable.reduce((a, b) => a + b, 0)
    if (usableCount === 0) {
      throw new InvalidInteractionsError(
        `None of the ${graph.userCount} users has both a train item and an item to draw as its negative; there is nothing to learn from.`,
      )
    }
    this.skippedUsers = graph.userCount - usableCount
    if (strategy === 'interaction-shuffle') this.#pairs = usablePairs(graph, this.#usable)
    this.drawsPerEpoch = this.#pairs?.length ?? graph.edgeCount
    this.stepsPerEpoch = Math.ceil(this.drawsPerEpoch / batchSize)
    if (this.drawsPerEpoch * negativesPerPositive > 2 ** 32) {
      throw new InvalidOptionsError(
        `negativesPerPositive: got ${negativesPerPositive}; an epoch of ${this.drawsPerEpoch} draws can have at most 2^32 negatives.`,
      )
    }
  }

  /** Draws of `'user-uniform'` skipped so far, in all batches this iterator has made. */
  get skippedDraws(): number {
    return this.#skippedDraws
  }

  /**
   * The batches of one epoch, in order and in fresh arrays. A step whose draws were all skipped has
   * no batch.
   *
   * @param epoch - 0..2^31-1
   * @param options - `startStep`: the first step to make, 0..stepsPerEpoch. Default 0.
   * @throws InvalidOptionsError when the epoch or step is out of its range
   */
  epoch(epoch: number, options: { startStep?: number } = {}): Generator<EpochBatch, void> {
    const { startStep } = parseOptions('BatchIterator.epoch', epochOptionsSchema, options)
    checkInteger('epoch', epoch, 2 ** 31 - 1)
    checkInteger('startStep', startStep, this.stepsPerEpoch)
    return this.#steps(epoch, startStep)
  }

  *#steps(epoch: number, startStep: number): Generator<EpochBatch, void> {
    const fill =
      this.#pairs === undefined ? this.#userUniform(epoch) : this.#shuffled(epoch, this.#pairs)
    for (let step = startStep; step < this.stepsPerEpoch; step++) {
      const start = step * this.#batchSize
      const end = Math.min(start + this.#batchSize, this.drawsPerEpoch)
      const users = new Int32Array(end - start)
      const positives = new Int32Array(end - start)
      const draws = new Int32Array(end - start)
      const size = fill({ start, end, users, positives, draws })
      this.#skippedDraws += end - start - size
      const negatives = new Int32Array(size * this.#negativesPerPositive)
      this.#negatives.fill(negatives, { users, draws, block: epoch, size })
      if (size === 0) continue
      yield {
        epoch,
        step,
        users: users.subarray(0, size),
        positives: positives.subarray(0, size),
        negatives,
      }
    }
  }

  #userUniform(epoch: number): FillBatch {
    const { userCount, interactions } = this.#graph
    const { pointers, items } = interactions
    const [usable, userDraws, positiveDraws] = [this.#usable, this.#userDraws, this.#positiveDraws]
    return ({ start, end, users, positives, draws }) => {
      let size = 0
      for (let draw = start; draw < end; draw++) {
        const user = userDraws.integerAt(epoch, draw, userCount)
        if (usable[user] === 0) continue
        users[size] = user
        draws[size] = draw
        size++
      }
      for (let place = 0; place < size; place++) {
        const first = pointers[users[place]]
        const degree = pointers[users[place] + 1] - first
        positives[place] = first + positiveDraws.integerAt(epoch, draws[place], degree)
      }
      // Apart from the loop above, so that the reads, which come from all over memory, overlap.
      for (let place = 0; place < size; place++) positives[place] = items[positives[place]]
      return size
    }
  }

  #shuffled(epoch: number, pairs: Int32Array): FillBatch {
    const order = pairs.slice()
    for (let last = order.length - 1; last > 0; last--) {
      const other = this.#permutation.integerAt(epoch, last, last + 1)
      const pair = order[last]
      order[last] = order[other]
      order[other] = pair
    }
    const { items } = this.#graph.interactions
    this.#userOfPair ??= usersOfPairs(this.#graph)
    const userOfPair = this.#userOfPair
    return ({ start, end, users, positives, draws }) => {
      for (let draw = start; draw < end; draw++) {
        const pair = order[draw]
        users[draw - start] = userOfPair[pair]
        positives[draw - start] = items[pair]
        draws[draw - start] = draw
      }
      return end - start
    }
  }
}

/** A batch that is being drawn: its draws, and where its samples go. */
interface OpenBatch {
  readonly start: number
  readonly end: number
  readonly users: Int32Array
  readonly positives: Int32Array
  /** The draw of each sample. */
  readonly draws: Int32Array
}

/** Writes the users and positives of a batch; gives the number of samples, draws less those skipped. */
type FillBatch = (batch: OpenBatch) => number

function usablePairs(graph: BipartiteGraph, usable: Uint8Array): Int32Array {
  const { pointers, items } = graph.interactions
  const pairs = new Int32Array(items.length)
  let count = 0
  for (let user = 0; user < graph.userCount; user++) {
    if (usable[user] === 0) continue
    for (let pair = pointers[user]; pair < pointers[user + 1]; pair++) pairs[count++] = pair
  }
  return pairs.slice(0, count)
}

/** The user of each pair, by its position in the rows of the graph. */
function usersOfPairs({ userCount, interactions }: BipartiteGraph): Int32Array {
  const { pointers, items } = interactions
  const users = new Int32Array(items.length)
  for (let user = 0; user < userCount; user++) users.fill(user, pointers[user], pointers[user + 1])
  return users
}

function checkInteger(name: string, value: number, maximum: number): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw new InvalidOptionsError(
      `BatchIterator.epoch: ${name}: got ${value}; expected an integer in 0..${maximum}.`,
    )
  }
}
