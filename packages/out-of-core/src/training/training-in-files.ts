import type { Batch, InteractionLists, Rng } from '@gnnrec/graph'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import {
  CheckpointError,
  type Optimizer,
  type TrainingPort,
  type TrainingState,
} from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import type { BlockTable } from '../cache/block-table.js'
import { restoreTable, tableFile } from '../checkpoints/table-file.js'
import type { BatchLoss } from '../models/batch-loss.js'
import { batchNodes } from '../models/batch-nodes.js'
import { sides } from '../operator/sides.js'
import { bySide, type NodeIndices, type NodeTables } from '../propagation/node-tables.js'
import { openRanker } from '../trained-model.js'
import { checkBackend } from './check-backend.js'
import { TableGradients } from './table-gradients.js'
import { type AdamNumbers, adamStep } from './table-optimizer.js'
import { copyTables, type TrainingFiles } from './training-files.js'

/** Largest number of values that guards read of a parameter that is no table. */
const denseSample = 4096

/** Parts of a {@link TrainingInFiles}. */
export interface TrainingInFilesParts {
  readonly files: TrainingFiles
  readonly loss: BatchLoss
  readonly adam: AdamNumbers
  /** Optimizer of the parameters that are no tables. */
  readonly optimizer: Optimizer
  /** The training items of each user. */
  readonly seen: InteractionLists
}

/** The training of a model whose tables are in files: what `TrainingLoop` of `@gnnrec/train` asks for, in blocks. */
export class TrainingInFiles implements TrainingPort {
  readonly hasParameters = true
  readonly #files: TrainingFiles
  readonly #loss: BatchLoss
  readonly #adam: AdamNumbers
  readonly #optimizer: Optimizer
  readonly #seen: InteractionLists
  /** Parameters that are no tables, of the best epoch; the tables of that epoch are in files. */
  #best: ReadonlyMap<string, HostTensor> | undefined

  constructor({ files, loss, adam, optimizer, seen }: TrainingInFilesParts) {
    this.#files = files
    this.#loss = loss
    this.#adam = adam
    this.#optimizer = optimizer
    this.#seen = seen
  }

  async beginEpoch(epoch: number, rng: Rng, _startStep: number, signal: AbortSignal) {
    await this.#files.propagation.beginEpoch?.(epoch, rng, signal)
  }

