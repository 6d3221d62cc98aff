import { join } from 'node:path'
import { BipartiteGraph, DisposedError, GnnRecError } from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { ensureBackend } from '@gnnrec/ops'
import {
  AlreadyFittedError,
  CheckpointError,
  optimizerFrom,
  type TrainingEvent,
  type TrainingHistory,
  TrainingLoop,
} from '@gnnrec/train'
import { hasCheckpoints } from '../checkpoints/has-checkpoints.js'
import { checkpointOnFullDisk } from '../files/system-error.js'
import type { BatchLoss } from '../models/batch-loss.js'
import { resolveModel } from '../models/resolve-model.js'
import type { ResolvedModel } from '../models/resolved-model.js'
import { OutOfCoreModel } from '../trained-model.js'
import { checkBackend } from './check-backend.js'
import { lockFolder, unlockFolder } from './lock-folder.js'
import { type MemoryPlan, planMemory } from './memory-plan.js'
import { type AdamNumbers, adamNumbers } from './table-optimizer.js'
import {
  type OutOfCoreTrainerOptions,
  type ResolvedTrainerOptions,
  resolveTrainerOptions,
} from './trainer-options.js'
import { openTrainingFiles, type TrainingFiles } from './training-files.js'
import { TrainingInFiles } from './training-in-files.js'
import { warnOfEvent } from './warn-of-event.js'

/**
 * A trainer of models whose tables and graph lie in files: it works in blocks, within `maxMemory`. It draws the
 * same batches and takes the same steps as `Trainer`, to the same bytes.
 *
 * Embeddings, Adam's moments, the layers of propagation and the matrices of the graph are in files. The split, each
 * user's items (which batches are drawn from), 4 bytes for each node and the batch stay in memory.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const split = splitRows(table, { train: [0, 1, 2, 3], validation: [], test: [] }, { name: 'shop' })
 * const trainer = new OutOfCoreTrainer({
 *   model: { architecture: 'light-gcn', options: { embeddingDim: 8, layers: 1 } },
 *   split,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 100_000_000,
 *   epochs: 3,
 * })
 * const model = await trainer.fit()
 * console.log(model.history.epochs.map(({ loss }) => loss))
 * await model.close()
 * ```
 */
export class OutOfCoreTrainer {
  readonly #settings: ResolvedTrainerOptions
  readonly #graph: BipartiteGraph
  readonly #model: ResolvedModel
  readonly #loss: BatchLoss
  readonly #plan: MemoryPlan
  readonly #adam: AdamNumbers
  readonly #loop: TrainingLoop
  #isUsed = false

