import { Rng } from '@gnnrec/graph'
import type { BatchSource } from '../batches/batch-source.js'
import { batchesOf } from '../batches/batches-of.js'
import { CheckpointWriter } from '../checkpoints/checkpoint-writer.js'
import { type CheckpointSession, openCheckpoints } from '../checkpoints/open-checkpoints.js'
import { AlreadyFittedError } from '../errors.js'
import { probeSize } from '../guards/probe-batch.js'
import { weightDecayByParameter } from '../optimizers/weight-decay.js'
import {
  type ResolvedTraining,
  resolveTrainingLoopOptions,
  type TrainingLoopOptions,
} from '../options/training-loop-options.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { TrainingHistory } from '../record/training-history.js'
import { noProgress, restoredProgress } from '../record/training-progress.js'
import { claimModel } from './claim-model.js'
import { cleanUp } from './clean-up.js'
import type { EarlyStopping } from './early-stopping.js'
import { earlyStoppingOf } from './epoch-verdict.js'
import { scheduledRate } from './scheduled-rate.js'
import { TrainingControls } from './training-controls.js'
import type { TrainingPort } from './training-port.js'
import { type TrainingParts, TrainingRun } from './training-run.js'

/** Settings of a {@link TrainingLoop} that its users do not see. */
export interface TrainingLoopSettings {
  /** Name of the class that error messages speak of. @defaultValue 'TrainingLoop' */
  readonly owner?: string
  /**
   * True to draw batches by kernels, to the same bytes but faster. Kernel memory then holds 4 bytes for each edge and
   * about a megabyte more. @defaultValue true
   */
  readonly drawsByKernels?: boolean
}

/**
 * The training algorithm without the parameters: it draws batches, follows the schedule, clips, evaluates, stops
 * early, keeps the best epoch, writes checkpoints and runs the guards. A {@link TrainingPort} does the
 * arithmetic. `Trainer` is this loop with a port for models in memory.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import { Sgd, TensorGradients, TrainingLoop, type TrainingPort } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const graph = BipartiteGraph.fromInteractions(table)
 * const model = new LightGcn(graph, { embeddingDim: 8, layers: 1 })
 * const optimizer = new Sgd()
 * // A port that computes and steps in memory, and keeps nothing.
 * const port: TrainingPort = {
 *   hasParameters: true,
 *   beginEpoch: (epoch, rng, startStep) => model.beginEpoch(epoch, rng, { startStep }),
 *   async computeGradients(batch) {
 *     const parameters = model.parameters()
 *     const { value, grads } = tf.variableGrads(() => model.loss(batch), Object.values(parameters))
 *     const loss = (await value.data())[0] as number
 *     value.dispose()
 *     const named = Object.entries(parameters).map(([name, { name: id }]) => [name, grads[id]])
 *     return { loss, lossTerms: {}, gradients: new TensorGradients(Object.fromEntries(named)) }
 *   },
 *   applyGradients(gradients, settings) {
 *     if (gradients instanceof TensorGradients) {
 *       optimizer.step(model.parameters(), gradients.tensors, settings)
 *     }
 *   },
 *   async ranker() {
 *     const ranker = await model.toRecommender()
 *     return { ranker, release: () => ranker.dispose() }
 *   },
 *   keepBest: async () => {},
 *   restoreBest: () => {},
 *   saveState: async () => ({
 *     optimizerSteps: {},
 *     tensors: { weights: await model.weights(), optimizer: new Map() },
 *   }),
 *   restoreState: async ({ tensors }) => model.restoreWeights(tensors.weights),
 *   sampleParameters: async () => [],
 *   async *sampleLayers() {},
 * }
 * const loop = new TrainingLoop({ model, epochs: 3, guards: false })
 * for await (const event of loop.run(port)) {
 *   if (event.type === 'epoch') console.log(event.record.epoch, event.record.loss)
 * }
 * optimizer.dispose()
 * model.dispose()
 * ```
 */
export class TrainingLoop {
  /** Samples of the largest batch that the port will see, from training or from guards. */
  readonly largestBatch: number
  readonly #settings: ResolvedTraining
  readonly #batches: BatchSource
  readonly #stepsPerEpoch: number
  readonly #weightDecay: ReadonlyMap<string, number>
  readonly #stopping: EarlyStopping
  readonly #controls = new TrainingControls()
  #isUsed = false

