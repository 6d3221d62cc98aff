import { Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { BatchSource } from '../batches/batch-source.js'
import { type StepBatches, stepBatches } from '../batches/step-batches.js'
import type { CheckpointContent } from '../checkpoints/checkpoint-content.js'
import type { CheckpointWriter } from '../checkpoints/checkpoint-writer.js'
import { LoopCheckpoints } from '../checkpoints/loop-checkpoints.js'
import type { TrainingIdentity } from '../checkpoints/training-identity.js'
import type { Finding } from '../guards/finding.js'
import { guardedPort } from '../guards/guarded-port.js'
import { reportFindings } from '../guards/report-findings.js'
import { TrainingGuards } from '../guards/training-guards.js'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import { EpochMeans } from '../record/epoch-means.js'
import { trainedEpoch } from '../record/trained-epoch.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { EpochRecord, StopReason, TrainingHistory } from '../record/training-history.js'
import { type MutableProgress, savedProgress } from '../record/training-progress.js'
import { UndefinedMetrics } from '../record/undefined-metrics.js'
import { trainingStep } from '../step/training-step.js'
import type { EarlyStopping } from './early-stopping.js'
import { judgeEpoch } from './epoch-verdict.js'
import { monitoredValue, rankOf } from './monitor.js'
import { scheduledRate } from './scheduled-rate.js'
import { TrainingClock } from './training-clock.js'
import type { TrainingControls } from './training-controls.js'
import type { TrainingPort } from './training-port.js'
import { type JudgedValidation, validate } from './validation.js'

/** Parts of a `TrainingRun`. */
export interface TrainingParts {
  readonly port: TrainingPort
  readonly settings: ResolvedTraining
  readonly batches: BatchSource
  /** Optimizer steps of an epoch. */
  readonly stepsPerEpoch: number
  readonly weightDecay: ReadonlyMap<string, number>
  readonly stopping: EarlyStopping
  readonly controls: TrainingControls
  readonly signal: AbortSignal
  /** Progress of the training, which changes as the run goes on. */
  readonly progress: MutableProgress
  readonly checkpoints?: { readonly writer: CheckpointWriter; readonly identity: TrainingIdentity }
}

/** Epochs of steps and evaluations, from where the progress stands to the end. */
export class TrainingRun {
  readonly #parts: TrainingParts
  readonly #checkpoints: LoopCheckpoints | undefined
  readonly #guards: TrainingGuards
  readonly #rng: Rng
  readonly #clock: TrainingClock
  readonly #skippedBefore: number
  readonly #undefinedMetrics: UndefinedMetrics

  constructor(parts: TrainingParts) {
    const { port, progress, settings, signal, batches, controls, checkpoints } = parts
    this.#parts = parts
    if (checkpoints) {
      const { writer, identity } = checkpoints
      const copy = () => this.#copy(identity)
      this.#checkpoints = new LoopCheckpoints(writer, controls, progress, copy)
    }
    const guarded = { ...settings, model: guardedPort(settings.model, port, signal) }
    this.#guards = new TrainingGuards(guarded, progress.guards, signal)
    this.#rng = Rng.fromState(progress.modelRng)
    this.#clock = new TrainingClock(progress, () => this.#guards.seconds)
    this.#skippedBefore = progress.skippedDraws - batches.skippedDraws
    this.#undefinedMetrics = new UndefinedMetrics(settings.monitor?.name)
  }

  /** Trains, and returns the history at the end. */
  async *events(): AsyncGenerator<TrainingEvent, TrainingHistory> {
    const { port, progress, settings, stepsPerEpoch, signal } = this.#parts
    yield {
      type: 'start',
      model: settings.model.architecture,
      epochs: settings.epochs,
      stepsPerEpoch,
      monitor: settings.monitor?.name ?? null,
      ...(progress.totalSteps > 0 && {
        resumedAfter: { epochs: progress.epoch, totalSteps: progress.totalSteps },
      }),
    }
    const isReady = await this.#unlessAborted(() => this.#prepare())
    if (!isReady) return this.#history('aborted')
    if (!port.hasParameters) return yield* this.#untrained()
    if (progress.stopReason === null) {
      yield* reportFindings(await this.#guards.atStart(progress.epoch, progress.totalSteps))
    }
    while (progress.stopReason === null) {
      const record = yield* this.#trainEpoch()
      if (record === undefined) return yield* this.#aborted([])
      const judged = await this.#evaluate(record)
      if (judged === undefined) return yield* this.#aborted([record])
      const { complete, findings } = await this.#guard({ ...record, ...judged.result }, judged)
      await this.#endEpoch(complete)
      yield this.#epochEvent(complete)
      yield* this.#undefinedMetrics.warnings(complete)
      yield* reportFindings(findings)
      yield* this.#checkpoint(progress.stopReason !== null)
      if (signal.aborted && progress.stopReason === null) return yield* this.#aborted([])
    }
    if (this.#checkpoints) yield* this.#checkpoints.finish()
    return this.#history(progress.stopReason)
  }

  /** Waits for the write at hand, and ignores its failure: training has already ended. */
  async settle(): Promise<void> {
    await this.#checkpoints?.settle()
  }

  async #prepare(): Promise<true> {
    const { port, batches, signal } = this.#parts
    await port.prepare?.(signal)
    await batches.prepare?.({ signal })
    return true
  }

  /** Returns undefined when the work ended early because of the signal. */
  async #unlessAborted<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const { signal } = this.#parts
    try {
      return await work()
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined
      throw error
    }
  }

  /** Judges a model with nothing to train as it is: there are no epochs, and epoch 0 is the best. */
  async *#untrained(): AsyncGenerator<TrainingEvent, TrainingHistory> {
    const { signal } = this.#parts
    const judged = await this.#validate()
    if (judged) {
      const { degenerate } = judged
      yield* reportFindings(await this.#guards.untrained({ epoch: 0, totalSteps: 0, degenerate }))
    }
    return {
      ...this.#history(signal.aborted ? 'aborted' : 'nothing-to-train'),
      bestEpoch: judged ? 0 : null,
      bestValidation: judged?.result.validation ?? null,
    }
  }

  /** Returns the record of the epoch without its evaluation; undefined when training was aborted in it. */
  async *#trainEpoch(): AsyncGenerator<TrainingEvent, EpochRecord | undefined> {
    const { progress, settings, batches, controls, signal } = this.#parts
    const { epoch, means } = progress
    this.#clock.startEpoch()
    progress.modelRng = this.#rng.state()
    const findings = await this.#unlessAborted(() => this.#begin())
    if (findings === undefined) return undefined
    yield* reportFindings(findings)
    const startStep = progress.drawnBatches
    const size = settings.accumulateSteps
    for await (const group of stepBatches(batches, { epoch, startStep, size })) {
      while (controls.isPaused && !signal.aborted) {
        await controls.nextCommand(signal)
        yield* this.#checkpoint(false)
      }
      if (signal.aborted) return undefined
      // Drawing the first batch may have shuffled all pairs, which takes a while.
      if (progress.drawnBatches === startStep) await yieldToEventLoop()
      const isDone = await this.#unlessAborted(() => this.#step(group))
      if (!isDone) return undefined
      yield {
        type: 'step',
        epoch: epoch + 1,
        step: group.step + 1,
        loss: means.loss,
        learningRate: progress.lastRate,
      }
      yield* this.#checkpoint(false)
      await yieldToEventLoop()
    }
    progress.skippedDraws = this.#skippedBefore + batches.skippedDraws
    progress.drawnBatches = batches.stepsPerEpoch
    const { lastRate: learningRate } = progress
    const seconds = this.#clock.epochSeconds
    return trainedEpoch(means, settings, { epoch: epoch + 1, learningRate, seconds })
  }

  async #begin(): Promise<Finding[]> {
    const { port, progress, signal } = this.#parts
    const { epoch, seenBatches, drawnBatches } = progress
    const begin = () => port.beginEpoch(epoch, this.#rng, seenBatches, signal)
    if (drawnBatches === 0) return this.#guards.begin(epoch, begin)
    await begin()
    return []
  }

  async #step({ step, batches, drawnBatches, skippedDraws }: StepBatches): Promise<true> {
    const { port, progress, settings, stepsPerEpoch, controls, weightDecay, signal } = this.#parts
    progress.baseRate = controls.takeBaseRate() ?? progress.baseRate
    const learningRate = this.#rate(step)
    const stepSettings = {
      learningRate,
      weightDecay,
      step: progress.totalSteps + 1,
      clipNorm: settings.clipNorm,
      clipValue: settings.clipValue,
      architecture: settings.model.architecture,
      place: `epoch ${progress.epoch + 1}, step ${step + 1} of ${stepsPerEpoch}`,
      signal,
    }
    const result = await trainingStep(port, batches, stepSettings).finally(() => {
      for (const { sampled } of batches) sampled?.dispose()
    })
    progress.means.add(
      result,
      batches.reduce((sum, { users }) => sum + users.length, 0),
    )
    progress.lastRate = learningRate
    progress.drawnBatches = drawnBatches
    progress.seenBatches += batches.length
    progress.skippedDraws = this.#skippedBefore + skippedDraws
    progress.step++
    progress.totalSteps++
    progress.rank = null
    return true
  }

  /** Evaluates an epoch if that is due; returns undefined when training was aborted in it. */
  async #evaluate({ epoch }: EpochRecord): Promise<Partial<JudgedValidation> | undefined> {
    const { metrics, epochs, evaluateEvery } = this.#parts.settings
    if (metrics.length === 0 || (epoch % evaluateEvery !== 0 && epoch !== epochs)) return {}
    return this.#validate()
  }

  async #validate(): Promise<JudgedValidation | undefined> {
    const { port, settings, signal } = this.#parts
    const { model, split, metrics: names, ownMetrics } = settings
    if (!split || names.length === 0) return undefined
    const metrics = names.map((name) => ownMetrics.get(name) ?? name)
    return validate(port, { split, graph: model.graph, metrics, signal })
  }

  async #guard(record: EpochRecord, { degenerate }: Partial<JudgedValidation>) {
    const { totalSteps, records } = this.#parts.progress
    const { epoch } = record
    const at = { epoch, totalSteps, records: [...records, record], degenerate }
    const findings = await this.#guards.afterEpoch(at)
    return { complete: { ...record, guardSeconds: this.#clock.epochGuardSeconds }, findings }
  }

  async #endEpoch(record: EpochRecord): Promise<void> {
    const { port, progress, settings, stopping } = this.#parts
    const { monitor } = settings
    const { epoch } = record
    progress.records.push(record)
    progress.epoch = epoch
    progress.drawnBatches = 0
    progress.seenBatches = 0
    progress.step = 0
    progress.epochSeconds = 0
    progress.means = new EpochMeans()
    progress.modelRng = this.#rng.state()
    this.#clock.endEpoch()
    const value = monitoredValue(record, monitor)
    const { improved, stopReason } = judgeEpoch(stopping, settings, epoch, value)
    if (improved) await port.keepBest()
    if (value !== undefined) progress.evaluations.push({ epoch, value })
    progress.best = stopping.best
    progress.rank = rankOf(value, monitor)
    progress.stopReason = stopReason
  }

  async *#aborted(
    unjudged: readonly EpochRecord[],
  ): AsyncGenerator<TrainingEvent, TrainingHistory> {
    for (const record of unjudged) yield this.#epochEvent(record)
    yield* this.#checkpoint(true)
    if (this.#checkpoints) yield* this.#checkpoints.finish()
    return this.#history('aborted', unjudged)
  }

  async *#checkpoint(isLast: boolean): AsyncGenerator<TrainingEvent, void> {
    if (this.#checkpoints) yield* this.#checkpoints.take(isLast)
  }

  async #copy(identity: TrainingIdentity): Promise<CheckpointContent> {
    const { port, progress } = this.#parts
    progress.seconds = this.#clock.seconds
    progress.epochSeconds = progress.step > 0 ? this.#clock.epochSeconds : 0
    const { optimizerSteps, tensors, files } = await port.saveState()
    return {
      identity,
      progress: savedProgress(progress),
      optimizerSteps,
      tensors,
      ...(files && { files }),
    }
  }

  #epochEvent(record: EpochRecord): TrainingEvent {
    const { progress, settings } = this.#parts
    const secondsLeft = this.#clock.secondsLeft(record.epoch, settings.epochs)
    return { type: 'epoch', record, best: progress.best, secondsLeft }
  }

  #history(stopReason: StopReason, unjudged: readonly EpochRecord[] = []): TrainingHistory {
    const { progress } = this.#parts
    const epochs = [...progress.records, ...unjudged]
    const bestEpoch = progress.best?.epoch ?? null
    return {
      epochs,
      bestEpoch,
      bestValidation: epochs.find(({ epoch }) => epoch === bestEpoch)?.validation ?? null,
      stopReason,
      findings: progress.guards.findings,
      seconds: this.#clock.seconds,
      skippedDraws: progress.skippedDraws,
    }
  }

  #rate(step: number): number {
    const { progress, settings, stepsPerEpoch } = this.#parts
    const { epoch, baseRate, evaluations } = progress
    const position = { epoch, step, epochs: settings.epochs, stepsPerEpoch }
    return scheduledRate(settings, baseRate, position, evaluations)
  }
}
