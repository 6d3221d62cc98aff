import { Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { BatchSource } from '../batches/batch-source.js'
import { type StepBatches, stepBatches } from '../batches/step-batches.js'
import type { CheckpointContent } from '../checkpoints/checkpoint-content.js'
import type { CheckpointWriter } from '../checkpoints/checkpoint-writer.js'
import { LoopCheckpoints } from '../checkpoints/loop-checkpoints.js'
import type { TrainingIdentity } from '../checkpoints/training-identity.js'
import type { Finding } from '../guards/finding.js'
import { guardedGraphModel } from '../guards/guarded-graph-model.js'
import { reportFindings } from '../guards/report-findings.js'
import { TrainingGuards } from '../guards/training-guards.js'
import type { Optimizer } from '../optimizers/optimizer.js'
import type { ResolvedTrainerOptions } from '../options/trainer-options.js'
import { EpochMeans } from '../record/epoch-means.js'
import { trainedEpoch } from '../record/trained-epoch.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { EpochRecord, StopReason, TrainingHistory } from '../record/training-history.js'
import { type MutableProgress, savedProgress } from '../record/training-progress.js'
import { trainingStep } from '../step/training-step.js'
import type { EarlyStopping } from './early-stopping.js'
import { LOSS } from './monitor.js'
import { scheduledRate } from './scheduled-rate.js'
import { TrainingClock } from './training-clock.js'
import type { TrainingControls } from './training-controls.js'
import { type JudgedValidation, validate } from './validation.js'

/** What a training is made of. */
export interface TrainingParts {
  readonly settings: ResolvedTrainerOptions
  readonly batches: BatchSource
  readonly optimizer: Optimizer
  readonly weightDecay: ReadonlyMap<string, number>
  readonly stopping: EarlyStopping
  readonly controls: TrainingControls
  readonly signal: AbortSignal
  /** Changes as training goes on. */
  readonly progress: MutableProgress
  readonly checkpoints?: { readonly writer: CheckpointWriter; readonly identity: TrainingIdentity }
}

/** Optimiser steps of an epoch. */
export function stepsPerEpochOf(batches: BatchSource, accumulateSteps: number): number {
  return Math.ceil(batches.stepsPerEpoch / accumulateSteps)
}

/** Epochs of steps and evaluations, from wherever the progress stands to the end. */
export class TrainingLoop {
  /** Weights of the best epoch so far. */
  bestWeights: ReadonlyMap<string, HostTensor> | undefined
  readonly #parts: TrainingParts
  readonly #checkpoints: LoopCheckpoints | undefined
  readonly #guards: TrainingGuards
  readonly #stepsPerEpoch: number
  readonly #rng: Rng
  readonly #clock: TrainingClock
  readonly #skippedBefore: number

  constructor(parts: TrainingParts, bestWeights?: ReadonlyMap<string, HostTensor>) {
    const { progress, settings, batches, controls, checkpoints } = parts
    this.bestWeights = bestWeights
    if (checkpoints) {
      const { writer, identity } = checkpoints
      const copy = () => this.#copy(identity)
      this.#checkpoints = new LoopCheckpoints(writer, controls, progress, copy)
    }
    this.#parts = parts
    const guarded = { ...settings, model: guardedGraphModel(settings.model) }
    this.#guards = new TrainingGuards(guarded, progress.guards, parts.signal)
    this.#stepsPerEpoch = stepsPerEpochOf(batches, settings.accumulateSteps)
    this.#rng = Rng.fromState(progress.modelRng)
    this.#clock = new TrainingClock(progress, () => this.#guards.seconds)
    this.#skippedBefore = progress.skippedDraws - batches.skippedDraws
  }

  /** Trains; what it returns at the end is the history. */
  async *events(): AsyncGenerator<TrainingEvent, TrainingHistory> {
    const { progress, settings, signal } = this.#parts
    const { model, epochs, monitor } = settings
    const stepsPerEpoch = this.#stepsPerEpoch
    yield {
      ...{ type: 'start', model: model.architecture, epochs, stepsPerEpoch },
      monitor: monitor?.name ?? null,
      ...(progress.totalSteps > 0 && {
        resumedAfter: { epochs: progress.epoch, totalSteps: progress.totalSteps },
      }),
    }
    if (!(await this.#prepare())) return this.#history('aborted')
    if (Object.keys(model.parameters()).length === 0) return yield* this.#untrained()
    yield* reportFindings(await this.#guards.atStart(progress.epoch, progress.totalSteps))
    while (progress.stopReason === null) {
      const record = yield* this.#trainEpoch()
      if (record === undefined) return yield* this.#aborted([])
      const judged = await this.#evaluate(record)
      if (judged === undefined) return yield* this.#aborted([record])
      const { complete, findings } = await this.#guard({ ...record, ...judged.result }, judged)
      await this.#endEpoch(complete)
      yield this.#epochEvent(complete)
      yield* reportFindings(findings)
      yield* this.#checkpoint(progress.stopReason !== null)
      if (signal.aborted && progress.stopReason === null) return yield* this.#aborted([])
    }
    if (this.#checkpoints) yield* this.#checkpoints.finish()
    return this.#history(progress.stopReason)
  }

  /** Waits for what is being written; its failure is nobody's any more. */
  async settle(): Promise<void> {
    await this.#checkpoints?.settle()
  }

  /** Whether the model is ready; false when training was aborted meanwhile. */
  async #prepare(): Promise<boolean> {
    const { settings, batches, signal } = this.#parts
    try {
      await settings.model.prepare({ signal })
      await batches.prepare?.({ signal })
      return true
    } catch (error) {
      if (signal.aborted && error === signal.reason) return false
      throw error
    }
  }

  /** A model with nothing to train is judged as it is: no epochs, epoch 0 the best. */
  async *#untrained(): AsyncGenerator<TrainingEvent, TrainingHistory> {
    const { settings, signal } = this.#parts
    const { model, split, metrics } = settings
    const judged = metrics.length > 0 ? await validate(model, split, metrics, signal) : undefined
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

  /** The record of the epoch without its evaluation; undefined when training was aborted in it. */
  async *#trainEpoch(): AsyncGenerator<TrainingEvent, EpochRecord | undefined> {
    const { progress, settings, batches, controls, signal } = this.#parts
    const { epoch, means } = progress
    this.#clock.startEpoch()
    progress.modelRng = this.#rng.state()
    yield* reportFindings(await this.#begin())
    const startStep = progress.drawnBatches
    for await (const group of stepBatches(batches, {
      epoch,
      startStep,
      size: settings.accumulateSteps,
    })) {
      while (controls.isPaused && !signal.aborted) {
        await controls.nextCommand(signal)
        yield* this.#checkpoint(false)
      }
      if (signal.aborted) return undefined
      // Drawing the first batch may have shuffled all pairs.
      if (progress.drawnBatches === startStep) await yieldToEventLoop()
      await this.#step(group)
      const { loss } = means
      yield {
        ...{ type: 'step', epoch: epoch + 1, step: group.step + 1, loss },
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
    const { progress, settings } = this.#parts
    const { epoch, seenBatches, drawnBatches } = progress
    const begin = () => settings.model.beginEpoch(epoch, this.#rng, { startStep: seenBatches })
    if (drawnBatches === 0) return this.#guards.begin(epoch, begin)
    begin()
    return []
  }

  async #step({ step, batches, drawnBatches, skippedDraws }: StepBatches): Promise<void> {
    const { progress, settings, controls, optimizer, weightDecay } = this.#parts
    const { model, clipNorm, clipValue } = settings
    progress.baseRate = controls.takeBaseRate() ?? progress.baseRate
    const learningRate = this.#rate(step)
    const place = `epoch ${progress.epoch + 1}, step ${step + 1} of ${this.#stepsPerEpoch}`
    const stepSettings = { optimizer, learningRate, weightDecay, clipNorm, clipValue, place }
    const result = await trainingStep(model, batches, stepSettings).finally(() => {
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
  }

  /** The evaluation of an epoch, where one is due; undefined when training was aborted in it. */
  async #evaluate({ epoch }: EpochRecord): Promise<Partial<JudgedValidation> | undefined> {
    const { settings, signal } = this.#parts
    const { model, split, metrics, epochs, evaluateEvery } = settings
    if (metrics.length === 0 || (epoch % evaluateEvery !== 0 && epoch !== epochs)) return {}
    return validate(model, split, metrics, signal)
  }

  async #guard(record: EpochRecord, { degenerate }: Partial<JudgedValidation>) {
    const { totalSteps, records } = this.#parts.progress
    const { epoch } = record
    const at = { epoch, totalSteps, records: [...records, record], degenerate }
    const findings = await this.#guards.afterEpoch(at)
    return { complete: { ...record, guardSeconds: this.#clock.epochGuardSeconds }, findings }
  }

  async #endEpoch(record: EpochRecord): Promise<void> {
    const { progress, settings, stopping } = this.#parts
    const { model, monitor, epochs, earlyStopping } = settings
    const { epoch } = record
    progress.records.push(record)
    Object.assign(progress, { epoch, drawnBatches: 0, seenBatches: 0, step: 0, epochSeconds: 0 })
    progress.means = new EpochMeans()
    progress.modelRng = this.#rng.state()
    this.#clock.endEpoch()
    const value = monitor?.name === LOSS ? record.loss : record.validation?.[monitor?.name ?? '']
    let isAtEnd = false
    if (monitor && value !== undefined) {
      progress.evaluations.push({ epoch, value })
      const { improved, stop } = stopping.update(epoch, value)
      if (improved) this.bestWeights = await model.weights()
      progress.best = stopping.best
      progress.rank = monitor.mode === 'max' ? value : -value
      isAtEnd = stop && earlyStopping !== undefined
    }
    if (epoch === epochs) progress.stopReason = 'completed'
    else if (isAtEnd) progress.stopReason = 'early-stopping'
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
    const { progress, settings, optimizer } = this.#parts
    progress.seconds = this.#clock.seconds
    progress.epochSeconds = progress.step > 0 ? this.#clock.epochSeconds : 0
    const { tensors, steps } = await optimizer.state()
    const weights = await settings.model.weights()
    return {
      ...{ identity, progress: savedProgress(progress), optimizerSteps: steps },
      tensors: { weights, optimizer: tensors, best: this.bestWeights },
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
      ...{ epochs, bestEpoch, stopReason, findings: progress.guards.findings },
      bestValidation: epochs.find(({ epoch }) => epoch === bestEpoch)?.validation ?? null,
      ...{ seconds: this.#clock.seconds, skippedDraws: progress.skippedDraws },
    }
  }

  #rate(step: number): number {
    const { progress, settings } = this.#parts
    const { epoch, baseRate, evaluations } = progress
    const { epochs } = settings
    const position = { epoch, step, epochs, stepsPerEpoch: this.#stepsPerEpoch }
    return scheduledRate(settings, baseRate, position, evaluations)
  }
}