  /**
   * Checks the options; nothing is trained yet.
   *
   * @throws InvalidOptionsError when an option is misspelt or out of range, a warm-up is longer than the
   * training, the loss of the model needs another `sampling`, or `graphSampling` does not fit the model
   * @throws EmptySplitError when an evaluation is asked for and there are no rows for validation
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   * @throws SampledGraphUnsupportedError when `graphSampling` is set and the model needs the whole graph
   */
  constructor(
    options: TrainingLoopOptions,
    { owner = 'TrainingLoop', drawsByKernels = true }: TrainingLoopSettings = {},
  ) {
    const settings = resolveTrainingLoopOptions(owner, options)
    const { model, epochs, batchSize, guards } = settings
    this.#settings = settings
    this.#weightDecay = weightDecayByParameter(model, settings.weightDecay)
    this.#stopping = earlyStoppingOf(settings)
    const rng = Rng.fromSeed(settings.seed).fork('sampling')
    this.#batches = batchesOf(settings, rng, drawsByKernels)
    this.#stepsPerEpoch = Math.ceil(this.#batches.stepsPerEpoch / settings.accumulateSteps)
    const hasGuards = Object.values(guards.levels).some((level) => level !== 'off')
    this.largestBatch = Math.max(
      Math.min(batchSize, model.graph.edgeCount),
      hasGuards ? probeSize : 1,
    )
    const first = { epoch: 0, step: 0, epochs, stepsPerEpoch: this.#stepsPerEpoch }
    scheduledRate(settings, settings.learningRate, first, [])
  }

  /**
   * Trains, event by event: the loop goes on when the next event is asked for, and ends as if by an error when
   * the consumer leaves. A loop trains once. Afterwards the port has the best weights so far, or the last if
   * nothing was evaluated.
   *
   * An abort by `signal` is not an error: the history says `'aborted'`.
   *
   * @throws NonFiniteError naming model, epoch and step when a loss or gradient is NaN or infinite
   * @throws DegenerateModelError when a guard of level `'stop'` finds that the model collapses or does not learn
   * @throws AlreadyFittedError at the second call
   * @throws ModelInTrainingError while another training of the model goes on
   * @throws CheckpointError when a checkpoint cannot be written or read, or the folder has some of an earlier
   * training and `resume` is not set
   * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
   * @throws CheckpointLockedError when another training uses the folder
   */
  async *run(
    port: TrainingPort,
    { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TrainingEvent, void> {
    if (this.#isUsed) {
      throw new AlreadyFittedError(
        'This training has run already; make a new one to train further.',
      )
    }
    this.#isUsed = true
    const giveBack = claimModel(this.#settings.model)
    let saved: CheckpointSession | undefined
    let run: TrainingRun | undefined
    let history: TrainingHistory | undefined
    let hasFailed = false
    try {
      saved = await openCheckpoints(this.#settings, this.#stepsPerEpoch, port)
      for (const message of saved?.warnings ?? []) yield { type: 'warning', message }
      run = new TrainingRun(this.#parts(port, saved, signal))
      history = yield* run.events()
      await port.restoreBest()
    } catch (error) {
      hasFailed = true
      throw error
    } finally {
      const steps = [
        () => this.#controls.end(),
        () => run?.settle(),
        () => this.#batches.close?.(),
        () => saved?.store?.close(),
        () => (history ? undefined : restoreBestIfPossible(port)),
        giveBack,
      ]
      await cleanUp(steps).catch((error: unknown) => {
        // The error that ended training says more.
        if (!hasFailed) throw error
      })
    }
    yield { type: 'end', history }
  }

  /** True when training waits for {@link unpause}. */
  get isPaused(): boolean {
    return this.#controls.isPaused
  }

  /** Makes training wait after the step at hand. */
  pause(): void {
    this.#controls.pause()
  }

  /** Lets training go on after {@link pause}. */
  unpause(): void {
    this.#controls.unpause()
  }

  /**
   * Sets the base learning rate, which the schedule scales, from the next step on. It is saved in checkpoints.
   *
   * @throws InvalidOptionsError when it is not a finite number > 0
   */
  setLearningRate(learningRate: number): void {
    this.#controls.setBaseRate(learningRate)
  }

  /**
   * Writes a checkpoint after the step at hand, while paused too.
   *
   * @returns the path of the checkpoint, once it is on the disk
   * @throws CheckpointError when it cannot be written, or training does not run with `checkpoint`
   */
  saveCheckpoint(): Promise<string> {
    return this.#controls.requestCheckpoint()
  }

  #parts(
    port: TrainingPort,
    saved: CheckpointSession | undefined,
    signal: AbortSignal,
  ): TrainingParts {
    const { seed, learningRate, checkpoint } = this.#settings
    const progress = saved?.from
      ? restoredProgress(saved.from)
      : noProgress(Rng.fromSeed(seed).fork('model').state(), learningRate)
    this.#stopping.restore(progress.best)
    this.#controls.takesCheckpoints = saved?.store !== undefined
    return {
      port,
      settings: this.#settings,
      batches: this.#batches,
      stepsPerEpoch: this.#stepsPerEpoch,
      weightDecay: this.#weightDecay,
      stopping: this.#stopping,
      controls: this.#controls,
      signal,
      progress,
      ...(saved?.store &&
        checkpoint && {
          checkpoints: {
            identity: saved.identity,
            writer: new CheckpointWriter(saved.store, checkpoint, progress),
          },
        }),
    }
  }
}

/** Sets the best weights after an error, which must not be hidden by another one. */
async function restoreBestIfPossible(port: TrainingPort): Promise<void> {
  try {
    await port.restoreBest()
  } catch {
    // The error that ended training says more.
  }
}
