import type { Batch, Id, InteractionTable, Rng } from '@gnnrec/graph'
import { BipartiteGraph, ShapeMismatchError } from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/graph/ops'
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { SerializationError } from './persistence/errors.js'
import { type ModelParts, readModelFolder, writeModelFolder } from './persistence/model-folder.js'
import type { HostTensor } from './persistence/safetensors.js'
import type { ModelSource, ModelTarget } from './persistence/storage.js'
import { EmbeddingRecommender } from './serving/embedding-recommender.js'
import { checkFinite } from './serving/rows.js'

/** How a model is called. */
export interface ForwardOptions {
  /**
   * Whether this is a training step: dropout and pruning act only then.
   *
   * @defaultValue false for `forward`, true for `loss` and `lossTerms`
   */
  readonly training?: boolean
}

/** A loss and what it is made of. */
export interface LossTerms {
  /** What training minimises. */
  readonly total: Scalar
  /** The parts by name, for the log; weights are not applied. */
  readonly terms: Readonly<Record<string, Scalar>>
}

/** How scores follow from embeddings; travels with a saved model. */
export interface ScoreRule {
  readonly similarity: 'dot' | 'cosine'
  readonly scale: number
}

/** A concrete model class: it has a name and is made from a graph and options. */
export interface GraphModelClass<Model extends GraphModel> {
  readonly architecture: string
  new (graph: BipartiteGraph, options: never): Model
}

/**
 * A recommender with trained embeddings on a graph of users and items.
 *
 * A model gives a differentiable loss for a batch; it knows nothing of optimisers, epochs or
 * metrics. Its forward pass runs inside the loss of every batch, so no embedding outlives a change
 * of the parameters. Subclasses name their architecture and options and write {@link forward},
 * {@link layerOutputs} and {@link lossTerms}.
 *
 * Tensors: parameters belong to the model until {@link dispose}; what methods return belongs to the
 * caller (use `tf.tidy`).
 */
export abstract class GraphModel {
  /** Name under which the class saves and loads; each concrete class has its own. */
  static readonly architecture: string

  readonly graph: BipartiteGraph
  /** The options in full, defaults included; JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split whose training part the graph is made of; a trainer sets it. */
  splitHash: string | null = null
  readonly #parameters = new Map<string, Variable>()
  /** Parameters that have not been made yet. */
  readonly #initial = new Map<string, { values: Float32Array; shape: number[] }>()

  protected constructor(graph: BipartiteGraph, options: Readonly<Record<string, unknown>>) {
    this.graph = graph
    this.options = options
  }

  get architecture(): string {
    return (this.constructor as unknown as { architecture: string }).architecture
  }

