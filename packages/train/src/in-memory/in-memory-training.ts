import { type Batch, type EpochBatch, type Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { gatherRows, type NodeTensors } from '@gnnrec/ops'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { probeLoss } from '../guards/loss-probe.js'
import { sampleParameters } from '../guards/parameter-samples.js'
import type { SampledNodes } from '../guards/sampled-nodes.js'
import type {
  ApplySettings,
  SampledRows,
  SavedFile,
  TrainingPort,
  TrainingState,
} from '../loop/training-port.js'
import type { Optimizer } from '../optimizers/optimizer.js'
import { computeGradients } from './compute-gradients.js'
import { nameFirstNonFinite } from './first-non-finite.js'
import type { TensorGradients } from './tensor-gradients.js'

/** The training of a model whose parameters are in memory. */
export class InMemoryTraining implements TrainingPort {
  readonly #model: GraphModel
  readonly #optimizer: Optimizer
  readonly #splitHash: string | undefined
  #best: ReadonlyMap<string, HostTensor> | undefined

  /** @param splitHash - hash of the split that is trained on, if there is one */
  constructor(model: GraphModel, optimizer: Optimizer, splitHash?: string) {
    this.#model = model
    this.#optimizer = optimizer
    this.#splitHash = splitHash
  }

  get hasParameters(): boolean {
    return Object.keys(this.#model.parameters()).length > 0
  }

  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#splitHash !== undefined) this.#model.splitHash = this.#splitHash
    await this.#model.prepare({ signal })
  }

  beginEpoch(epoch: number, rng: Rng, startStep: number): void {
    this.#model.beginEpoch(epoch, rng, { startStep })
  }

  async computeGradients(batch: EpochBatch | Batch) {
    return computeGradients(this.#model, batch)
  }

  applyGradients(gradients: TensorGradients, settings: ApplySettings): void {
    this.#optimizer.step(this.#model.parameters(), gradients.tensors, settings)
  }

  nameFirstNonFinite({
    lossTerms = {},
    gradients,
  }: {
    readonly lossTerms?: Readonly<Record<string, number>>
    readonly gradients?: TensorGradients
  }): Promise<string> {
    return nameFirstNonFinite(this.#model, lossTerms, gradients?.tensors ?? {})
  }

  async ranker() {
    // Validation asks for users of training only.
    const ranker = await this.#model.toRecommender({ foldIn: false })
    return { ranker, release: () => ranker.dispose() }
  }

  async keepBest(): Promise<void> {
    this.#best = await this.#model.weights()
  }

  restoreBest(): void {
    // A model that was freed during the last step did not train to its end.
    this.#model.parameters()
    if (this.#best) this.#model.restoreWeights(this.#best)
  }

  async saveState(): Promise<TrainingState> {
    const { tensors, steps } = await this.#optimizer.state()
    const weights = await this.#model.weights()
    return {
      optimizerSteps: steps,
      tensors: { weights, optimizer: tensors, best: this.#best },
    }
  }

  async restoreState({ optimizerSteps, tensors }: TrainingState<SavedFile>): Promise<void> {
    const state = { tensors: tensors.optimizer, steps: optimizerSteps }
    this.#optimizer.restore(state, this.#model.parameters())
    this.#model.restoreWeights(tensors.weights)
    this.#best = tensors.best
  }

  async startFrom({ tensors }: TrainingState<SavedFile>): Promise<void> {
    this.#model.restoreWeights(tensors.best ?? tensors.weights)
  }

  sampleParameters(nodes: SampledNodes) {
    return sampleParameters(this.#model, nodes)
  }

  async *sampleLayers({ users, items }: SampledNodes): AsyncGenerator<SampledRows> {
    const model = this.#model
    const sampled = (layer: NodeTensors) => ({
      users: gather(layer.users, users),
      items: gather(layer.items, items),
    })
    const layers = tf.tidy(() => model.layerOutputs().map(sampled))
    await yieldToEventLoop()
    const final = tf.tidy(() => sampled(model.forward()))
    await yieldToEventLoop()
    const numbered = [
      ...layers.map((rows, layer) => [layer, rows] as const),
      ['final', final] as const,
    ]
    for (const [layer, rows] of numbered) {
      yield {
        layer,
        users: await rows.users.data<'float32'>(),
        items: await rows.items.data<'float32'>(),
        dim: rows.users.shape[1],
      }
      tf.dispose(rows)
    }
  }

  probeLoss(batch: Batch) {
    return probeLoss(this.#model, batch)
  }
}

function gather(table: Tensor2D, rows: Int32Array): Tensor2D {
  return gatherRows(table, tf.tensor1d(rows, 'int32'))
}
