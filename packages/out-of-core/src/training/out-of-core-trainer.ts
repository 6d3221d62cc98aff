import { join } from 'node:path'
import { BatchIterator, BipartiteGraph, InvalidOptionsError, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import {
  EarlyStopping,
  holdFolder,
  type Optimizer,
  optimizerFrom,
  type TrainingEvent,
} from '@gnnrec/train'
import { probeSize, weightDecayByParameter } from '@gnnrec/train/internal'
import * as tf from '@tensorflow/tfjs-core'
import { CheckpointStore } from '../checkpoints/checkpoint-store.js'
import { BlockFileMismatchError } from '../errors.js'
import type { BatchLoss } from '../models/batch-loss.js'
import { resolveModel } from '../models/resolve-model.js'
import type { ResolvedModel } from '../models/resolved-model.js'
import { OutOfCoreModel } from '../trained-model.js'
import { checkBackend } from './check-backend.js'
import { type MemoryPlan, planMemory } from './memory-plan.js'
import type { Progress } from './progress.js'
import { type AdamNumbers, adamNumbers } from './table-optimizer.js'
import {
  type OutOfCoreTrainerOptions,
  type ResolvedTrainerOptions,
  resolveTrainerOptions,
} from './trainer-options.js'
import { type RunParts, TrainingRun } from './training-run.js'
import { openState, type TrainingState } from './training-state.js'
import { warnOfEvent } from './warn-of-event.js'

/**
 * Trains a model whose tables and graph lie in files, in blocks, within `maxMemory`: the same batches,
 * losses and steps as `Trainer`, to the same bytes.
 *
 *     const trainer = new OutOfCoreTrainer({
 *       model: { architecture: 'light-gcn', options: LightGcn.presets.fast.model },
 *       ...{ split, folder: 'runs/large', maxMemory: 200e6 },
 *       ...LightGcn.presets.fast.training,
 *     })
 *     const model = await trainer.fit()
 *
 * Embeddings, Adam's moments, the layers of propagation and the graph's matrices are in files; in memory
 * stay the split, each user's items (what batches are drawn from), 4 bytes a node and the batch.
 */
export class OutOfCoreTrainer {
  readonly #settings: ResolvedTrainerOptions
  readonly #graph: BipartiteGraph
  readonly #model: ResolvedModel
  readonly #loss: BatchLoss
  readonly #plan: MemoryPlan
  readonly #batches: BatchIterator
  readonly #adam: AdamNumbers
  readonly #stopping: EarlyStopping

  /**
   * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
   * @throws MemoryLimitError when `maxMemory` cannot be met, with the smallest that could
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   */
  constructor(options: OutOfCoreTrainerOptions) {
    const settings = resolveTrainerOptions(options)
    const { split, batchSize, sampling, negativesPerPositive, negatives, epochs } = settings
    this.#settings = settings
    this.#model = resolveModel(settings.model)
    this.#graph = BipartiteGraph.fromInteractions(split.train)
    this.#model.checkGraph?.(this.#graph)
    this.#loss = this.#model.loss(this.#graph)
    const { requiredSampling, looksAtNegatives } = this.#loss
    if (requiredSampling !== undefined && requiredSampling !== sampling) {
      throw new InvalidOptionsError(
        `sampling: got '${sampling}', but the loss corrects for '${requiredSampling}'; give the loss and the trainer the same.`,
      )
    }
    this.#adam = adamNumbers(settings.optimizer)
    checkWeightDecay(settings, this.#model, this.#loss)
    this.#plan = planMemory(
      this.#graph,
      {
        batchSize: largestBatch(settings, this.#graph),
        itemsPerSample: looksAtNegatives ? 1 + negativesPerPositive : 1,
        pairsPerSample: this.#model.pairsPerSample ?? 0,
        comparesAll: !looksAtNegatives,
        embeddingDim: this.#model.options.embeddingDim,
      },
      settings.maxMemory,
    )
    const { earlyStopping, schedule, monitor } = settings
    this.#stopping = new EarlyStopping({
      // A patience of all epochs stops nothing and still finds the best one.
      patience: earlyStopping?.patience ?? epochs,
      minimumChange: earlyStopping?.minimumChange ?? 0,
      warmupEpochs: schedule.warmupEpochs ?? 0,
      mode: monitor?.mode ?? 'max',
    })
    this.#batches = new BatchIterator(this.#graph, {
      ...{ batchSize, strategy: sampling, negativesPerPositive, negatives },
      rng: Rng.fromSeed(settings.seed).fork('sampling'),
    })
  }

  /**
   * Trains to the end. An abort by `signal` is not an error once training has begun: the history says
   * `'aborted'`, and a checkpoint is written.
   *
   * @param onEvent - is told of all that happens; without it findings and warnings are warnings of the process
   * @throws the reason of `signal` when it is aborted before
   * @throws DegenerateModelError when a guard of the level `'stop'` finds something
   * @throws NonFiniteError when the loss or the gradient's norm is NaN or infinite
   * @throws DiskFullError when the disk is full or has too little room
   * @throws BlockFileError when a file is damaged, truncated or cannot be used
   * @throws BlockFileMismatchError when the folder's files are of another graph or training, or it has
   * checkpoints and `resume` is not set
   * @throws CheckpointLockedError when another process trains in the folder
   */
  async fit({
    signal = new AbortController().signal,
    onEvent = warnOfEvent,
  }: {
    readonly signal?: AbortSignal
    readonly onEvent?: (event: TrainingEvent) => void
  } = {}): Promise<OutOfCoreModel> {
    const { folder, optimizer } = this.#settings
    await useSimd()
    const hold = await holdFolder(folder)
    let state: TrainingState | undefined
    const dense = optimizerFrom(optimizer)
    try {
      const store = new CheckpointStore<Progress>(join(folder, 'checkpoints'))
      if (store.numbers.length > 0 && !this.#settings.resume) {
        throw new BlockFileMismatchError(
          `${folder} has checkpoints of an earlier training; set resume to go on with it, or choose another folder.`,
        )
      }
      await this.#loss.prepare({ signal })
      state = await openState(folder, this.#graph, this.#model, this.#plan, { signal })
      const run = new TrainingRun(this.#parts(state, store, dense, signal))
      for await (const event of run.events()) onEvent(event)
      const release = () => hold.release()
      const { split } = this.#settings
      const parts = { graph: this.#graph, model: this.#model, splitHash: split.hash, state }
      return new OutOfCoreModel({ ...parts, history: run.history, loss: this.#loss, release })
    } catch (error) {
      state?.close()
      this.#loss.dispose()
      await hold.release()
      throw error
    } finally {
      dense.dispose()
    }
  }

  #parts(
    state: TrainingState,
    store: CheckpointStore<Progress>,
    optimizer: Optimizer,
    signal: AbortSignal,
  ): RunParts {
    return {
      ...{ state, store, optimizer, signal, settings: this.#settings, loss: this.#loss },
      ...{
        ...{ graph: this.#graph, model: this.#model },
        batches: this.#batches,
        adam: this.#adam,
        stopping: this.#stopping,
      },
      identity: identityOf(this.#settings, this.#model),
    }
  }
}

async function useSimd(): Promise<void> {
  if (!tf.getBackend()) await useBackend('simd')
  checkBackend()
}

/** Samples of the largest batch: those of a step, or those that guards look at. */
function largestBatch(
  { batchSize, guards }: ResolvedTrainerOptions,
  { edgeCount }: BipartiteGraph,
): number {
  const hasGuards = Object.values(guards.levels).some((level) => level !== 'off')
  return Math.max(Math.min(batchSize, edgeCount), hasGuards ? probeSize : 1)
}

/** @throws InvalidOptionsError as `Trainer`, for any decay: these models are made of nothing but tables */
function checkWeightDecay(
  { weightDecay }: ResolvedTrainerOptions,
  { architecture }: ResolvedModel,
  loss: BatchLoss,
): void {
  const tables = ['userEmbeddings', 'itemEmbeddings'].map((name) => {
    return { name, role: 'embeddings' as const }
  })
  const tensors = [...tables, ...loss.describe().tensors]
  weightDecayByParameter({ architecture, describe: () => ({ tensors }) }, weightDecay)
}

/** Everything that the bytes of a training depend on. */
function identityOf(
  settings: ResolvedTrainerOptions,
  { architecture, options }: ResolvedModel,
): Readonly<Record<string, unknown>> {
  const { split, epochs, batchSize, learningRate, sampling, negativesPerPositive } = settings
  const { negatives, optimizer, givenSchedule: schedule, clipNorm, evaluateEvery } = settings
  const { earlyStopping, metrics, seed, clipValue, accumulateSteps } = settings
  return JSON.parse(
    JSON.stringify({
      ...{ split: split.hash, architecture, options, epochs, batchSize, learningRate, sampling },
      ...{ negativesPerPositive, negatives, optimizer, schedule, clipNorm, evaluateEvery },
      ...{ earlyStopping, metrics, seed, clipValue, accumulateSteps },
    }),
  )
}
