import type { BipartiteGraph, Id } from '@gnnrec/graph'
import type { ModelTarget, Recommender, SaveOptions } from '@gnnrec/serving'
import type { $ZodType } from 'zod/v4/core'
import type { PrepareOptions } from './model-contract.js'
import { disposedError } from './parameters/errors.js'
import { warnOfIgnoredWeights } from './registry/ignored-weights.js'
import type { ModelCapabilities, RecommenderModel } from './registry/model-class.js'
import { SharedWork } from './shared-work.js'
import type { PresetTree } from './training/preset-tree.js'

/** The parts of a recommender that {@link Baseline.parts} gives. */
interface BaselineParts<User extends Id, Item extends Id> {
  readonly users: BipartiteGraph<User, Item>['users']
  readonly items: BipartiteGraph<User, Item>['items']
  readonly seen: BipartiteGraph<User, Item>['interactions']
  readonly origin: {
    readonly architecture: string
    readonly options: Readonly<Record<string, unknown>>
    readonly splitHash: string | null
  }
}

/**
 * A model that computes its recommender from the graph in one go: nothing is trained, and no backend is
 * needed. Subclasses name their architecture and options and write {@link compute}.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, type Id } from '@gnnrec/graph'
 * import { Baseline } from '@gnnrec/models'
 * import { PopularityRecommender } from '@gnnrec/serving'
 *
 * class Rarity<User extends Id, Item extends Id> extends Baseline<User, Item> {
 *   static override readonly architecture = 'rarity'
 *
 *   constructor(graph: BipartiteGraph<User, Item>) {
 *     super(graph, {})
 *   }
 *
 *   protected override async compute() {
 *     const scores = Float32Array.from(this.graph.itemDegrees, (degree) => 1 / (degree + 1))
 *     return new PopularityRecommender({ ...this.parts(), scores })
 *   }
 * }
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *   ]),
 * )
 * const recommender = await new Rarity(graph).toRecommender()
 * console.log(recommender.recommend('ann', { k: 1 }).items)
 * ```
 */
export abstract class Baseline<User extends Id = Id, Item extends Id = Id>
  implements RecommenderModel<User, Item>
{
  /** Name under which models of the class are saved and asked for. */
  static readonly architecture: string
  /** Settings that go together, by name; baselines have none. */
  static readonly presets: PresetTree = {}
  /** The abilities of the class. */
  static readonly capabilities: ModelCapabilities = {
    isTrained: false,
    isSeeded: false,
    losses: [],
    sampledGraphs: false,
    files: false,
    usesWeights: true,
  }
  /** The zod schema of the options. */
  static readonly optionsSchema: $ZodType | undefined

  readonly graph: BipartiteGraph<User, Item>
  /** The options in full, defaults included; JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /**
   * Hash of the split whose training part the graph is made of. The recommender keeps it as it is when
   * {@link prepare} is called.
   */
  splitHash: string | null = null
  readonly #computing = new SharedWork((signal) => this.compute({ signal }))
  #isDisposed = false

  protected constructor(
    graph: BipartiteGraph<User, Item>,
    options: Readonly<Record<string, unknown>>,
  ) {
    this.graph = graph
    this.options = options
    warnOfIgnoredWeights(this.constructor as typeof Baseline, graph)
  }

  /** Name of the class as strings spell it: `'item-knn'`. */
  get architecture(): string {
    return (this.constructor as typeof Baseline).architecture
  }

  /** Computes the recommender; lets the event loop run about every 30 ms. */
  protected abstract compute(options: PrepareOptions): Promise<Recommender<User, Item>>

  /** Returns the parts that every recommender of the graph has. */
  protected parts(): BaselineParts<User, Item> {
    const { users, items, interactions } = this.graph
    const { architecture, options, splitHash } = this
    return { users, items, seen: interactions, origin: { architecture, options, splitHash } }
  }

  /** True when {@link dispose} was called. */
  get isDisposed(): boolean {
    return this.#isDisposed
  }

  /**
   * Computes the recommender, unless it is there. Callers at the same time share the work, each with a signal of its
   * own.
   *
   * @throws the reason of `signal` once it is aborted; the model can be prepared again
   * @throws DisposedError after {@link dispose}
   */
  async prepare({ signal }: PrepareOptions = {}): Promise<void> {
    await this.#recommender(signal)
  }

  /** Returns the recommender, the same one at each call; it is computed at the first. */
  toRecommender(): Promise<Recommender<User, Item>> {
    return this.#recommender()
  }

  /**
   * Saves the recommender.
   *
   * @param target - a folder (path or file URL), or an object that is filled with files
   * @throws SerializationError when writing fails; what was there before stays readable
   */
  async save(target: ModelTarget, options: SaveOptions = {}): Promise<void> {
    await (await this.toRecommender()).save(target, options)
  }

  /**
   * Lets go of the recommender; a computation that is under way ends early. The model cannot be used afterwards;
   * recommenders that it has made can.
   */
  dispose(): void {
    this.#isDisposed = true
    this.#computing.forget(disposedError(this.architecture))
  }

  async #recommender(signal?: AbortSignal): Promise<Recommender<User, Item>> {
    this.#checkUsable()
    const recommender = await this.#computing.get(signal)
    this.#checkUsable()
    return recommender
  }

  #checkUsable(): void {
    if (this.#isDisposed) throw disposedError(this.architecture)
  }
}