  /**
   * The trained tensors by name, in the order of their making. They are made at the first call, on
   * the backend that is active then, so that a model needs no backend to be constructed.
   */
  parameters(): Readonly<Record<string, Variable>> {
    for (const [name, { values, shape }] of this.#initial) {
      const initial = tf.tensor(values, shape, 'float32')
      this.#parameters.set(name, tf.keep(tf.variable(initial, true)))
      initial.dispose()
    }
    this.#initial.clear()
    return Object.fromEntries(this.#parameters)
  }

  /** Names a trained tensor and gives its initial values; to be called by constructors. */
  protected addParameter(name: string, values: Float32Array, shape: number[]): void {
    this.#initial.set(name, { values, shape })
  }

  /** Final embeddings of users [userCount, d] and items [itemCount, d]. */
  abstract forward(options?: ForwardOptions): NodeTensors

  /** The embeddings after each layer, layer 0 first, as evaluation sees them. */
  abstract layerOutputs(): NodeTensors[]

  /** The loss of a batch and its parts, in training unless told otherwise; differentiable. */
  abstract lossTerms(batch: Batch, options?: ForwardOptions): LossTerms

  /** The loss of a batch, as optimisers want it, in training unless told otherwise. */
  loss(batch: Batch, { training = true }: ForwardOptions = {}): Scalar {
    // The parts are nobody's outside, so they go at once.
    return tf.tidy(() => this.lossTerms(batch, { training }).total)
  }

  /**
   * Called by whoever trains before the first batch of an epoch (from 0), for what a model redraws
   * each epoch or step. All draws come from `rng` and the epoch, never from what was drawn before.
   */
  beginEpoch(_epoch: number, _rng: Rng): void {}

  /** How scores follow from the embeddings of {@link forward}. */
  protected scoreRule(): ScoreRule {
    return { similarity: 'dot', scale: 1 }
  }

  /**
   * The model as it stands, frozen: it answers without TensorFlow.js and leaves out what users had
   * in training.
   *
   * @throws NonFiniteError when an embedding is NaN or infinite
   */
  async toRecommender(): Promise<EmbeddingRecommender> {
    const { users, items, interactions } = this.graph
    const { architecture, options, splitHash } = this
    return new EmbeddingRecommender({
      ...{ users, items, seen: interactions, ...this.scoreRule() },
      ...(await this.#finalEmbeddings()),
      origin: { architecture, options, splitHash },
    })
  }

  /**
   * Saves the model: weights to go on training, final embeddings to answer with, ids and seen items.
   *
   * @param target - a folder (path or file URL), or an object that is filled with files
   * @throws NonFiniteError when an embedding is NaN or infinite, before anything is written
   * @throws SerializationError when writing fails; what was there before stays readable
   */
  async save(target: ModelTarget): Promise<void> {
    const { embeddingDim, userEmbeddings, itemEmbeddings } = await this.#finalEmbeddings()
    const { users, items, interactions } = this.graph
    const { architecture, options, splitHash } = this
    checkFinite('The embedding of user', userEmbeddings, embeddingDim, users)
    checkFinite('The embedding of item', itemEmbeddings, embeddingDim, items)
    await writeModelFolder(target, {
      ...{ architecture, options, splitHash, users, items, seen: interactions },
      kind: 'embeddings',
      score: { ...this.scoreRule(), itemBias: false },
      weights: await this.weights(),
      serving: new Map([
        ['users', { shape: [users.size, embeddingDim], data: userEmbeddings }],
        ['items', { shape: [items.size, embeddingDim], data: itemEmbeddings }],
      ]),
    })
  }

  /** A copy of the parameters by name; {@link restoreWeights} takes it back. */
  async weights(): Promise<Map<string, HostTensor>> {
    const weights = new Map<string, HostTensor>()
    for (const [name, variable] of Object.entries(this.parameters())) {
      // tfjs's CPU backends hand out the values themselves, and keep those they are given.
      const data = (await variable.data<'float32'>()).slice()
      weights.set(name, { shape: [...variable.shape], data })
    }
    return weights
  }

  async #finalEmbeddings() {
    const final = tf.tidy(() => this.forward())
    try {
      const [userEmbeddings, itemEmbeddings] = await Promise.all([
        final.users.data<'float32'>(),
        final.items.data<'float32'>(),
      ])
      return { embeddingDim: final.users.shape[1], userEmbeddings, itemEmbeddings }
    } finally {
      tf.dispose([final.users, final.items])
    }
  }

  /**
   * Loads a model of this class with its weights and the graph it was trained on.
   *
   * @param source - a folder (path or URL), or files by name
   * @throws SerializationError when a file is missing, damaged, too new or of another architecture
   */
  static async load<Model extends GraphModel>(
    this: GraphModelClass<Model>,
    source: ModelSource,
  ): Promise<Model> {
    const parts = await readModelFolder(source, { weights: true })
    if (parts.architecture !== this.architecture) {
      throw new SerializationError(
        `The saved model is a ${parts.architecture}, not a ${this.architecture}; load it with ${parts.architecture}.load.`,
      )
    }
    const model = new this(graphOf(parts), parts.options as never)
    try {
      model.splitHash = parts.splitHash
      model.restoreWeights(parts.weights as ReadonlyMap<string, HostTensor>)
      return model
    } catch (error) {
      model.dispose()
      throw error
    }
  }

  /**
   * Sets the parameters by name, all or, when it throws, none. The arrays are copied.
   *
   * @throws SerializationError when one is missing, unknown or not of float32
   * @throws ShapeMismatchError when one has another shape
   */
  restoreWeights(weights: ReadonlyMap<string, HostTensor>): void {
    const names = (map: ReadonlyMap<string, unknown>) => [...map.keys()].join(', ')
    const parameters = Object.entries(this.parameters())
    for (const [name, { shape, size }] of parameters) {
      const saved = weights.get(name)
      if (!saved) {
        throw new SerializationError(`The weights lack '${name}' (they have ${names(weights)}).`)
      }
      if (!(saved.data instanceof Float32Array)) {
        throw new SerializationError(
          `Weight '${name}' is a ${saved.data.constructor.name}; expected a Float32Array.`,
        )
      }
      if (!tf.util.arraysEqual([...saved.shape], shape) || saved.data.length !== size) {
        throw new ShapeMismatchError(
          `Weight '${name}' has the shape [${saved.shape.join(', ')}] and ${saved.data.length} numbers; the model needs [${shape.join(', ')}].`,
        )
      }
    }
    const unknown = [...weights.keys()].find((name) => !this.#parameters.has(name))
    if (unknown !== undefined) {
      throw new SerializationError(
        `The weights have '${unknown}', which the model lacks (it has ${names(this.#parameters)}).`,
      )
    }
    for (const [name, variable] of parameters) {
      const { data } = weights.get(name) as HostTensor
      const tensor: Tensor = tf.tensor(data.slice(), variable.shape, 'float32')
      variable.assign(tensor)
      tensor.dispose()
    }
  }

  /** Frees the parameters; the graph stays. The model cannot be used afterwards. */
  dispose(): void {
    for (const variable of this.#parameters.values()) variable.dispose()
    this.#parameters.clear()
    this.#initial.clear()
  }
}

/** The training graph, from the ids and the seen items of a saved model. */
function graphOf(parts: ModelParts): BipartiteGraph {
  const { users, items, seen } = parts
  const userIndex = new Int32Array(seen.items.length)
  for (let user = 0; user < users.size; user++) {
    userIndex.fill(user, seen.pointers[user], seen.pointers[user + 1])
  }
  const table: InteractionTable<Id, Id> = { users, items, userIndex, itemIndex: seen.items }
  return BipartiteGraph.fromInteractions(table)
}
