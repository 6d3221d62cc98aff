import { evaluate } from '@gnnrec/eval'
import {
  BatchIterator,
  InvalidInteractionsError,
  InvalidOptionsError,
  parseOptions,
  Rng,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import type { HostTensor } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { checkGraph } from './check-graph.js'
import { checkSampling } from './check-sampling.js'
import { EarlyStopping } from './early-stopping.js'
import { EpochMeans } from './epoch-means.js'
import { AlreadyFittedError, DegenerateModelError } from './errors.js'
import { interruptSignal } from './interrupt-signal.js'
import type { Optimizer } from './optimizers/optimizer.js'
import { optimizerFrom } from './optimizers/optimizer-from.js'
import { weightDecayByParameter } from './optimizers/weight-decay.js'
import { createReporter } from './progress/create-reporter.js'
import type { ProgressReporter } from './progress/progress-reporter.js'
import {
  type ResolvedTrainerOptions,
  resolveTrainerOptions,
  type TrainerOptions,
} from './trainer-options.js'
import type { EpochRecord, StopReason, TrainingHistory } from './training-history.js'
import { trainingStep } from './training-step.js'

/** Options of {@link Trainer.fit}. */
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

/** What one training needs as it goes. */
interface Run {
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
  readonly epochs: EpochRecord[]
  bestWeights: ReadonlyMap<string, HostTensor> | undefined
}

/**
 * Trains a model on batches of (user, positive, negatives) of its graph.
 *
 *     const trainer = new Trainer({ model, split, ...presets.lightGcn.paper.training })
 *     const history = await trainer.fit()
 *
 * - Each step computes the loss with its forward pass anew, so every gradient is that of the
 *   parameters as they stand.
 * - The event loop is free after every step; evaluation frees it about every 50 ms.
 * - The same seed gives the same weights to the byte, whatever the number of threads.
 * - What training needs besides the model (the optimiser's memory) is freed at the end.
 */
export class Trainer {
  readonly #settings: ResolvedTrainerOptions
  readonly #batches: BatchIterator
  readonly #modelRng: Rng
  readonly #stopping: EarlyStopping
  readonly #weightDecay: ReadonlyMap<string, number>
  readonly #optimizer: Optimizer
  #isUsed = false

  /**
   * @throws InvalidOptionsError when an option is misspelt or out of range, a warm-up is longer than
   * the training, or the loss of the model needs another `sampling`
   * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
   * @throws ShapeMismatchError when the model's graph is not the graph of `split.train`
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   */
  constructor(options: TrainerOptions) {
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
    })
    const { batchSize, sampling, negativesPerPositive, negatives } = this.#settings
    const rng = Rng.fromSeed(seed)
    this.#modelRng = rng.fork('model')
    this.#batches = new BatchIterator(model.graph, {
      ...{ batchSize, strategy: sampling, negativesPerPositive, negatives },
      rng: rng.fork('sampling'),
    })
    this.#rate(0, 0)
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
   * @throws DegenerateModelError when an evaluation finds that item order, not the model, ranks
   * @throws AlreadyFittedError at the second call
   */
  async fit(options: FitOptions = {}): Promise<TrainingHistory> {
    const { signal } = parseOptions('Trainer.fit', fitSchema, options)
    if (this.#isUsed) {
      throw new AlreadyFittedError(
        'This Trainer has trained already; make a new one for the same model to go on with its weights.',
      )
    }
    this.#isUsed = true
    const { model, split, handleInterrupt, progress } = this.#settings
    if (!tf.getBackend()) await useBackend('simd')
    if (model.isDisposed) {
      throw new InvalidOptionsError(
        `model: got a ${model.architecture} that has been disposed; make a new one.`,
      )
    }
    model.splitHash = split.hash
    const reporter = await createReporter(progress)
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const signals = [signal, interrupt?.signal].filter((each) => each !== undefined)
    const run: Run = {
      reporter,
      signal: AbortSignal.any(signals),
      epochs: [],
      bestWeights: undefined,
    }
    let history: TrainingHistory | null = null
    try {
      history = await this.#train(run)
    } finally {
      interrupt?.release()
      this.#optimizer.dispose()
      if (run.bestWeights) model.restoreWeights(run.bestWeights)
      reporter.end?.(history)
    }
    return history
  }

  async #train(run: Run): Promise<TrainingHistory> {
    const { model, epochs, metrics, evaluateEvery } = this.#settings
    const { reporter } = run
    const { stepsPerEpoch } = this.#batches
    const monitor = metrics[0] ?? null
    const started = performance.now()
    reporter.start?.({ model: model.architecture, epochs, stepsPerEpoch, monitor })
    let stopReason: StopReason = 'completed'
    if (!(await this.#prepare(run))) stopReason = 'aborted'
    else if (Object.keys(model.parameters()).length === 0) return this.#untrained(run, started)
    for (let epoch = 0; epoch < epochs && stopReason === 'completed'; epoch++) {
      const trained = await this.#trainEpoch(run, epoch)
      if (trained === undefined) {
        stopReason = 'aborted'
        break
      }
      const number = epoch + 1
      let record = trained
      if (monitor !== null && (number % evaluateEvery === 0 || number === epochs)) {
        const evaluated = await this.#validate(run, number)
        record = { ...trained, ...evaluated }
        if (evaluated === undefined) {
          stopReason = 'aborted'
        } else {
          const verdict = this.#stopping.update(number, evaluated.validation[monitor])
          if (verdict.improved) run.bestWeights = await model.weights()
          if (verdict.stop && number < epochs) stopReason = 'early-stopping'
        }
      }
      run.epochs.push(record)
      const secondsLeft = (secondsSince(started) / number) * (epochs - number)
      reporter.epoch?.({ record, best: this.#stopping.best, secondsLeft })
    }
    const bestEpoch = this.#stopping.best?.epoch ?? null
    return {
      epochs: run.epochs,
      bestEpoch,
      bestValidation: run.epochs.find(({ epoch }) => epoch === bestEpoch)?.validation ?? null,
      stopReason,
      seconds: secondsSince(started),
      skippedDraws: this.#batches.skippedDraws,
    }
  }

  /** Whether the model is ready; false when training was aborted meanwhile. */
  async #prepare({ signal }: Run): Promise<boolean> {
    try {
      await this.#settings.model.prepare({ signal })
      return true
    } catch (error) {
      if (signal.aborted && error === signal.reason) return false
      throw error
    }
  }

  /** A model with nothing to train is judged as it is: no epochs, epoch 0 the best. */
  async #untrained(run: Run, started: number): Promise<TrainingHistory> {
    const evaluated = this.#settings.metrics.length > 0 ? await this.#validate(run, 0) : undefined
    return {
      epochs: [],
      bestEpoch: evaluated ? 0 : null,
      bestValidation: evaluated?.validation ?? null,
      stopReason: run.signal.aborted ? 'aborted' : 'nothing-to-train',
      seconds: secondsSince(started),
      skippedDraws: 0,
    }
  }

  /** Undefined when training was aborted before the end of the epoch. */
  async #trainEpoch(run: Run, epoch: number): Promise<EpochRecord | undefined> {
    const { model, clipNorm } = this.#settings
    const { reporter, signal } = run
    const started = performance.now()
    const means = new EpochMeans()
    const number = epoch + 1
    let learningRate = 0
    model.beginEpoch(epoch, this.#modelRng)
    for (const batch of this.#batches.epoch(epoch)) {
      if (signal.aborted) return undefined
      const step = batch.step + 1
      learningRate = this.#rate(epoch, batch.step)
      const place = `epoch ${number}, step ${step} of ${this.#batches.stepsPerEpoch}`
      const settings = {
        optimizer: this.#optimizer,
        learningRate,
        weightDecay: this.#weightDecay,
        clipNorm,
        place,
      }
      means.add(await trainingStep(model, batch, settings), batch.users.length)
      reporter.step?.({ epoch: number, step, loss: means.loss, learningRate })
      await yieldToEventLoop()
    }
    if (means.steps === 0) {
      throw new InvalidInteractionsError(
        `All draws of epoch ${number} fell on users without train items or negatives; use sampling: 'interaction-shuffle', which draws pairs, or filter such users.`,
      )
    }
    return {
      epoch: number,
      learningRate,
      loss: means.loss,
      lossTerms: means.lossTerms,
      ...(clipNorm !== undefined && { gradientNorm: means.gradientNorm }),
      steps: means.steps,
      seconds: secondsSince(started),
      evaluationSeconds: 0,
    }
  }

  /** Undefined when training was aborted meanwhile. */
  async #validate(
    { signal }: Run,
    epoch: number,
  ): Promise<Required<Pick<EpochRecord, 'validation' | 'evaluationSeconds'>> | undefined> {
    const { model, split, metrics } = this.#settings
    const started = performance.now()
    const ranker = await model.toRecommender()
    try {
      const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
      if (report.flags.includes('degenerate')) {
        const share = (100 * report.degenerateShare).toFixed(0)
        throw new DegenerateModelError(
          `${model.architecture} gives equal scores to so many items after epoch ${epoch} that their order decides ${share} % of the lists. Its embeddings have collapsed: lower l2Weight or the learning rate, or check the model's forward pass.`,
        )
      }
      return { validation: report.metrics, evaluationSeconds: secondsSince(started) }
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined
      throw error
    } finally {
      ranker.dispose()
    }
  }

  #rate(epoch: number, step: number): number {
    const { schedule, learningRate, epochs } = this.#settings
    const { stepsPerEpoch } = this.#batches
    const factor = schedule({ epoch, step, epochs, stepsPerEpoch })
    if (Number.isFinite(factor) && factor >= 0) return factor * learningRate
    throw new InvalidOptionsError(
      `schedule: got ${factor} for epoch ${epoch}, step ${step} of ${epochs} × ${stepsPerEpoch}; expected a share of the base rate, finite and >= 0.`,
    )
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
