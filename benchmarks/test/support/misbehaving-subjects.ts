import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { InvalidOptionsError } from '@gnnrec/graph'
import type { Subject } from '../../src/fuzz/subject.js'
import { hostileModule } from '../../src/fuzz/traps.js'

/** Kinds of input whose readers do one thing that no reader may do as soon as a byte is changed. */
export const misbehaving: readonly Subject[] = [
  reader('same', () => undefined),
  reader('typed', () => {
    throw new InvalidOptionsError('a typed error')
  }),
  reader('foreign', () => {
    throw new TypeError('a foreign error')
  }),
  reader('stray', async () => {
    void Promise.reject(new RangeError('an error that nobody catches'))
    await setTimeout(5_000)
  }),
  reader('hang', () => {
    for (;;);
  }),
  reader('abort', () => process.abort()),
  reader('elsewhere', (folder) => writeFile(join(folder, '..', 'x'), 'a text')),
  reader('code', () => import(hostileModule)),
  reader('memory', async () => {
    const taken: Uint8Array[] = []
    for (let part = 0; part < 100; part++) {
      taken.push(new Uint8Array(2 ** 24).fill(part))
      await setTimeout(5)
    }
  }),
]

const sound = 'a sound text'

function reader(name: string, misbehave: (folder: string) => unknown): Subject {
  return {
    name,
    make: (folder) => writeFile(join(folder, 'text'), sound),
    async read(folder) {
      const text = await readFile(join(folder, 'text'), 'latin1')
      if (text !== sound) await misbehave(folder)
      return sound
    },
  }
}
