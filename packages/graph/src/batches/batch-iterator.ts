import * as z from 'zod/mini'
import { InvalidInteractionsError, InvalidOptionsError } from '../errors.js'
import type { SampledGraph } from '../graph-samplers/sampled-graph.js'
import { runningSums, weightedPlace } from '../graph-samplers/weighted-draw.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { type BatchDrawer, type DrawSource, type PairOrder, PlainDrawer } from './batch-draws.js'
import { checkBatchSize, negativesPerPositiveSchema } from './batch-limits.js'
import type { KernelLists } from './draw-memory.js'
import { KernelDrawer } from './kernel-drawer.js'
import {
  type NegativeDistribution,
  NegativeSampler,
  negativeDistributionSchema,
  rngSchema,
} from './negative-sampler.js'
import {
  checkStrategy,
  type SamplingStrategy,
  samplingStrategySchema,
} from './sampling-strategy.js'

/** Training triples. Sample b is user `users[b]`, who met `positives[b]` but not the negatives of b. */
export interface Batch {
  /** The users of the B samples, as indices. */
  readonly users: Int32Array
  /** The positive items of the B samples, as indices. */
  readonly positives: Int32Array
  /**
   * The negative items as indices, [B × negativesPerPositive] and row-major: those of sample b start at
   * b × negativesPerPositive.
   */
  readonly negatives: Int32Array
  /**
   * The part of the graph that a model propagates over for this batch; it holds all users and items of
   * the batch. A model propagates over the whole graph when it is left out.
   */
  readonly sampled?: SampledGraph | undefined
}

/** A batch with its position in training, which can be resumed at `{ epoch, startStep: step + 1 }`. */
export interface EpochBatch extends Batch {
  /** The epoch, from 0. */
  readonly epoch: number
  /** The step within the epoch, 0..stepsPerEpoch-1. */
  readonly step: number
}

/** Options of {@link BatchIterator}. */
export interface BatchIteratorOptions {
  /** Draws per batch, an integer >= 1. When it is larger than an epoch, the epoch is one batch. */
  batchSize: number
  /**
   * The way to choose pairs; see {@link BatchIterator}.
   *
   * @defaultValue 'user-uniform', as LightGCN
   */
  strategy?: SamplingStrategy
  /**
   * Negatives drawn for each positive, an integer in 1..10000. A batch has at most 2^28 indices.
   *
   * @defaultValue 1
   */
  negativesPerPositive?: number
  /**
   * The distribution of negatives; see {@link NegativeSampler}.
   *
   * @defaultValue 'uniform'
   */
  negatives?: NegativeDistribution
  /** The random stream to fork from. Only its key is used, so it is not moved. */
  rng: Rng
}

const optionsSchema = z.strictObject({
  batchSize: z.int().check(z.gte(1)),
  strategy: samplingStrategySchema,
  negativesPerPositive: negativesPerPositiveSchema,
  negatives: z._default(negativeDistributionSchema, 'uniform'),
  rng: rngSchema,
})

const epochOptionsSchema = z.strictObject({ startStep: z._default(z.number(), 0) })

/**
 * Batches of training triples, epoch by epoch.
 *
 * - `'user-uniform'` (the Python path of https://github.com/gusye1234/LightGCN-PyTorch): an epoch
 *   is `edgeCount` draws of a user, uniform over all users with replacement, with a positive uniform
 *   over the user's items. Draws of users without items, or without a negative, are skipped and
 *   counted, not repeated: their batch is that much smaller.
 * - `'interaction-shuffle'` (as LayerGCN, SELFRec and RecBole): every distinct train pair once, in
 *   a new order each epoch, except the pairs of users without a negative.
 * - `'interaction-weighted'`: as many draws of the same pairs, with replacement and with chances in proportion to the
 *   weights of the edges, for graphs that have weights.
 *
 * A draw depends on the key of `rng` and its address (epoch, position) alone. Any batch can therefore be
 * made without the ones before it, and a checkpoint needs only `{ epoch, step }` of the last batch.
 *
 * @example
 * ```ts
 * import { BatchIterator, BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const batches = new BatchIterator(graph, {
 *   batchSize: 2,
 *   strategy: 'interaction-shuffle',
 *   rng: Rng.fromSeed(1),
 * })
 * for (const { step, users, positives, negatives } of batches.epoch(0)) {
 *   console.log(step, users, positives, negatives)
 * }
 * ```
 */
