import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFile } from '@gnnrec/data'
import { sha256 } from '../../fuzz/subjects/digests.js'
import type { Writer } from '../writer.js'

/** Download of a file that is not there yet. */
export const download: Writer = {
  prepare: async () => undefined,
  async open(folder, address) {
    // The first answer takes longer than all that follow.
    await (await fetch(address)).arrayBuffer()
    const file = join(folder, 'made.bin')
    return async () => {
      await downloadFile({ address, file, progress: 'none', attempts: 1, timeoutSeconds: 20 })
    }
  },
  read: (folder) =>
    readFile(join(folder, 'made.bin')).then(sha256, (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return 'no file'
      throw cause
    }),
}
