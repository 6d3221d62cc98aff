import { readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildIndex,
  loadIndex,
  type SearchEngine,
  VectorTable,
  writeVectors,
} from '@gnnrec/serving/vectors'
import { sha256 } from '../../fuzz/subjects/digests.js'
import { digestOfJson, madeEmbeddings } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

const itemCount = 200
const recommender = madeEmbeddings(itemCount)

/** An engine that lists all items, since the native code of a library cannot be a part of the writer's script. */
const engine: SearchEngine = {
  name: 'all items',
  create: () => ({
    add: () => undefined,
    search: () => Int32Array.from({ length: itemCount }, (_, item) => item),
    save: (path) => writeFileSync(path, Buffer.alloc(100_000, 'graph')),
    load: (path) => void readFileSync(path),
  }),
}

/** Saving of an approximate index. */
export const index: Writer = {
  prepare: async (folder) => {
    await (await built(8)).save(folder)
  },
  async open(folder) {
    const newer = await built(16)
    return async () => {
      await newer.save(folder)
    }
  },
  async read(folder) {
    const loaded = await loadIndex(folder, recommender, { engine })
    const lists = recommender.withIndex(loaded).recommend([0, 1], { k: 3 })
    return digestOfJson(loaded.connectivity, lists)
  },
}

function built(connectivity: number) {
  return buildIndex(recommender, { k: 3, sample: 5, connectivity, engine })
}

/** Writing of vectors as lines of JSON. */
export const jsonlVectors: Writer = {
  prepare: (folder) => write(folder, 2),
  open: async (folder) => () => write(folder, 5),
  read: async (folder) => sha256(await readFile(join(folder, 'vectors.jsonl'))),
}

async function write(folder: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, row) => row)
  const vectors = new VectorTable({ ids, dim: 2, vectors: new Float32Array(2 * count).fill(count) })
  await writeVectors(join(folder, 'vectors.jsonl'), vectors)
}
