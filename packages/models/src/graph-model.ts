import type { Batch, BipartiteGraph, Id, Rng, SamplingStrategy } from '@gnnrec/graph'
import { isInstanceOfAnyCopy } from '@gnnrec/graph/kernels'
import { ensureBackend, ensureBackendSync, type NodeTensors } from '@gnnrec/ops'
import {
  EmbeddingRecommender,
  type LoadOptions,
  type ModelSource,
  type ModelTarget,
} from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Scalar, Tensor1D, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { $ZodType } from 'zod/v4/core'
import packageJson from '../package.json' with { type: 'json' }
import { type FinalEmbeddings, readEmbeddings } from './final-embeddings.js'
import { type FoldInOption, keepsFoldIn } from './history/fold-in-option.js'
import type { HistoryTables } from './history/history-tables.js'
import type {
  BeginEpochOptions,
  ForwardOptions,
  LossTerms,
  ModelDescription,
  PrepareOptions,
  SampledPropagation,
  ScoreRule,
} from './model-contract.js'
import type { RankingObjective } from './objective/ranking-objective.js'
import { checkClass, checkSettings } from './own-class.js'
import { disposedError, SampledGraphUnsupportedError } from './parameters/errors.js'
import { defaultLaw, type GraphCounts, type ModelMemoryLaw } from './parameters/memory-law.js'
import { checkModelMemory } from './parameters/model-memory.js'
import { ModelTensors } from './parameters/model-tensors.js'
import type { ModelMemory } from './parameters/model-too-large-error.js'
import { loadModel } from './persistence/load-model.js'
import { saveModel } from './persistence/save-model.js'
import { warnOfIgnoredWeights } from './registry/ignored-weights.js'
import type { ModelCapabilities, ModelClass, RecommenderModel } from './registry/model-class.js'
import { SharedWork } from './shared-work.js'
import { StepDraws } from './step-draws.js'
import type { PresetTree } from './training/preset-tree.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.graph-model')

/** Options of a model in full. */
type ModelSettingsInFull = Readonly<Record<string, unknown>>

/** Things that the constructor of a model class hands to {@link GraphModel}. */
interface ModelConstruction {
  /** The least memory that the model takes, which is compared to `maxMemory` of the options. */
  readonly memory?: ModelMemory
  /** The ranking loss with L2 and item bias. */
  readonly objective?: RankingObjective
}

/**
 * A recommender with trained embeddings on a graph of users and items.
 *
 * A model gives a differentiable loss for a batch; it knows nothing of optimizers, epochs or
 * metrics. Its forward pass runs inside the loss of every batch, so no embedding outlives a change
 * of the parameters. Subclasses name their architecture and options and write {@link forward},
 * {@link layerOutputs} and {@link lossTerms}.
 *
 * Tensors: parameters belong to the model until {@link dispose}; what methods return belongs to the
 * caller (use `tf.tidy`).
 *
 * @example
 * ```ts
 * import { type Batch, BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { type ForwardOptions, GraphModel, type LossTerms, RankingObjective } from '@gnnrec/models'
 * import { gatherRows, type NodeTensors } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * // Users and items share one trained map of their numbers of interactions.
 * class Degrees extends GraphModel {
 *   static override readonly architecture = 'degrees'
 *
 *   constructor(graph: BipartiteGraph) {
 *     super(graph, {}, { objective: new RankingObjective(graph) })
 *     this.addParameter('map', Float32Array.of(0.1, 0.2), [1, 2])
 *   }
 *
 *   override forward(): NodeTensors {
 *     const map = this.parameters()['map'] as tf.Tensor2D
 *     const rows = (degrees: Int32Array) =>
 *       tf.tidy(() => tf.matMul(tf.tensor2d([...degrees], [degrees.length, 1]), map)) as tf.Tensor2D
 *     return { users: rows(this.graph.userDegrees), items: rows(this.graph.itemDegrees) }
 *   }
 *
 *   override layerOutputs(): NodeTensors[] {
 *     return [this.forward()]
 *   }
 *
 *   override lossTerms(batch: Batch, _options?: ForwardOptions): LossTerms {
 *     const objective = this.objective as RankingObjective
 *     return objective.lossTerms(batch, (indices) => {
 *       const { users, items } = this.forward()
 *       const rows = {
 *         users: gatherRows(users, indices.users),
 *         positives: gatherRows(items, indices.positives),
 *         negatives: gatherRows(items, indices.negatives),
 *       }
 *       return { final: rows, regularized: rows }
 *     })
 *   }
 * }
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *   ]),
 * )
 * const recommender = await new Degrees(graph).toRecommender()
 * console.log(recommender.recommend('ann', { k: 1 }).items)
 * ```
 */
