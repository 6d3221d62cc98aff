import { InvalidOptionsError, parseOptions, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { BatchSource } from './batches/batch-source.js'
import { batchesOf } from './batches/batches-of.js'
import type { ResolvedCheckpointSettings } from './checkpoints/checkpoint-options.js'
import { CheckpointWriter } from './checkpoints/checkpoint-writer.js'
import { type CheckpointSession, openCheckpoints } from './checkpoints/open-checkpoints.js'
import { AlreadyFittedError } from './errors.js'
import { LogFile } from './log/log-file.js'
import { EarlyStopping } from './loop/early-stopping.js'
import { interruptSignal } from './loop/interrupt-signal.js'
import { scheduledRate } from './loop/scheduled-rate.js'
import { TrainingControls } from './loop/training-controls.js'
import { stepsPerEpochOf, TrainingLoop } from './loop/training-loop.js'
import { checkMemory } from './memory/check-memory.js'
import type { Optimizer } from './optimizers/optimizer.js'
import { optimizerFrom } from './optimizers/optimizer-from.js'
import { weightDecayByParameter } from './optimizers/weight-decay.js'
import { checkGraph } from './options/check-graph.js'
import { checkSampling } from './options/check-sampling.js'
import {
  type ResolvedTrainerOptions,
  resolveTrainerOptions,
  type TrainerOptions,
} from './options/trainer-options.js'
import { createReporter } from './progress/create-reporter.js'
import { report, type TrainingEvent } from './record/training-events.js'
import type { TrainingHistory } from './record/training-history.js'
import { type MutableProgress, noProgress, restoredProgress } from './record/training-progress.js'

/** Options of {@link Trainer.fit} and {@link Trainer.run}. */
export interface FitOptions {
  /** Ends training after the step at hand, with the best weights so far. */
  signal?: AbortSignal
}

const fitSchema = z.strictObject({
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, {
      error: 'expected an AbortSignal',
    })
    .optional(),
})

/**
 * Trains a model on batches of (user, positive, negatives) of its graph.
 *
 *     const trainer = new Trainer({ model, split, ...LightGcn.presets.paper.training })
 *     const history = await trainer.fit()
 *
 * - Each step computes the loss with its forward pass anew, so every gradient is that of the
 *   parameters as they stand.
 * - The event loop is free after every step; evaluation frees it about every 50 ms.
 * - The same seed gives the same weights to the byte, whatever the number of threads, and however
 *   often training was stopped and went on from a checkpoint.
 * - What training needs besides the model (the optimiser's memory) is freed at the end.
 */
export class Trainer {
  readonly #given: TrainerOptions
  readonly #settings: ResolvedTrainerOptions
  readonly #batches: BatchSource
  readonly #stopping: EarlyStopping
  readonly #weightDecay: ReadonlyMap<string, number>
  readonly #optimizer: Optimizer
  readonly #controls = new TrainingControls()
  readonly #start: MutableProgress
  readonly #stepsPerEpoch: number
  #isUsed = false