export class BatchIterator {
  /** Batches of an epoch. The last one may be smaller. */
  readonly stepsPerEpoch: number
  /** Draws of an epoch: `edgeCount`, minus the pairs that strategies of interactions leave out. */
  readonly drawsPerEpoch: number
  /** Number of users that no batch can hold, because they have no train item or no negative. */
  readonly skippedUsers: number
  readonly #graph: BipartiteGraph
  readonly #batchSize: number
  readonly #source: DrawSource
  readonly #plainDrawer: PlainDrawer
  #drawer: BatchDrawer | undefined
  /** The pairs to draw, as positions in the rows of the graph; undefined for `'user-uniform'`. */
  readonly #pairs: Int32Array | undefined
  /** The sums of the weights of the pairs up to each; undefined when pairs are shuffled. */
  #weightSums: Float64Array | undefined
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
    checkStrategy('BatchIterator', strategy, graph)
    checkBatchSize('BatchIterator', graph.edgeCount, { batchSize, negativesPerPositive })
    const streams = {
      users: rng.fork('users'),
      positives: rng.fork('positives'),
      negatives: rng.fork('negatives'),
      permutation: rng.fork('permutation'),
    }
    const sampler = new NegativeSampler(graph, {
      distribution: negatives,
      rng: streams.negatives,
    })
    const usable = Uint8Array.from(graph.userDegrees, (degree, user) =>
      degree > 0 && sampler.hasNegative(user) ? 1 : 0,
    )
    const usableCount = usable.reduce((a, b) => a + b, 0)
    if (usableCount === 0) {
      throw new InvalidInteractionsError(
        `None of the ${graph.userCount} users has both a train item and an item to draw as its negative; there is nothing to learn from.`,
      )
    }
    this.skippedUsers = graph.userCount - usableCount
    this.#source = {
      graph,
      negativesPerPositive,
      negatives: sampler,
      streams,
      usable: this.skippedUsers === 0 ? undefined : usable,
    }
    this.#plainDrawer = new PlainDrawer(this.#source)
    const { weights } = graph.interactions
    if (strategy !== 'user-uniform') this.#pairs = usablePairs(graph, usable)
    if (strategy === 'interaction-weighted' && this.#pairs && weights) {
      this.#weightSums = runningSums(Float64Array.from(this.#pairs, (pair) => weights[pair]))
    }
    this.drawsPerEpoch = this.#pairs?.length ?? graph.edgeCount
    this.stepsPerEpoch = Math.ceil(this.drawsPerEpoch / batchSize)
    if (this.drawsPerEpoch * negativesPerPositive > 2 ** 32) {
      throw new InvalidOptionsError(
        `negativesPerPositive: got ${negativesPerPositive}; an epoch of ${this.drawsPerEpoch} draws can have at most 2^32 negatives.`,
      )
    }
  }

  /** Draws of `'user-uniform'` that were skipped so far, in all batches that this iterator made. */
  get skippedDraws(): number {
    return this.#skippedDraws
  }

  /**
   * Makes the batches of one epoch, in order and in fresh arrays. A step whose draws were all skipped
   * has no batch.
   *
   * @param epoch - 0..2^31-1
   * @param options - `startStep`: the first step to make, 0..stepsPerEpoch; 0 when left out
   * @throws InvalidOptionsError when the epoch or step is out of its range
   */
  epoch(epoch: number, options: { startStep?: number } = {}): Generator<EpochBatch, void> {
    const { startStep } = parseOptions('BatchIterator.epoch', epochOptionsSchema, options)
    checkInteger('epoch', epoch, 2 ** 31 - 1)
    checkInteger('startStep', startStep, this.stepsPerEpoch)
    return this.#steps(epoch, startStep)
  }

  /**
   * Lets kernels draw whenever they can; `drawByKernels` of `@gnnrec/ops` calls this.
   *
   * @internal
   */
  drawByKernels(lists: KernelLists): { release(): void } {
    const drawer = new KernelDrawer(this.#source, lists)
    this.#drawer = drawer
    return drawer
  }

  *#steps(epoch: number, startStep: number): Generator<EpochBatch, void> {
    const order = this.#pairs && this.#ordered(this.#pairs, epoch)
    for (let step = startStep; step < this.stepsPerEpoch; step++) {
      const start = step * this.#batchSize
      const end = Math.min(start + this.#batchSize, this.drawsPerEpoch)
      const samples = this.#readyDrawer.draw({
        epoch,
        start,
        end,
        total: this.drawsPerEpoch,
        order,
      })
      const size = samples.users.length
      this.#skippedDraws += end - start - size
      if (size > 0) yield { epoch, step, ...samples }
    }
  }

  #ordered(pairs: Int32Array, epoch: number): PairOrder {
    this.#userOfPair ??= usersOfPairs(this.#graph)
    const userOfPair = this.#userOfPair
    const sums = this.#weightSums
    if (!sums) return { pairs: this.#readyDrawer.shuffled(pairs, epoch), userOfPair }
    const { positives } = this.#source.streams
    const drawn = pairs.map((_, draw) => {
      return pairs[weightedPlace(sums, positives.uniformAt(epoch, draw))]
    })
    return { pairs: drawn, userOfPair }
  }

  get #readyDrawer(): BatchDrawer {
    return this.#drawer?.isReady ? this.#drawer : this.#plainDrawer
  }
}

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

/** Returns the user of each pair, by its position in the rows of the graph. */
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
