import { evaluate } from '@gnnrec/eval'
import { type BatchIterator, type EpochBatch, Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { HostTensor } from '@gnnrec/models'
import type {
  BestValue,
  EarlyStopping,
  EpochRecord,
  Optimizer,
  StopReason,
  TrainingEvent,
  TrainingHistory,
} from '@gnnrec/train'
import type { CheckpointStore } from '../checkpoints/checkpoint-store.js'
import type { BatchLoss } from '../models/batch-loss.js'
import { openRanker } from '../trained-model.js'
import { addStep, type EpochSums, epochMeans, noSums } from './epoch-sums.js'
import type { AdamNumbers } from './table-optimizer.js'
import type { ResolvedTrainerOptions } from './trainer-options.js'
import { checkpointTables, copyTables, type TrainingState } from './training-state.js'
import { trainingStep } from './training-step.js'

/** Where a training stands; plain JSON. */
export interface Progress {
  /** Epochs that are complete, evaluation included. */
  readonly epoch: number
  /** Batches of the epoch at hand that were drawn. */
  readonly drawnBatches: number
  readonly totalSteps: number
  readonly lastRate: number
  readonly sums: EpochSums
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
  readonly best: BestValue | null
  readonly records: readonly EpochRecord[]
  readonly skippedDraws: number
  readonly seconds: number
  readonly epochSeconds: number
  readonly stopReason: StopReason | null
  /** Optimiser steps of parameters that are no tables. */
  readonly denseSteps: Readonly<Record<string, number>>
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What a {@link TrainingRun} is made of. */
export interface RunParts {
  readonly settings: ResolvedTrainerOptions
  readonly architecture: string
  readonly state: TrainingState
  readonly store: CheckpointStore<Progress>
  readonly loss: BatchLoss
  readonly batches: BatchIterator
  readonly adam: AdamNumbers
  /** Of the parameters that are no tables. */
  readonly optimizer: Optimizer
  readonly stopping: EarlyStopping
  /** Everything that the bytes of the training depend on. */
  readonly identity: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

/** Epochs of steps and evaluations, from the last checkpoint to the end. */
export class TrainingRun {
  readonly #parts: RunParts
  readonly #progress: Mutable<Progress> = {
    ...{ epoch: 0, drawnBatches: 0, totalSteps: 0, lastRate: 0, sums: noSums },
    ...{ evaluations: [], best: null, records: [], skippedDraws: 0 },
    ...{ seconds: 0, epochSeconds: 0, stopReason: null, denseSteps: {} },
  }
  /** Parameters that are no tables, of the best epoch. */
  #best: ReadonlyMap<string, HostTensor> = new Map()
  #skippedBefore = 0
  #stoppedAt = performance.now()

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  get history(): TrainingHistory {
    const { records, best, skippedDraws, seconds, stopReason } = this.#progress
    return {
      ...{ epochs: records, bestEpoch: best?.epoch ?? null, findings: [], skippedDraws, seconds },
      bestValidation: records.find(({ epoch }) => epoch === best?.epoch)?.validation ?? null,
      stopReason: stopReason ?? 'aborted',
    }
  }

  /** Trains; afterwards the tables have the best values, or the last if nothing was evaluated. */
  async *events(): AsyncGenerator<TrainingEvent, void> {
    const { settings, state, architecture, batches, signal, loss } = this.#parts
    const progress = this.#progress
    const { epochs, metrics, checkpoint } = settings
    const warnings = await this.#resume()
    yield {
      ...{ type: 'start', model: architecture, epochs, stepsPerEpoch: batches.stepsPerEpoch },
      monitor: metrics[0] ?? null,
      ...(progress.totalSteps > 0 && {
        resumedAfter: { epochs: progress.epoch, totalSteps: progress.totalSteps },
      }),
    }
    for (const message of warnings) yield { type: 'warning', message }
    this.#stoppedAt = performance.now()
    try {
      while (progress.stopReason === null) {
        yield* this.#trainEpoch()
        signal.throwIfAborted()
        const record = await this.#endEpoch()
        yield { type: 'epoch', record, best: progress.best, secondsLeft: this.#secondsLeft() }
        if (progress.stopReason !== null || progress.epoch % checkpoint.everyEpochs === 0) {
          yield await this.#checkpoint()
        }
        signal.throwIfAborted()
      }
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error
      yield await this.#checkpoint()
    }
    if (progress.best !== null) {
      copyTables(state.best, state.embeddings)
      loss.restoreWeights(this.#best)
    }
    yield { type: 'end', history: this.history }
  }

  /** Goes on from the last checkpoint, if there is one. @returns what is wrong with newer ones */
  async #resume(): Promise<readonly string[]> {
    const { settings, state, store, identity, loss, optimizer, stopping } = this.#parts
    if (!settings.resume) return []
    const found = await store.restore(identity, checkpointTables(state, true))
    if (!found) return []
    Object.assign(this.#progress, found.progress)
    this.#skippedBefore = found.progress.skippedDraws
    stopping.restore(found.progress.best)
    const part = (prefix: string) =>
      new Map(
        [...found.tensors]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      )
    loss.restoreWeights(part('weights/'))
    this.#best = part('best/')
    const { denseSteps: steps } = found.progress
    optimizer.restore({ tensors: part('optimizer/'), steps }, loss.parameters())
    return found.skipped
  }

  async *#trainEpoch(): AsyncGenerator<TrainingEvent, void> {
    const { settings, state, batches, signal } = this.#parts
    const progress = this.#progress
    const { epoch, drawnBatches: startStep } = progress
    const modelRng = Rng.fromSeed(settings.seed).fork('model')
    await state.propagation.beginEpoch?.(epoch, modelRng, signal)
    for (const batch of batches.epoch(epoch, { startStep })) {
      signal.throwIfAborted()
      await this.#step(batch)
      const { lastRate: learningRate, sums } = progress
      const { loss } = epochMeans(sums)
      yield { type: 'step', epoch: epoch + 1, step: batch.step + 1, loss, learningRate }
      const { everySteps } = settings.checkpoint
      if (everySteps !== undefined && progress.totalSteps % everySteps === 0) {
        yield await this.#checkpoint()
      }
      await yieldToEventLoop()
    }
    progress.skippedDraws = this.#skippedBefore + batches.skippedDraws
  }

  async #step(batch: EpochBatch): Promise<void> {
    const { settings, batches, state, loss, adam, optimizer, signal } = this.#parts
    const progress = this.#progress
    const { epochs, clipNorm } = settings
    const { stepsPerEpoch } = batches
    const place = `epoch ${progress.epoch + 1}, step ${batch.step + 1} of ${stepsPerEpoch}`
    const position = { epoch: progress.epoch, step: batch.step, epochs, stepsPerEpoch }
    const { evaluations } = progress
    const share = settings.scheduleOf(position, { mode: 'max', evaluations })
    const learningRate = share * settings.learningRate
    const numbers = { number: progress.totalSteps + 1, learningRate, adam, optimizer }
    const found = await trainingStep(state, loss, batch, { ...numbers, clipNorm, place, signal })
    progress.sums = addStep(progress.sums, found)
    progress.lastRate = learningRate
    progress.drawnBatches = batch.step + 1
    progress.totalSteps++
    progress.skippedDraws = this.#skippedBefore + batches.skippedDraws
    this.#takeTime()
  }

  async #endEpoch(): Promise<EpochRecord> {
    const { settings, stopping, state, loss } = this.#parts
    const progress = this.#progress
    const { epochs, earlyStopping, clipNorm, metrics, evaluateEvery } = settings
    const epoch = progress.epoch + 1
    const { gradientNorm, ...means } = epochMeans(progress.sums)
    const trained = {
      ...{ epoch, learningRate: progress.lastRate, ...means },
      ...(clipNorm !== undefined && { gradientNorm }),
      ...{ steps: progress.sums.steps, seconds: progress.epochSeconds },
    }
    const isDue = metrics.length > 0 && (epoch % evaluateEvery === 0 || epoch === epochs)
    const judged = isDue ? await this.#evaluate() : { evaluationSeconds: 0 }
    const record: EpochRecord = { ...trained, ...judged, guardSeconds: 0 }
    progress.records = [...progress.records, record]
    Object.assign(progress, { epoch, drawnBatches: 0, sums: noSums, epochSeconds: 0 })
    const value = record.validation?.[metrics[0] ?? '']
    let isAtEnd = false
    if (value !== undefined) {
      progress.evaluations = [...progress.evaluations, { epoch, value }]
      const { improved, stop } = stopping.update(epoch, value)
      if (improved) {
        copyTables(state.embeddings, state.best)
        this.#best = await loss.weights()
      }
      progress.best = stopping.best
      isAtEnd = stop && earlyStopping !== undefined
    }
    if (epoch === epochs) progress.stopReason = 'completed'
    else if (isAtEnd) progress.stopReason = 'early-stopping'
    return record
  }

  async #evaluate() {
    const { settings, state, loss, signal } = this.#parts
    const { split, metrics } = settings
    const started = performance.now()
    const ranker = await openRanker(state, loss)
    try {
      const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
      const evaluationSeconds = (performance.now() - started) / 1000
      return { validation: report.metrics, evaluationSeconds }
    } finally {
      ranker.close()
      this.#stoppedAt = performance.now()
    }
  }

  async #checkpoint(): Promise<TrainingEvent> {
    const { state, store, loss, optimizer, identity } = this.#parts
    const { tensors, steps: denseSteps } = await optimizer.state()
    const progress = { ...this.#progress, denseSteps }
    const named = (prefix: string, map: ReadonlyMap<string, HostTensor>) =>
      [...map].map(([name, tensor]) => [`${prefix}/${name}`, tensor] as const)
    const path = await store.write({
      ...{ identity, progress, tables: checkpointTables(state, progress.best !== null) },
      tensors: new Map([
        ...named('weights', await loss.weights()),
        ...named('best', this.#best),
        ...named('optimizer', tensors),
      ]),
    })
    this.#stoppedAt = performance.now()
    return { type: 'checkpoint', path, epoch: progress.epoch, totalSteps: progress.totalSteps }
  }

  #takeTime(): void {
    const now = performance.now()
    const seconds = (now - this.#stoppedAt) / 1000
    this.#progress.seconds += seconds
    this.#progress.epochSeconds += seconds
    this.#stoppedAt = now
  }

  #secondsLeft(): number {
    const { seconds, epoch, stopReason } = this.#progress
    const { epochs } = this.#parts.settings
    return stopReason === null ? (seconds / epoch) * (epochs - epoch) : 0
  }
}
