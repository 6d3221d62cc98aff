import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { loadSplit, saveSplit } from '@gnnrec/data'
import { BipartiteGraph } from '@gnnrec/graph'
import { FolderLock } from '@gnnrec/graph/files'
import { LightGcn } from '@gnnrec/models'
import { results } from '../../faults/writers/results.js'
import type { Subject } from '../subject.js'
import { makeCheckpoint, withDigests } from './checkpoints.js'
import { withListedDigests } from './digests.js'
import { digestOfJson, digestOfWeights, madeSplit } from './made-data.js'
import { madeTrainer } from './made-trainings.js'

/** Share of folders in which something else stands in the place of a file. */
const oddShare = 0.15
/** A lock of a process that has ended, as its start shows: ids of processes are used again. */
const endedLock = JSON.stringify({ pid: 1, started: 'boot/1', host: hostname(), token: '1-2-3' })

/** Folders that are written to, with what earlier processes have left in them. */
export const writtenFolderSubjects: readonly Subject[] = [
  {
    name: 'locked folder',
    mayBeOdd: true,
    oddShare,
    make: (folder) => putLocks(folder, 'lock.json'),
    async read(folder) {
      const lock = await FolderLock.acquire(folder)
      const isHeld = await lock.isHeld()
      await lock.release()
      return digestOfJson(isHeld, (await readdir(folder)).sort())
    },
  },
  {
    name: 'folder to save a split in',
    mayBeOdd: true,
    oddShare,
    async make(folder) {
      await saveSplit(madeSplit(), folder)
      await putLocks(folder, 'split.lock')
    },
    pack: (files) => withListedDigests(files, 'split.json'),
    async read(folder) {
      const split = madeSplit()
      await saveSplit(split, folder, { overwrite: true })
      return same((await loadSplit(folder)).hash, split.hash)
    },
  },
  {
    name: 'folder to save a model in',
    mayBeOdd: true,
    oddShare,
    make: (folder) => savedWeights(folder).then(() => undefined),
    pack: (files) => withListedDigests(files, 'model.json'),
    async read(folder) {
      const weights = await savedWeights(folder)
      const loaded = await LightGcn.load(folder)
      try {
        return same(await digestOfWeights(loaded), weights)
      } finally {
        loaded.dispose()
      }
    },
  },
  {
    name: 'folder of checkpoints to train in',
    mayBeOdd: true,
    oddShare,
    pack: withDigests,
    async make(folder) {
      await makeCheckpoint(folder)
      await putLocks(folder, 'lock.json')
      await mkdir(join(folder, 'checkpoint-000002.tmp'))
      await writeFile(join(folder, 'checkpoint-000002.tmp/weights.safetensors'), 'half')
    },
    async read(folder) {
      const checkpoint = { folder, everyEpochs: 1 }
      const { trainer, model } = madeTrainer({ checkpoint, resume: 'latest-or-start' })
      try {
        const { epochs } = await trainer.fit()
        return digestOfJson(epochs.length, await digestOfWeights(model))
      } finally {
        model.dispose()
      }
    },
  },
  {
    name: 'folder of an experiment',
    mayBeOdd: true,
    oddShare,
    async make(folder) {
      const run = join(folder, 'run')
      await results.prepare(run)
      await putLocks(run, 'lock.json')
      // Times differ from run to run.
      await writeFile(join(run, 'results.jsonl'), await timelessResults(run))
      await writeFile(join(run, 'experiment.json'), '{}\n')
      // Running writes it anew.
      await rm(join(folder, 'made.csv'))
    },
    async read(folder) {
      const run = join(folder, 'run')
      await (await results.open(run, ''))()
      return digestOfJson(await timelessResults(run))
    },
  },
]

async function timelessResults(run: string): Promise<string> {
  const found = await results.read(run)
  const lines = typeof found === 'string' ? [found] : Object.values(found)
  return `${lines.join('\n')}\n`
}

/** Puts a lock of a process that has ended into a folder, with its drafts and the lock of its removal. */
async function putLocks(folder: string, name: string): Promise<void> {
  for (const each of [name, `${name}.1-2-3`, `${name}.removal`])
    await writeFile(join(folder, each), endedLock)
}

async function savedWeights(folder: string): Promise<string> {
  const graph = BipartiteGraph.fromInteractions(madeSplit().train)
  const model = new LightGcn(graph, { embeddingDim: 4, seed: 3 })
  try {
    await model.save(folder)
    return await digestOfWeights(model)
  } finally {
    model.dispose()
  }
}

function same(found: string, saved: string): string {
  if (found === saved) return found
  throw new Error('Something else was read than what had just been saved.')
}
