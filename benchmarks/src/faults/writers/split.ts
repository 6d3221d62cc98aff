import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadSplit, saveSplit } from '@gnnrec/data'
import { splitRows } from '@gnnrec/graph'
import { madeSplit } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

/** Saving of a split over another one. */
export const split: Writer = {
  prepare: (folder) => saveSplit(madeSplit(), folder),
  async open(folder) {
    const { train } = madeSplit()
    const parts = { train: [0, 1, 2, 3, 4, 5], validation: [6, 7], test: [8, 9] }
    const newer = splitRows(train, parts, { name: 'newer' })
    return () => saveSplit(newer, folder, { overwrite: true })
  },
  read: async (folder) => (await loadSplit(folder)).hash,
}

/** Saving of a split where there is none. */
export const firstSplit: Writer = {
  prepare: async () => undefined,
  open: split.open,
  read: async (folder) =>
    existsSync(join(folder, 'split.json')) ? split.read(folder) : 'no split',
}