  /** Computes the final embeddings of the batch's nodes, the loss in memory, and the way back in blocks. */
  async computeGradients(batch: Batch, signal: AbortSignal) {
    checkBackend()
    const { propagation, embeddings } = this.#files
    const loss = this.#loss
    const negatives = loss.looksAtNegatives ? batch.negatives : new Int32Array(0)
    const nodes = batchNodes(batch, negatives, loss.otherItems(batch))
    const final = await propagation.forwardRows(embeddings, nodes.rows, signal)
    const regularized = rowsOf(embeddings, nodes.rows)
    const found = await loss.gradients(batch, nodes, { final, regularized })
    try {
      const { final: ofFinal, regularized: direct } = found.gradients
      const tables = await propagation.gradient(nodes.rows, ofFinal, direct, signal)
      const gradients = new TableGradients(this.#files, tables, found.dense)
      return { loss: found.loss, lossTerms: found.lossTerms, gradients }
    } catch (error) {
      tf.dispose(found.dense)
      throw error
    }
  }

  applyGradients(
    { tables, dense }: TableGradients,
    settings: {
      readonly learningRate: number
      readonly gradientScale: number
      readonly step: number
    },
  ): void {
    const { cache, embeddings, moments } = this.#files
    const { learningRate, gradientScale, step } = settings
    const numbers = { number: step, learningRate, gradientScale }
    adamStep(cache, embeddings, tables, moments, this.#adam, numbers)
    const rates = { learningRate, gradientScale }
    this.#optimizer.step(this.#loss.parameters(), dense.tensors, rates)
  }

  async ranker() {
    const ranker = await openRanker(this.#files, this.#loss, this.#seen)
    return { ranker, release: () => ranker.close() }
  }

  async keepBest(): Promise<void> {
    copyTables(this.#files.embeddings, this.#files.best)
    this.#best = this.#loss.weights()
  }

  restoreBest(): void {
    // Parameters that were freed during the last step did not train to the end.
    this.#loss.parameters()
    if (!this.#best) return
    copyTables(this.#files.best, this.#files.embeddings)
    this.#loss.restoreWeights(this.#best)
  }

  async saveState(): Promise<TrainingState> {
    const { tensors, steps } = await this.#optimizer.state()
    const tables = this.#checkpointTables(this.#best !== undefined)
    return {
      optimizerSteps: steps,
      tensors: {
        weights: this.#loss.weights(),
        optimizer: tensors,
        best: this.#best,
      },
      files: new Map([...tables].map(([name, table]) => [name, tableFile(table)])),
    }
  }

  async restoreState({
    optimizerSteps,
    tensors,
    files,
  }: Parameters<TrainingPort['restoreState']>[0]): Promise<void> {
    for (const [name, table] of this.#checkpointTables(tensors.best !== undefined)) {
      await restoreTable(table, fileOf(files, name))
    }
    this.#loss.restoreWeights(tensors.weights)
    const state = { tensors: tensors.optimizer, steps: optimizerSteps }
    this.#optimizer.restore(state, this.#loss.parameters())
    this.#best = tensors.best
  }

  async startFrom({
    tensors,
    files,
  }: Parameters<NonNullable<TrainingPort['startFrom']>>[0]): Promise<void> {
    const { embeddings } = this.#files
    const name = tensors.best ? 'best' : 'embeddings'
    for (const side of sides) {
      await restoreTable(embeddings[side], fileOf(files, `${name}-${side}.table`))
    }
    this.#loss.restoreWeights(tensors.best ?? tensors.weights)
  }

  async sampleParameters(nodes: NodeIndices) {
    const { embeddings } = this.#files
    const { users, items } = rowsOf(embeddings, nodes)
    const dim = embeddings.users.shape.columns
    const samples = [
      { name: 'userEmbeddings', isTable: true, dim, values: users },
      { name: 'itemEmbeddings', isTable: true, dim, values: items },
    ]
    for (const [name, parameter] of Object.entries(this.#loss.parameters())) {
      const part = tf.tidy(() =>
        tf.slice(tf.reshape(parameter, [-1]), 0, Math.min(parameter.size, denseSample)),
      )
      const values = (await part.data<'float32'>()).slice()
      part.dispose()
      samples.push({ name, isTable: false, dim: parameter.shape.at(-1) ?? 1, values })
    }
    return samples
  }

  async *sampleLayers(nodes: NodeIndices, signal: AbortSignal) {
    const { embeddings, final, propagation, workspace } = this.#files
    const dim = embeddings.users.shape.columns
    yield { layer: 0 as const, dim, ...rowsOf(embeddings, nodes) }
    let x = embeddings
    for (let layer = 1; layer <= propagation.layers; layer++) {
      const next = workspace.borrow()
      await propagation.layer(layer, x, embeddings, next, signal)
      if (x !== embeddings) workspace.giveBack(x)
      x = next
      yield { layer, dim, ...rowsOf(x, nodes) }
    }
    if (x !== embeddings) workspace.giveBack(x)
    await propagation.forward(embeddings, final, signal)
    yield { layer: 'final' as const, dim, ...rowsOf(final, nodes) }
  }

  /** Lists the tables that a checkpoint has, by the names of their files. */
  #checkpointTables(hasBest: boolean): ReadonlyMap<string, BlockTable> {
    const { embeddings, moments, best } = this.#files
    const groups: Record<string, NodeTables> = { embeddings, ...moments, ...(hasBest && { best }) }
    return new Map(
      Object.entries(groups).flatMap(([name, tables]) =>
        sides.map((side) => [`${name}-${side}.table`, tables[side]] as const),
      ),
    )
  }
}

/** A file of a checkpoint that was read. */
type SavedFile = Parameters<typeof restoreTable>[1]

/** Returns a file of a checkpoint. @throws CheckpointError when there is none */
function fileOf(files: ReadonlyMap<string, SavedFile> | undefined, name: string): SavedFile {
  const file = files?.get(name)
  if (file) return file
  throw new CheckpointError(
    `The checkpoint has no ${name}; a training in files needs one of a training in files.`,
  )
}

function rowsOf(tables: NodeTables, nodes: NodeIndices) {
  return bySide((side) => {
    const rows = new Float32Array(nodes[side].length * tables[side].shape.columns)
    tables[side].gather(nodes[side], rows)
    return rows
  })
}
