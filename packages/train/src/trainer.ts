import { DisposedError, parseOptions } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { ensureBackend } from '@gnnrec/ops'
import * as z from 'zod'
import { AlreadyFittedError } from './errors.js'
import { InMemoryTraining } from './in-memory/in-memory-training.js'
import { LogFile } from './log/log-file.js'
import { cleanUp } from './loop/clean-up.js'
import { interruptSignal } from './loop/interrupt-signal.js'
import { TrainingLoop } from './loop/training-loop.js'
import { checkMemory } from './memory/check-memory.js'
import type { Optimizer } from './optimizers/optimizer.js'
import { optimizerFrom } from './optimizers/optimizer-from.js'
import { checkGraph } from './options/check-graph.js'
import {
  resolveTrainerOptions,
  type TrainerOptions,
  type WatchSettings,
} from './options/trainer-options.js'
import { defaultTraining } from './options/training-loop-options.js'
import { createReporter } from './progress/create-reporter.js'
import { report, reportEnd, type TrainingEvent } from './record/training-events.js'
import type { TrainingHistory } from './record/training-history.js'

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
 * A trainer of a model in memory, on batches of (user, positive, negatives) of its graph.
 *
 * - Each step computes the loss with a new forward pass, so every gradient belongs to the present parameters.
 * - The event loop is free after every step; evaluation frees it about every 50 ms.
 * - The same seed gives the same weights to the byte, whatever the number of threads, and however often training
 *   was stopped and went on from a checkpoint.
 * - The memory of the optimizer is freed at the end.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { Trainer } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const graph = BipartiteGraph.fromInteractions(table)
 * const model = new LightGcn(graph, { embeddingDim: 8, layers: 1 })
 * const history = await new Trainer({ model, epochs: 5, progress: 'none' }).fit()
 * console.log(history.stopReason, history.epochs.at(-1)?.loss)
 * model.dispose()
 * ```
 */
export class Trainer {
  readonly #given: TrainerOptions
  readonly #watch: WatchSettings
  readonly #loop: TrainingLoop
  readonly #optimizer: Optimizer
  #isUsed = false

  /**
   * Checks the options; nothing is trained yet.
   *
   * @throws InvalidOptionsError when an option is misspelt or out of range, a warm-up is longer than
   * the training, the loss of the model needs another `sampling`, or `graphSampling` does not fit the model
   * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
   * @throws ShapeMismatchError when the model's graph is not the graph of `split.train`
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   * @throws SampledGraphUnsupportedError when `graphSampling` is set and the model needs the whole graph
   */
  constructor(options: TrainerOptions) {
    this.#given = options
    const { training, watch } = resolveTrainerOptions(options)
    const { model, split, optimizer } = options
    this.#watch = watch
    this.#loop = new TrainingLoop(training, { owner: 'Trainer' })
    if (split) checkGraph(model.graph, split)
    this.#optimizer = optimizerFrom(optimizer ?? defaultTraining.optimizer)
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
   * @throws ModelInTrainingError while another training of the model goes on
   * @throws DisposedError when the model is disposed of, before or during the training, or TensorFlow.js frees it
   * @throws CheckpointError when a checkpoint cannot be written or read, or the folder has some of an
   * earlier training and `resume` is not set
   * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
   * @throws CheckpointLockedError when another training uses the folder
   * @throws CallbackError when a method of the reporter of `progress` fails; its error is the cause
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
   * Trains as {@link fit}, event by event: training goes on when the next event is asked for, and ends as if by an
   * error when the loop over the events is left.
   *
   *     for await (const event of trainer.run()) {
   *       if (event.type === 'epoch') console.log(event.record.loss)
   *     }
   */
  run(options: FitOptions = {}): AsyncGenerator<TrainingEvent, void> {
    return this.#session('Trainer.run', options)
  }

  /** True when training waits for {@link unpause}. */
  get isPaused(): boolean {
    return this.#loop.isPaused
  }

  /** Makes training wait after the step at hand. */
  pause(): void {
    this.#loop.pause()
  }

  /** Lets training go on after {@link pause}. */
  unpause(): void {
    this.#loop.unpause()
  }

  /**
   * Sets the base learning rate, which the schedule scales, from the next step on. It is saved in
   * checkpoints.
   *
   * @throws InvalidOptionsError when it is not a finite number > 0
   */
  setLearningRate(learningRate: number): void {
    this.#loop.setLearningRate(learningRate)
  }

  /**
   * Writes a checkpoint after the step at hand, while paused too.
   *
   * @returns its path, once it is on the disk
   * @throws CheckpointError when it cannot be written, or training does not run with `checkpoint`
   */
  saveCheckpoint(): Promise<string> {
    return this.#loop.saveCheckpoint()
  }

  async *#session(owner: string, options: FitOptions): AsyncGenerator<TrainingEvent, void> {
    const { signal } = parseOptions(owner, fitSchema, options)
    if (this.#isUsed) {
      throw new AlreadyFittedError(
        'This Trainer has trained already; make a new one for the same model to go on with its weights.',
      )
    }
    this.#isUsed = true
    const { model, split } = this.#given
    const { progress, log: logPath, handleInterrupt } = this.#watch
    // Before the backend takes memory, too.
    checkMemory(this.#given)
    await ensureBackend()
    checkMemory(this.#given)
    model.parameters()
    const reporter = await createReporter(progress)
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const signals = [signal, interrupt?.signal].filter((each) => each !== undefined)
    let log: LogFile | undefined
    let history: TrainingHistory | null = null
    let hasFailed = false
    try {
      if (logPath !== undefined) log = await LogFile.open(logPath)
      const port = new InMemoryTraining(model, this.#optimizer, split?.hash)
      for await (const event of this.#loop.run(port, { signal: AbortSignal.any(signals) })) {
        await log?.write(event)
        if (event.type === 'end') {
          history = event.history
        } else {
          await report(reporter, event)
          yield event
        }
      }
    } catch (error) {
      hasFailed = true
      throw disposedError(model, error) ?? error
    } finally {
      const steps = [
        () => interrupt?.release(),
        () => log?.close(),
        () => this.#optimizer.dispose(),
        () => reportEnd(reporter, history),
      ]
      await cleanUp(steps).catch((error: unknown) => {
        // The error that ended training says more.
        if (!hasFailed) throw error
      })
    }
    // A consumer may stop here for good, so everything has been cleaned up by now.
    if (history) yield { type: 'end', history }
  }
}

/** Makes the error of a training whose model was freed meanwhile; undefined when it was not. */
function disposedError(model: GraphModel, cause: unknown): DisposedError | undefined {
  if (cause instanceof DisposedError) return undefined
  try {
    model.parameters()
    return undefined
  } catch (error) {
    if (!(error instanceof DisposedError)) return undefined
    return new DisposedError(error.message, { cause })
  }
}
