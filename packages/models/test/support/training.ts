import { type Batch, BatchIterator, Rng } from '@gnnrec/graph'
import { applyAdam } from '@gnnrec/ops'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { GraphModel } from '../../src/index.js'

/** A loss, its parts and its gradients by parameter, read. */
export interface Evaluation {
  readonly total: number
  readonly terms: Readonly<Record<string, number>>
  readonly gradients: Readonly<Record<string, Float32Array>>
}

/** Loss and gradients of one training batch; the gradients go to `use` as tensors first. */
export function evaluateLoss(
  model: GraphModel,
  batch: Batch,
  use?: (gradients: Readonly<Record<string, Tensor>>) => void,
): Evaluation {
  const parameters = Object.entries(model.parameters())
  let terms: Record<string, number> = {}
  const { value, grads } = tf.variableGrads(
    () => {
      const loss = model.lossTerms(batch, { training: true })
      terms = Object.fromEntries(
        Object.entries(loss.terms).map(([name, term]) => [name, numberIn(term)]),
      )
      return loss.total
    },
    parameters.map(([, variable]) => variable),
  )
  const byName = Object.fromEntries(
    parameters.map(([name, variable]) => [name, grads[variable.name] as Tensor]),
  )
  use?.(byName)
  const gradients = Object.fromEntries(
    Object.entries(byName).map(([name, gradient]) => [
      name,
      gradient.dataSync<'float32'>().slice(),
    ]),
  )
  const total = numberIn(value)
  tf.dispose([value, grads])
  return { total, terms, gradients }
}

/** An optimizer as fixtures describe it. */
export interface OptimizerSettings {
  readonly type: 'adam' | 'sgd'
  readonly lr: number
  readonly beta1?: number
  readonly beta2?: number
  readonly eps?: number
  /** Coupled L2 by the first part of a parameter's name. */
  readonly weightDecay?: Readonly<Record<string, number>>
}

/** Steps of an optimizer over all parameters of a model. */
export class TestOptimizer {
  readonly #model: GraphModel
  readonly #settings: OptimizerSettings
  readonly #moments = new Map<string, { first: Variable; second: Variable }>()
  #step = 0

  constructor(model: GraphModel, settings: OptimizerSettings) {
    this.#model = model
    this.#settings = settings
    for (const [name, { shape }] of Object.entries(model.parameters())) {
      if (settings.type === 'adam') {
        this.#moments.set(name, { first: zeros(shape), second: zeros(shape) })
      }
    }
  }

  /** One step on a batch. */
  step(batch: Batch): Evaluation {
    this.#step++
    return evaluateLoss(this.#model, batch, (gradients) => {
      for (const [name, variable] of Object.entries(this.#model.parameters())) {
        tf.tidy(() => this.#update(name, variable, gradients[name] as Tensor))
      }
    })
  }

  dispose(): void {
    for (const { first, second } of this.#moments.values()) tf.dispose([first, second])
  }

  #update(name: string, variable: Variable, gradient: Tensor): void {
    const { type, lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = {} } = this.#settings
    const decay = weightDecay[name.split('.')[0] as string] ?? 0
    const whole = decay === 0 ? gradient : tf.add(gradient, tf.mul(variable, decay))
    if (type === 'sgd') {
      variable.assign(tf.sub(variable, tf.mul(whole, lr)))
      return
    }
    const moments = this.#moments.get(name) as { first: Variable; second: Variable }
    applyAdam(variable, whole, moments, {
      learningRate: lr,
      beta1,
      beta2,
      epsilon: eps,
      step: this.#step,
      gradientScale: 1,
    })
  }
}

/** Trains with Adam on sampled batches; `beginEpoch` is called as a trainer would. */
export function trainSteps(
  model: GraphModel,
  settings: {
    steps: number
    batchSize?: number
    learningRate?: number
    negativesPerPositive?: number
    seed?: number
  },
): number[] {
  const { steps, batchSize = 64, learningRate = 0.01, negativesPerPositive = 1 } = settings
  const rng = Rng.fromSeed(settings.seed ?? 0)
  const batches = new BatchIterator(model.graph, {
    batchSize,
    negativesPerPositive,
    rng: rng.fork('sampling'),
  })
  const optimizer = new TestOptimizer(model, { type: 'adam', lr: learningRate })
  const losses: number[] = []
  for (let epoch = 0; losses.length < steps; epoch++) {
    model.beginEpoch(epoch, rng.fork('model'))
    for (const batch of batches.epoch(epoch)) {
      losses.push(optimizer.step(batch).total)
      if (losses.length === steps) break
    }
  }
  optimizer.dispose()
  return losses
}

/** The parameters' values by name. */
export async function weightValues(model: GraphModel): Promise<Record<string, Float32Array>> {
  const weights = await model.weights()
  return Object.fromEntries([...weights].map(([name, { data }]) => [name, data as Float32Array]))
}

/** Final embeddings, read. */
export function output(
  model: GraphModel,
  options?: { training?: boolean },
): { users: Float32Array; items: Float32Array } {
  return tf.tidy(() => {
    const { users, items } = model.forward(options)
    return {
      users: users.dataSync<'float32'>().slice(),
      items: items.dataSync<'float32'>().slice(),
    }
  })
}

/** The embeddings after each layer, read: users and items one after the other. */
export function layers(model: GraphModel): Float32Array[] {
  return tf.tidy(() =>
    model
      .layerOutputs()
      .map(({ users, items }) => tf.concat([users, items]).dataSync<'float32'>().slice()),
  )
}

/** Sets parameters from plain numbers. */
export function setWeights(
  model: GraphModel,
  values: Readonly<Record<string, ArrayLike<number>>>,
): void {
  const parameters = model.parameters()
  model.restoreWeights(
    new Map(
      Object.entries(values).map(([name, data]) => [
        name,
        { shape: (parameters[name] as Variable).shape, data: Float32Array.from(data) },
      ]),
    ),
  )
}

/** A batch from plain numbers. */
export const batchOf = (
  users: readonly number[],
  positives: readonly number[],
  negatives: readonly number[],
): Batch => ({
  users: Int32Array.from(users),
  positives: Int32Array.from(positives),
  negatives: Int32Array.from(negatives),
})

const numberIn = (scalar: Tensor): number => scalar.dataSync()[0] as number

function zeros(shape: number[]): Variable {
  return tf.tidy(() => tf.variable(tf.zeros(shape)))
}
