import fs from 'node:fs'
import { join } from 'node:path'
import { type BipartiteGraph, Rng } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { initializeTable, type ResolvedEmbeddingOptions } from '@gnnrec/models'
import { BlockCache } from '../cache/block-cache.js'
import { DiskFullError } from '../errors.js'
import { makeEmptyFolder, onFiles, removeFolder } from '../files/folders.js'
import type { BlockedPropagation } from '../models/blocked-propagation.js'
import type { ResolvedModel } from '../models/resolved-model.js'
import { openOperator } from '../operator/blocked-operator.js'
import { sides } from '../operator/sides.js'
import { closeTables, createTables, type NodeTables } from '../propagation/node-tables.js'
import { openWorkspace, type PropagationWorkspace } from '../propagation/workspace.js'
import type { MemoryPlan } from './memory-plan.js'
import type { AdamTables } from './table-optimizer.js'

/** The tables of a training in files, and the memory that they are worked on in. */
export interface TrainingFiles {
  /** Folder of the files that are removed by {@link close}. */
  readonly work: string
  readonly cache: BlockCache
  readonly workspace: PropagationWorkspace
  readonly propagation: BlockedPropagation
  /** Layer 0, which is trained. */
  readonly embeddings: NodeTables
  readonly moments: AdamTables
  /** Layer 0 of the best epoch. */
  readonly best: NodeTables
  /** Final embeddings, for ranking. */
  readonly final: NodeTables
  close(): void
}

/** Tables besides spare ones: layer 0, two moments, the best layer 0, final embeddings, and those in panels. */
const trainingTables = 6
/** Tables of a checkpoint: layer 0, its two moments and the best layer 0. */
const checkpointTables = 4
/** Tables of gradients: the sum over earlier batches of a step, and the combination of two for a guard. */
const gradientTables = 2
/** Bytes of an edge in tiles, in both directions and with pointers. */
const bytesPerEdge = 20

/**
 * Opens the blocks of the graph, and makes tables with their initial values.
 *
 * @param options - `checkpoints` is the number of checkpoints that may be on the disk at once, drafts included
 * @throws DiskFullError when the disk has not enough room
 */
export async function openTrainingFiles(
  folder: string,
  graph: BipartiteGraph,
  model: ResolvedModel,
  plan: MemoryPlan,
  { checkpoints, signal }: { readonly checkpoints: number; readonly signal: AbortSignal },
): Promise<TrainingFiles> {
  const work = join(folder, 'work')
  makeEmptyFolder(work)
  const tables =
    trainingTables + checkpoints * checkpointTables + gradientTables + model.spareTables
  checkDisk(folder, graph, tables, plan.layout.columns)
  const cache = new BlockCache(defaultRuntime(), plan.capacity)
  const closers: (() => void)[] = [() => cache.dispose()]
  const close = () => {
    if (closers.length === 0) return
    for (const each of closers.splice(0).reverse()) each()
    removeFolder(work)
  }
  try {
    const files = { folder: join(folder, 'graph'), signal }
    const operator = await openOperator(cache, graph, plan.layout, files)
    closers.push(() => operator.close())
    const workspace = openWorkspace(operator, work)
    closers.push(() => workspace.close())
    const makeTables = (name: string) => {
      const made = createTables(operator, work, name)
      closers.push(() => closeTables(made))
      return made
    }
    const embeddings = makeTables('embeddings')
    initialize(embeddings, model.options)
    const moments = { first: makeTables('first'), second: makeTables('second') }
    const [best, final] = [makeTables('best'), makeTables('final')]
    const propagation = model.propagation({ workspace, graph, folder: work })
    closers.push(() => propagation.close?.())
    return { work, cache, workspace, propagation, embeddings, moments, best, final, close }
  } catch (error) {
    close()
    throw error
  }
}

/** Copies the values of tables to other tables. */
export function copyTables(from: NodeTables, to: NodeTables): void {
  for (const side of sides) {
    for (let block = 0; block < from[side].blockCount; block++) {
      from[side].withValues(block, 'read', (values) => {
        to[side].withValues(block, 'write', (out) => out.set(values))
      })
    }
  }
}

/** Sets the initial values of tables as `EmbeddingModel` does, block by block. */
function initialize(
  tables: NodeTables,
  settings: ResolvedModel['options'] & {
    readonly initialization?: ResolvedEmbeddingOptions['initialization']
    readonly initialDeviation?: number
  },
): void {
  const { seed, initialization = 'normal', initialDeviation = 0.1 } = settings
  const rng = Rng.fromSeed(seed).fork('init')
  for (const side of sides) {
    const stream = rng.fork(side)
    const { rows, columns } = tables[side].shape
    for (let block = 0; block < tables[side].blockCount; block++) {
      tables[side].withValues(block, 'write', (values) => {
        initializeTable(values, [rows, columns], stream, { initialization, initialDeviation })
      })
    }
  }
}

function checkDisk(folder: string, graph: BipartiteGraph, tables: number, columns: number): void {
  const needed = tables * 4 * graph.nodeCount * columns + bytesPerEdge * graph.edgeCount
  const { bavail, bsize } = onFiles('examine', folder, () => fs.statfsSync(folder))
  if (bavail * bsize >= needed) return
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
  throw new DiskFullError(
    `${folder} is on a disk with ${gb(bavail * bsize)} free; training may need ${gb(needed)} there. Free some room or choose a folder on another disk.`,
  )
}
