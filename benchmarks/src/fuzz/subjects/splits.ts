import { loadSplit, saveSplit } from '@gnnrec/data'
import type { Subject } from '../subject.js'
import { withListedDigests } from './digests.js'
import { digestOfJson, digestOfTable, madeSplit } from './made-data.js'

/** Folders of saved splits. */
export const splitSubjects: readonly Subject[] = [
  {
    name: 'split',
    share: 3,
    mayBeOdd: true,
    make: (folder) => saveSplit(madeSplit(), folder),
    pack: (files) => withListedDigests(files, 'split.json'),
    async read(folder) {
      const { train, validation, test, method } = await loadSplit(folder)
      return digestOfJson([train, validation, test].map(digestOfTable), method)
    },
  },
]
