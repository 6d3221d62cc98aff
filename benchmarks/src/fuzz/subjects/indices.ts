import { buildIndex, loadIndex } from '@gnnrec/serving/vectors'
import type { Subject } from '../subject.js'
import { withListedDigests } from './digests.js'
import { digestOfJson, madeEmbeddings } from './made-data.js'

const itemCount = 600

/**
 * Folders of approximate indices. The graph is read by native code, which trusts it, so that a graph that was changed
 * keeps the wrong digest: SECURITY.md says whose graphs may be loaded.
 */
export const indexSubjects: readonly Subject[] = [
  {
    name: 'approximate index',
    share: 0.5,
    mayBeOdd: true,
    async make(folder) {
      const index = await buildIndex(madeEmbeddings(itemCount), { k: 3, sample: 5, threads: 1 })
      await index.save(folder)
    },
    pack: (files) => {
      const manifest = files.get('index.json')
      if (!manifest) return files
      const packed = withListedDigests(new Map([['index.json', manifest]]), 'index.json')
      return new Map([...files, ...packed])
    },
    async read(folder) {
      const model = madeEmbeddings(itemCount)
      const index = await loadIndex(folder, model)
      const lists = model.withIndex(index).recommend([0, 1], { k: 3 })
      return digestOfJson(index.measured, index.effort, lists)
    },
  },
]
