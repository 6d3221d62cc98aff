import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveCases } from '../../src/fuzz/serve-cases.js'

serveCases(process.argv[2], [
  {
    name: 'badly packed',
    make: (folder) => writeFile(join(folder, 'text'), 'a text'),
    pack: (files) => new Map([...files].map(([name, bytes]) => [name, bytes.slice(1)])),
    read: async () => 'a text',
  },
])