  /**
   * @throws InvalidOptionsError when an option is misspelt or out of range, a warm-up is longer than
   * the training, the loss of the model needs another `sampling`, or `graphSampling` does not fit the model
   * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
   * @throws ShapeMismatchError when the model's graph is not the graph of `split.train`
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   * @throws SampledGraphUnsupportedError when `graphSampling` is set and the model needs the whole graph
   */
  constructor(options: TrainerOptions) {
    this.#given = options
    this.#settings = resolveTrainerOptions(options)
    const { model, split, epochs, schedule, earlyStopping, seed, optimizer, weightDecay } =
      this.#settings
    checkGraph(model, split)
    checkSampling(model, this.#settings.sampling)
    this.#weightDecay = weightDecayByParameter(model, weightDecay)
    this.#optimizer = optimizerFrom(optimizer)
    this.#stopping = new EarlyStopping({
      // A patience of all epochs stops nothing and still finds the best one.
      patience: earlyStopping?.patience ?? epochs,
      minimumChange: earlyStopping?.minimumChange ?? 0,
      warmupEpochs: schedule.warmupEpochs ?? 0,
      mode: this.#settings.monitor?.mode ?? 'max',
    })
    const { learningRate } = this.#settings
    const rng = Rng.fromSeed(seed)
    this.#batches = batchesOf(this.#settings, rng.fork('sampling'))
    this.#start = noProgress(rng.fork('model').state(), learningRate)
    this.#stepsPerEpoch = stepsPerEpochOf(this.#batches, this.#settings.accumulateSteps)
    const first = { epoch: 0, step: 0, epochs, stepsPerEpoch: this.#stepsPerEpoch }
    scheduledRate(this.#settings, learningRate, first, [])
  }

  /**
   * Trains the model in place; a trainer does this once. If no TensorFlow.js backend is active, it
   * starts `simd` with all processors.
   *
   * An abort by `signal` or Ctrl-C is not an error: the history says `'aborted'`. After it, and
   * after an error, the model has the best weights so far, or those of the last step if nothing was
   * evaluated.
   *
   * @throws NonFiniteError naming model, epoch and step when a loss or gradient is NaN or infinite
   * @throws DegenerateModelError when a guard of level `'stop'` finds that the model collapses or does
   * not learn
   * @throws AlreadyFittedError at the second call
   * @throws CheckpointError when a checkpoint cannot be written or read, or the folder has some of an
   * earlier training and `resume` is not set
   * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
   * @throws CheckpointLockedError when another training uses the folder
   * @throws TrainingLogError when the log cannot be written
   * @throws TrainingTooLargeError when it would take more than `maxMemory`
   * @throws InvalidOptionsError when `maxMemory` is set and another backend than `simd` is active
   */
  async fit(options: FitOptions = {}): Promise<TrainingHistory> {
    for await (const event of this.#session('Trainer.fit', options)) {
      if (event.type === 'end') return event.history
    }
    throw new Error('Training has no end.')
  }

  /**
   * As {@link fit}, event by event: training goes on when the next event is asked for, and ends as if
   * by an error when the loop over them is left.
   *
   *     for await (const event of trainer.run()) {
   *       if (event.type === 'epoch') console.log(event.record.loss)
   *     }
   */
  run(options: FitOptions = {}): AsyncGenerator<TrainingEvent, void> {
    return this.#session('Trainer.run', options)
  }

  /** Whether training waits for {@link unpause}. */
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
   * Sets the base learning rate, which the schedule scales, from the next step on. It is saved in
   * checkpoints.
   *
   * @throws InvalidOptionsError when it is not a finite number > 0
   */
  setLearningRate(learningRate: number): void {
    this.#controls.setBaseRate(learningRate)
  }

  /**
   * Writes a checkpoint after the step at hand, while paused too.
   *
   * @returns its path, once it is on the disk
   * @throws CheckpointError when it cannot be written, or training does not run with `checkpoint`
   */
  saveCheckpoint(): Promise<string> {
    return this.#controls.requestCheckpoint()
  }

  async *#session(owner: string, options: FitOptions): AsyncGenerator<TrainingEvent, void> {
    const { signal } = parseOptions(owner, fitSchema, options)
    if (this.#isUsed) {
      throw new AlreadyFittedError(
        'This Trainer has trained already; make a new one for the same model to go on with its weights.',
      )
    }
    this.#isUsed = true
    const settings = this.#settings
    const { model, split, handleInterrupt, progress: style } = settings
    if (!tf.getBackend()) await useBackend('simd')
    if (model.isDisposed) {
      throw new InvalidOptionsError(
        `model: got a ${model.architecture} that has been disposed; make a new one.`,
      )
    }
    checkMemory(this.#given)
    const reporter = await createReporter(style)
    const saved = await openCheckpoints(settings, this.#stepsPerEpoch)
    let log: LogFile | undefined
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const signals = [signal, interrupt?.signal].filter((each) => each !== undefined)
    let loop: TrainingLoop | undefined
    let history: TrainingHistory | null = null
    try {
      loop = this.#loop(saved, AbortSignal.any(signals))
      model.splitHash = split.hash
      if (settings.log !== undefined) log = await LogFile.open(settings.log)
      for (const message of saved?.warnings ?? []) {
        const warning = { type: 'warning', message } as const
        report(reporter, warning)
        await log?.write(warning)
        yield warning
      }
      const events = loop.events()
      for (;;) {
        const next = await events.next()
        if (next.done) {
          history = next.value
          break
        }
        report(reporter, next.value)
        await log?.write(next.value)
        yield next.value
      }
      await log?.write({ type: 'end', history })
    } finally {
      interrupt?.release()
      this.#controls.end()
      await loop?.settle()
      await this.#batches.close?.()
      await saved?.store?.close()
      await log?.close()
      this.#optimizer.dispose()
      if (loop?.bestWeights) model.restoreWeights(loop.bestWeights)
      reporter.end?.(history)
    }
    yield { type: 'end', history }
  }

  /** The loop, from where the checkpoint left off. */
  #loop(saved: CheckpointSession | undefined, signal: AbortSignal): TrainingLoop {
    const settings = this.#settings
    const { model, checkpoint } = settings
    const from = saved?.from
    const progress = from ? restoredProgress(from.progress) : this.#start
    if (from) {
      const { weights, optimizer: tensors } = from.tensors
      model.restoreWeights(weights)
      this.#optimizer.restore({ tensors, steps: from.optimizerSteps }, model.parameters())
      this.#stopping.restore(from.progress.best)
    }
    this.#controls.takesCheckpoints = saved?.store !== undefined
    const parts = {
      ...{ settings, progress, signal, batches: this.#batches, optimizer: this.#optimizer },
      ...{ weightDecay: this.#weightDecay, stopping: this.#stopping, controls: this.#controls },
      ...(saved?.store && {
        checkpoints: {
          identity: saved.identity,
          writer: new CheckpointWriter(
            saved.store,
            checkpoint as ResolvedCheckpointSettings,
            progress,
          ),
        },
      }),
    }
    return new TrainingLoop(parts, from?.tensors.best)
  }
}