export abstract class GraphModel<
  User extends Id = Id,
  Item extends Id = Id,
  Options extends ModelSettingsInFull = ModelSettingsInFull,
> implements RecommenderModel<User, Item>
{
  /** Name under which the class saves and loads, in kebab case; each concrete class has its own. */
  static readonly architecture: string
  /** Settings that go together, by name. */
  static readonly presets: PresetTree = {}
  /** The abilities of the class. */
  static readonly capabilities: ModelCapabilities = {
    isTrained: true,
    isSeeded: true,
    losses: [],
    sampledGraphs: false,
    files: false,
    usesWeights: true,
  }
  /** The zod schema of the options, if the class has one. */
  static readonly optionsSchema: $ZodType | undefined

  readonly graph: BipartiteGraph<User, Item>
  /** The options in full, defaults included but for `maxMemory`; JSON values. */
  readonly options: Readonly<Options>
  /** The ranking loss with L2 and item bias, for models that are trained with one. */
  readonly objective: RankingObjective | undefined
  /** Hash of the split whose training part the graph is made of; a trainer sets it. */
  splitHash: string | null = null
  readonly #tensors: ModelTensors
  readonly #preparing = new SharedWork<void>((signal) => this.computeOnce({ signal }))
  /** True when {@link load} made the graph. */
  #ownsGraph = false
  readonly #draws: StepDraws

  /**
   * @throws InvalidOptionsError when the options are no object, or the class lacks a method that it has to write
   * @throws ModelTooLargeError when the model takes more memory than `maxMemory` of the options
   */
  protected constructor(
    graph: BipartiteGraph<User, Item>,
    settings: Options,
    { memory, objective }: ModelConstruction = {},
  ) {
    checkClass(this, ['forward', 'layerOutputs', 'lossTerms'])
    checkSettings(new.target, settings)
    const { maxMemory, ...options } = settings
    this.graph = graph
    this.options = options as unknown as Options
    this.objective = objective
    if (memory && typeof maxMemory === 'number') {
      checkModelMemory(this.architecture, memory, maxMemory)
    }
    this.#tensors = new ModelTensors(this.architecture)
    warnOfIgnoredWeights(this.constructor as typeof GraphModel, graph)
    this.#draws = new StepDraws((settings['seed'] as number | string | undefined) ?? 0)
  }

  /** @internal */
  get [marker](): { readonly name: string; readonly version: string } {
    return { name: '@gnnrec/models', version: packageJson.version }
  }

  /** Makes `instanceof` true also for models that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, GraphModel, marker, value)
  }

  /** Name of the class as strings spell it: `'light-gcn'`. */
  get architecture(): string {
    return (this.constructor as typeof GraphModel).architecture
  }

  /** True when {@link dispose} was called. */
  get isDisposed(): boolean {
    return this.#tensors.isDisposed
  }

  /**
   * Returns the trained tensors by name, in the order of their making; none for a model that trains nothing.
   * They are made at the first call, on the backend that is active then, so that a model needs no
   * backend to be constructed.
   */
  parameters(): Readonly<Record<string, Variable>> {
    return this.#tensors.variables()
  }

  /** Lists parameters and buffers with shapes and sizes; needs no backend, nor the tensors themselves. */
  describe(): ModelDescription {
    const tensors = this.#tensors.describe()
    const trained = tensors.filter(({ role }) => role !== 'buffer')
    return {
      architecture: this.architecture,
      options: this.options,
      tensors,
      parameterCount: trained.reduce((sum, { count }) => sum + count, 0),
      parameterBytes: trained.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /**
   * Names a trained tensor and gives its initial values; to be called by constructors.
   *
   * @param values - the values, or a function that makes them when they are first needed, so that nothing is
   * allocated for a model that is too large, or whose values come from a file
   * @param role - `'embeddings'` for a table with one row per user or item, which weight decay must
   * not touch
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  protected addParameter(
    name: string,
    values: Float32Array | (() => Float32Array),
    shape: readonly number[],
    role: 'embeddings' | 'dense' = 'dense',
  ): void {
    this.#tensors.addParameter(name, values, shape, role)
  }

  /**
   * Takes up the parameters of the {@link objective}; to be called by constructors, after their own.
   *
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  protected addObjectiveParameters(): void {
    if (this.objective) this.#tensors.share(this.objective.tensors)
  }

  /**
   * Names an array that is not trained and is saved with the weights; to be called by constructors.
   *
   * @param values - an array that is kept; a loaded model has the values of the file instead
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  protected addBuffer(
    name: string,
    values: Float32Array | Int32Array,
    shape: readonly number[],
  ): void {
    this.#tensors.addBuffer(name, values, shape)
  }

  /**
   * Names an array of float32 like one of {@link addBuffer} whose values {@link computeOnce} gives by
   * {@link setBuffer}; to be called by constructors.
   *
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  protected addComputedBuffer(name: string, shape: readonly number[]): void {
    this.#tensors.addComputedBuffer(name, shape)
  }

  /** Gives a computed buffer its values, which are kept. */
  protected setBuffer(name: string, values: Float32Array): void {
    this.#tensors.setBuffer(name, values)
  }

  /** Returns true when a buffer has its values; a loaded model has all of them. */
  protected hasBuffer(name: string): boolean {
    return this.#tensors.hasBuffer(name)
  }

  /** Returns the values of a buffer, which must not be changed. */
  protected buffer(name: string): Float32Array | Int32Array {
    return this.#tensors.buffer(name)
  }

  /**
   * Computes what the model needs once from its graph, if it is not there: at most once.
   * `Trainer`, {@link toRecommender} and {@link save} call it; your own training loop has to, for a
   * model that needs it. Most need nothing. Callers at the same time share the work, each with a signal of its own;
   * it ends early when all of them have given up.
   *
   * @throws the reason of `signal` once it is aborted; the model can be prepared again
   * @throws DisposedError after {@link dispose}
   */
  async prepare({ signal }: PrepareOptions = {}): Promise<void> {
    this.#tensors.checkUsable()
    await this.#preparing.get(signal)
    this.#tensors.checkUsable()
  }

  /** Does the work of {@link prepare}; that of the objective, unless a model has other work. */
  protected async computeOnce(options: PrepareOptions): Promise<void> {
    await this.objective?.prepare(options)
  }

  /** Computes the final embeddings of users [userCount, d] and items [itemCount, d]. */
  abstract forward(options?: ForwardOptions): NodeTensors

  /** Computes the embeddings after each layer, layer 0 first, as evaluation sees them. */
  abstract layerOutputs(): NodeTensors[]

  /** Computes the loss of a batch and its parts, in training unless told otherwise; differentiable. */
  abstract lossTerms(batch: Batch, options?: ForwardOptions): LossTerms

  /** Computes the loss of a batch, as optimizers want it, in training unless told otherwise. */
  loss(batch: Batch, { training = true }: ForwardOptions = {}): Scalar {
    ensureBackendSync()
    // Nobody outside can free the parts, so they are freed here.
    return tf.tidy(() => this.lossTerms(batch, { training }).total)
  }

  /**
   * Prepares the draws of an epoch (from 0) and of its steps. Whoever trains the model calls it before the
   * first batch of an epoch. All draws come from `rng` and the epoch, never from earlier draws. An override
   * calls this method.
   */
  beginEpoch(epoch: number, rng: Rng, { startStep = 0 }: BeginEpochOptions = {}): void {
    this.#tensors.checkUsable()
    this.#draws.goTo(epoch, startStep, rng)
  }

  /**
   * Returns the random stream of one training step, which depends on the epoch and the step only. A model asks
   * for it exactly once in each step, so that a resumed training draws the same numbers.
   */
  protected nextStepRng(): Rng {
    return this.#draws.next()
  }

  /** The strategy that batches have to be drawn by for the loss; any strategy if undefined. */
  get requiredSampling(): SamplingStrategy | undefined {
    return this.objective?.requiredSampling
  }

  /**
   * Returns the requirements on a sample of the graph that is the `sampled` of a batch. Needs no backend.
   *
   * @throws SampledGraphUnsupportedError when the model, or the model with these options, propagates
   * over the whole graph only
   */
  sampledPropagation(): SampledPropagation {
    throw new SampledGraphUnsupportedError(
      this.architecture,
      'it does not say that it can propagate over a part of the graph',
    )
  }

  /**
   * Returns the memory that training a model with these options on a graph with these counts takes. A class that
   * says nothing itself counts as one of plain dense layers, which keeps the most.
   *
   * @internal
   */
  memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    return defaultLaw(this.options, counts, negativesPerPositive)
  }

  /** Returns the formula of a score from the embeddings of {@link forward}. */
  protected scoreRule(): ScoreRule {
    return this.objective?.scoreRule ?? { similarity: 'dot', scale: 1 }
  }

  /**
   * Computes what embeddings of histories of anybody are made of, from the model as it stands; call it in a `tf.tidy`.
   * A model without it, which is what undefined says, recommends to its users only.
   */
  protected historyTables(): HistoryTables | undefined {
    return undefined
  }

  /** Returns a number per item [itemCount] that is added to its scores, if there is one; call it in a `tf.tidy`. */
  protected itemBias(): Tensor1D | undefined {
    return this.objective?.itemBias()
  }

  /**
   * Makes a frozen copy of the model as it stands, which answers without TensorFlow.js and leaves out the
   * items that users had in training.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws NonFiniteError when an embedding is NaN or infinite
   */
  async toRecommender(options: FoldInOption = {}): Promise<EmbeddingRecommender<User, Item>> {
    const foldIn = keepsFoldIn('toRecommender', options)
    await this.prepare()
    await ensureBackend()
    const final = await this.#readEmbeddings(foldIn)
    const { users, items, interactions } = this.graph
    const { architecture, splitHash } = this
    return new EmbeddingRecommender({
      users,
      items,
      seen: interactions,
      ...this.scoreRule(),
      ...final,
      origin: { architecture, options: this.options, splitHash },
      copy: false,
    })
  }

  /**
   * Saves the model: weights to go on training, final embeddings to answer with, ids and seen items.
   *
   * @param target - a folder (path or file URL), or an object that is filled with files
   * @throws InvalidOptionsError for a wrong or misspelt option, also for `users`, which `save` of recommenders takes
   * @throws NonFiniteError when an embedding is NaN or infinite, before anything is written
   * @throws SerializationError when writing fails; what was there before stays readable
   */
  async save(target: ModelTarget, options: FoldInOption = {}): Promise<void> {
    const foldIn = keepsFoldIn('save', options)
    await this.prepare()
    await ensureBackend()
    // Both are taken before anything is awaited, so that a training that goes on does not come between them.
    const weights = new Map([...this.#tensors.weights(), ...this.#tensors.buffers()])
    const final = await this.#readEmbeddings(foldIn)
    await saveModel(target, this, { weights, final, scoreRule: this.scoreRule() })
  }

  /**
   * Copies the parameters by name; {@link restoreWeights} takes them back.
   *
   * @throws DisposedError after {@link dispose}
   */
  async weights(): Promise<Map<string, HostTensor>> {
    await ensureBackend()
    return this.#tensors.weights()
  }

  #readEmbeddings(foldIn: boolean): Promise<FinalEmbeddings> {
    return readEmbeddings(() => ({
      ...this.forward(),
      bias: this.itemBias(),
      history: foldIn ? this.historyTables() : undefined,
    }))
  }

  /**
   * Loads a model of this class with its weights and the graph it was trained on. The graph belongs to the model:
   * {@link dispose} frees its matrices too.
   *
   * @param source - a folder (path or URL), or files by name
   * @throws SerializationError when a file is missing, damaged, too new or of another architecture, does not come in
   * time, or has options that the class refuses
   * @throws ShapeMismatchError when the saved shapes are not those of the options, before any table is made
   * @throws the reason of `signal` once it is aborted
   */
  static async load<Model extends GraphModel>(
    this: ModelClass<Model>,
    source: ModelSource,
    options: LoadOptions = {},
  ): Promise<Model> {
    await ensureBackend()
    return loadModel(this, source, options, (model, saved) => {
      model.#ownsGraph = true
      model.#tensors.restoreAll(saved)
    })
  }

  /**
   * Sets the parameters by name, all or, when it throws, none. The arrays are copied.
   *
   * @throws SerializationError when one is missing, unknown or not of float32
   * @throws ShapeMismatchError when one has another shape
   */
  restoreWeights(weights: ReadonlyMap<string, HostTensor>): void {
    this.#tensors.restoreWeights(weights)
  }

  /**
   * Frees the parameters, and the matrices of the graph if {@link load} made it; otherwise the graph stays as it is.
   * A {@link prepare} that is under way ends early. The model cannot be used afterwards: its methods throw a
   * `DisposedError`, and so does a training of it; {@link describe} still answers.
   */
  dispose(): void {
    this.#tensors.dispose()
    this.#preparing.forget(disposedError(this.architecture))
    if (this.#ownsGraph) this.graph.dispose()
  }
}
