import { evaluate } from '@gnnrec/eval'
import { type BatchIterator, type BipartiteGraph, Rng, yieldToEventLoop } from '@gnnrec/graph'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type {
  EarlyStopping,
  EpochRecord,
  Optimizer,
  TrainingEvent,
  TrainingHistory,
} from '@gnnrec/train'
import {
  degenerateOf,
  EpochMeans,
  LOSS,
  reportFindings,
  type StepBatches,
  scheduledRate,
  stepBatches,
  TrainingGuards,
  trainedEpoch,
} from '@gnnrec/train/internal'
import type { CheckpointStore } from '../checkpoints/checkpoint-store.js'
import type { BatchLoss } from '../models/batch-loss.js'
import type { ResolvedModel } from '../models/resolved-model.js'
import { openRanker } from '../trained-model.js'
import { checkBackend } from './check-backend.js'
import { guardedTables } from './guarded-tables.js'
import { type MutableProgress, noProgress, noSums, type Progress } from './progress.js'
import type { AdamNumbers } from './table-optimizer.js'
import type { ResolvedTrainerOptions } from './trainer-options.js'
import { checkpointTables, copyTables, type TrainingState } from './training-state.js'
import { trainingStep } from './training-step.js'

/** What a {@link TrainingRun} is made of. */
export interface RunParts {
  readonly settings: ResolvedTrainerOptions
  readonly graph: BipartiteGraph
  readonly model: ResolvedModel
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
  readonly #progress: MutableProgress = noProgress()
  /** Parameters that are no tables, of the best epoch. */
  #best: ReadonlyMap<string, HostTensor> = new Map()
  #skippedBefore = 0
  #stoppedAt = performance.now()

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  get history(): TrainingHistory {
    const { records, best, skippedDraws, seconds, stopReason, guards } = this.#progress
    const { findings } = guards
    return {
      ...{ epochs: records, bestEpoch: best?.epoch ?? null, findings, skippedDraws, seconds },
      bestValidation: records.find(({ epoch }) => epoch === best?.epoch)?.validation ?? null,
      stopReason: stopReason ?? 'aborted',
    }
  }

  /** Trains; afterwards the tables have the best values, or the last if nothing was evaluated. */
  async *events(): AsyncGenerator<TrainingEvent, void> {
    const { settings, state, model, signal, loss } = this.#parts
    const progress = this.#progress
    const { epochs, monitor, checkpoint } = settings
    const warnings = await this.#resume()
    yield {
      ...{ type: 'start', model: model.architecture, epochs, stepsPerEpoch: this.#stepsPerEpoch },
      monitor: monitor?.name ?? null,
      ...(progress.totalSteps > 0 && {
        resumedAfter: { epochs: progress.epoch, totalSteps: progress.totalSteps },
      }),
    }
    for (const message of warnings) yield { type: 'warning', message }
    const guards = this.#watch()
    try {
      if (progress.stopReason === null) {
        yield* reportFindings(await guards.atStart(progress.epoch, progress.totalSteps))
      }
      this.#stoppedAt = performance.now()
      while (progress.stopReason === null) {
        yield* this.#trainEpoch()
        signal.throwIfAborted()
        const { record, findings } = await this.#endEpoch(guards)
        yield { type: 'epoch', record, best: progress.best, secondsLeft: this.#secondsLeft() }
        yield* reportFindings(findings)
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

  get #stepsPerEpoch(): number {
    const { batches, settings } = this.#parts
    return Math.ceil(batches.stepsPerEpoch / settings.accumulateSteps)
  }

  /** Guards that go on from where they were. */
  #watch(): TrainingGuards {
    const { settings, model, state, loss, signal } = this.#parts
    const guarded = { ...settings, model: guardedTables(model, state, loss, signal) }
    const remembered = { ...this.#progress.guards }
    this.#progress.guards = remembered
    return new TrainingGuards(guarded, remembered, signal)
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
    const size = settings.accumulateSteps
    for await (const group of stepBatches(batches, { epoch, startStep, size })) {
      signal.throwIfAborted()
      await this.#step(group)
      const { lastRate: learningRate, sums } = progress
      const { loss } = new EpochMeans(sums)
      yield { type: 'step', epoch: epoch + 1, step: group.step + 1, loss, learningRate }
      const { everySteps } = settings.checkpoint
      if (everySteps !== undefined && progress.totalSteps % everySteps === 0) {
        yield await this.#checkpoint()
      }
      await yieldToEventLoop()
    }
    progress.skippedDraws = this.#skippedBefore + batches.skippedDraws
  }

  async #step({ step, batches, drawnBatches, skippedDraws }: StepBatches): Promise<void> {
    checkBackend()
    const { settings, state, loss, adam, optimizer, signal } = this.#parts
    const progress = this.#progress
    const { epochs, clipNorm, clipValue } = settings
    const stepsPerEpoch = this.#stepsPerEpoch
    const place = `epoch ${progress.epoch + 1}, step ${step + 1} of ${stepsPerEpoch}`
    const position = { epoch: progress.epoch, step, epochs, stepsPerEpoch }
    const { evaluations } = progress
    const learningRate = scheduledRate(settings, settings.learningRate, position, evaluations)
    const numbers = { number: progress.totalSteps + 1, learningRate, adam, optimizer }
    const found = await trainingStep(state, loss, batches, {
      ...{ ...numbers, clipNorm, clipValue, place, signal },
    })
    const means = new EpochMeans(progress.sums)
    means.add(
      found,
      batches.reduce((sum, { users }) => sum + users.length, 0),
    )
    progress.sums = means.sums
    progress.lastRate = learningRate
    progress.drawnBatches = drawnBatches
    progress.totalSteps++
    progress.skippedDraws = this.#skippedBefore + skippedDraws
    this.#takeTime()
  }

  async #endEpoch(guards: TrainingGuards) {
    const { settings, stopping, state, loss } = this.#parts
    const progress = this.#progress
    const { epochs, earlyStopping, monitor, metrics, evaluateEvery } = settings
    const epoch = progress.epoch + 1
    const trained = trainedEpoch(new EpochMeans(progress.sums), settings, {
      ...{ epoch, learningRate: progress.lastRate, seconds: progress.epochSeconds },
    })
    const isDue = metrics.length > 0 && (epoch % evaluateEvery === 0 || epoch === epochs)
    const judged = isDue ? await this.#evaluate() : undefined
    const unguarded: EpochRecord = { ...trained, ...judged?.result }
    const guardedBefore = guards.seconds
    const findings = await guards.afterEpoch({
      ...{ epoch, totalSteps: progress.totalSteps, degenerate: judged?.degenerate },
      records: [...progress.records, unguarded],
    })
    this.#stoppedAt = performance.now()
    const record = { ...unguarded, guardSeconds: guards.seconds - guardedBefore }
    progress.records = [...progress.records, record]
    Object.assign(progress, { epoch, drawnBatches: 0, sums: noSums(), epochSeconds: 0 })
    const value = monitor?.name === LOSS ? record.loss : record.validation?.[monitor?.name ?? '']
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
    return { record, findings }
  }

  async #evaluate() {
    const { settings, state, loss, graph, signal } = this.#parts
    const { split, metrics } = settings
    const started = performance.now()
    const ranker = await openRanker(state, loss)
    try {
      const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
      const evaluationSeconds = (performance.now() - started) / 1000
      return {
        result: { validation: report.metrics, evaluationSeconds },
        degenerate: degenerateOf(report, graph),
      }
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
