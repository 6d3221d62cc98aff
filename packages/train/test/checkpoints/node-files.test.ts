import { truncate, writeFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readIfPresent } from '../../src/checkpoints/node-files.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'

removeFoldersAfterEach()

// One call of Node.js reads less.
const large = 2 ** 31 + 5

it.skipIf(freemem() < 2 * large)('a file of a checkpoint may have 2 GiB and more', async () => {
  const file = join(await temporaryFolder(), 'optimizer.safetensors')
  await writeFile(file, '')
  // A sparse file, which takes no place on the disk.
  await truncate(file, large)
  expect((await readIfPresent(file, (size) => size === large))?.length).toBe(large)
})

it('a file of another size than wanted is not read', async () => {
  const file = join(await temporaryFolder(), 'latest')
  await writeFile(file, 'name')
  expect(await readIfPresent(file, (size) => size < 4)).toBeUndefined()
  expect(await readIfPresent(file, (size) => size === 4)).toEqual(new TextEncoder().encode('name'))
  expect(await readIfPresent(`${file}-2`, () => true)).toBeUndefined()
})
