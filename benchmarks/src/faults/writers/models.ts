import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BipartiteGraph, interactionLists } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { PopularityRecommender, Recommender, writeRecommendations } from '@gnnrec/serving'
import { sha256 } from '../../fuzz/subjects/digests.js'
import { digestOfJson, digestOfWeights, madeSplit } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

const { train } = madeSplit()

/** Saving of a model with weights. */
export const model: Writer = {
  prepare: async (folder) => (await created(1)).save(folder),
  async open(folder) {
    const newer = await created(2)
    return () => newer.save(folder)
  },
  async read(folder) {
    const loaded = await LightGcn.load(folder)
    const digest = await digestOfWeights(loaded)
    loaded.dispose()
    return digest
  },
}

/** Saving of a model with weights where there is none. */
export const firstModel: Writer = {
  prepare: async () => undefined,
  open: model.open,
  read: async (folder) =>
    existsSync(join(folder, 'model.json')) ? model.read(folder) : 'no model',
}

async function created(seed: number): Promise<LightGcn> {
  await useBackend('simd', { threads: 1 })
  return new LightGcn(BipartiteGraph.fromInteractions(train), { embeddingDim: 4, seed })
}

/** Saving of a recommender. */
export const recommender: Writer = {
  prepare: (folder) => popularity(1).save(folder),
  open: async (folder) => () => popularity(-1).save(folder),
  async read(folder) {
    const loaded = await Recommender.load(folder)
    return digestOfJson(loaded.recommend(loaded.users.ids[0], { k: 3 }))
  },
}

function popularity(sign: number): PopularityRecommender {
  const scores = Float32Array.from({ length: train.items.size }, (_, item) => sign * item)
  const { users, items } = train
  return new PopularityRecommender({ users, items, seen: interactionLists(train), scores })
}

/** Writing of lists of recommendations. */
export const csvLists = lists('lists.csv')
export const jsonlLists = lists('lists.jsonl')
export const parquetLists = lists('lists.parquet')

function lists(name: string): Writer {
  const write = async (folder: string, k: number): Promise<void> => {
    await writeRecommendations(join(folder, name), popularity(1).recommendAll({ k }))
  }
  return {
    prepare: (folder) => write(folder, 2),
    async open(folder) {
      // The package for the format is loaded before anything fails; this folder is not there.
      await write(join(folder, 'none'), 1).catch(() => undefined)
      return () => write(folder, 5)
    },
    read: async (folder) => sha256(await readFile(join(folder, name))),
  }
}
