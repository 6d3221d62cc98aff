import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@gnnrec/graph/files'
import { SerializationError } from '@gnnrec/serving'
import type { Writer, Writers } from '../../src/faults/writer.js'

/** Writers that do one thing that no writer may do when a call fails, and one that does none. */
export const misbehaving: Writers = {
  sound: async () => writer((file, text) => replaceFile(file, text)),
  untyped: async () => ({
    ...writer((file, text) => replaceFile(file, text)),
    open: async (folder) => () => replaceFile(join(folder, 'text'), 'new'),
  }),
  'in place': async () => writer((file, text) => writeFile(file, text)),
  deaf: async () => writer((file, text) => replaceFile(file, text).catch(() => undefined)),
  untidy: async () => {
    let count = 0
    return writer(async (file, text) => {
      await writeFile(`${file}.${process.pid}${count++}.draft`, text)
      await replaceFile(file, text)
    })
  },
}

function writer(write: (file: string, text: string) => Promise<unknown>): Writer {
  return {
    prepare: async (folder) => void (await write(join(folder, 'text'), 'old')),
    open: async (folder) => async () => {
      try {
        await write(join(folder, 'text'), 'new')
      } catch (cause) {
        throw new SerializationError('The text cannot be written.', { cause })
      }
    },
    read: (folder) => readFile(join(folder, 'text'), 'utf8'),
  }
}