  /**
   * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
   * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
   * @throws MemoryLimitError when `maxMemory` cannot be met, with the smallest that could
   * @throws InvalidInteractionsError when no user has both a train item and a negative
   */
  constructor(options: OutOfCoreTrainerOptions) {
    const settings = resolveTrainerOptions(options)
    const { training, split, folder, checkpoint, resume, maxMemory } = settings
    this.#settings = settings
    this.#adam = adamNumbers(training.optimizer)
    this.#model = resolveModel(settings.model)
    this.#graph = BipartiteGraph.fromInteractions(split.train)
    this.#model.checkGraph?.(this.#graph)
    this.#loss = this.#model.loss(this.#graph)
    this.#loop = new TrainingLoop(
      {
        ...training,
        split,
        model: describeModel(this.#model, this.#loss),
        checkpoint: { ...checkpoint, folder: join(folder, 'checkpoints') },
        ...(resume && { resume: 'latest-or-start' }),
      },
      // Kernels would keep a copy of all edges, which maxMemory does not allow for.
      { owner: 'OutOfCoreTrainer', drawsByKernels: false },
    )
    const { looksAtNegatives } = this.#loss
    this.#plan = planMemory(
      this.#graph,
      {
        batchSize: this.#loop.largestBatch,
        itemsPerSample: looksAtNegatives ? 1 + training.negativesPerPositive : 1,
        pairsPerSample: this.#model.pairsPerSample ?? 0,
        comparesAll: !looksAtNegatives,
        embeddingDim: this.#model.options.embeddingDim,
      },
      maxMemory,
    )
  }

  /**
   * Trains to the end; a trainer does this once. An abort by `signal` is not an error once training has begun:
   * the history says `'aborted'`, and a checkpoint is written.
   *
   * @param onEvent - called with each event and waited for; by default findings and warnings become warnings of the process
   * @throws the reason of `signal` when it is aborted before training begins
   * @throws AlreadyFittedError at the second call
   * @throws CallbackError when `onEvent` fails; its error is the cause
   * @throws DegenerateModelError when a guard of the level `'stop'` finds something
   * @throws NonFiniteError when the loss or the norm of the gradient is NaN or infinite
   * @throws DiskFullError when the disk is full or has too little room
   * @throws BlockFileError when a file is damaged, truncated or cannot be used
   * @throws BlockFileMismatchError when the blocks of the folder are of another graph
   * @throws CheckpointError when no checkpoint is whole, one cannot be written, or the folder has some and
   * `resume` is not set
   * @throws CheckpointMismatchError when the checkpoint is of other data, another model or other options
   * @throws CheckpointLockedError when another process trains in the folder
   */
  async fit({
    signal = new AbortController().signal,
    onEvent = warnOfEvent,
  }: {
    readonly signal?: AbortSignal
    readonly onEvent?: (event: TrainingEvent) => unknown
  } = {}): Promise<OutOfCoreModel> {
    if (this.#isUsed) {
      throw new AlreadyFittedError(
        'This OutOfCoreTrainer has trained already; make a new one to train further.',
      )
    }
    this.#isUsed = true
    const { folder, split, training, checkpoint, resume } = this.#settings
    await useSimd()
    const lock = await lockFolder(folder)
    const optimizer = optimizerFrom(training.optimizer)
    let files: TrainingFiles | undefined
    try {
      // The loop finds this as well, but only when all tables have been made.
      if (!resume && hasCheckpoints(join(folder, 'checkpoints'))) {
        throw new CheckpointError(
          `${folder} has checkpoints of an earlier training; set resume to go on from them, or choose another folder.`,
        )
      }
      await this.#loss.prepare({ signal })
      // One more is on the disk while a checkpoint is being written.
      const checkpoints = checkpoint.keepLast + checkpoint.keepBest + 1
      const options = { checkpoints, signal }
      files = await openTrainingFiles(folder, this.#graph, this.#model, this.#plan, options)
      const seen = this.#graph.interactions
      const parts = { files, loss: this.#loss, adam: this.#adam, optimizer, seen }
      let history: TrainingHistory | undefined
      for await (const event of this.#loop.run(new TrainingInFiles(parts), { signal })) {
        if (event.type === 'end') history = event.history
        await awaitCallback('onEvent', () => onEvent(event))
      }
      return new OutOfCoreModel({
        history: history as TrainingHistory,
        graph: this.#graph,
        model: this.#model,
        splitHash: split.hash,
        files,
        loss: this.#loss,
        release: () => unlockFolder(lock, folder),
      })
    } catch (error) {
      const freed = freedMeanwhile(this.#loss, error)
      try {
        files?.close()
      } catch {
        // The error that ended training says more.
      }
      this.#loss.dispose()
      await lock.release().catch(() => undefined)
      throw freed ?? checkpointOnFullDisk(error, folder) ?? error
    } finally {
      optimizer.dispose()
    }
  }
}

/** Makes the error of a training whose backend or variables were taken away meanwhile; undefined if they were not. */
function freedMeanwhile(loss: BatchLoss, cause: unknown): DisposedError | undefined {
  if (GnnRecError.isInstance(cause)) return undefined
  try {
    checkBackend()
    loss.parameters()
    return undefined
  } catch (error) {
    return new DisposedError((error as Error).message, { cause })
  }
}

async function useSimd(): Promise<void> {
  await ensureBackend()
  checkBackend()
}

/** Describes a model with tables in files as a model in memory describes itself. */
function describeModel({ architecture, options }: ResolvedModel, loss: BatchLoss) {
  const { graph } = loss
  const table = (name: string, rows: number) => ({
    name,
    role: 'embeddings' as const,
    shape: [rows, options.embeddingDim],
  })
  return {
    architecture,
    options,
    graph,
    requiredSampling: loss.requiredSampling,
    describe: () => ({
      tensors: [
        table('userEmbeddings', graph.userCount),
        table('itemEmbeddings', graph.itemCount),
        ...loss.describe().tensors,
      ],
    }),
  }
}
