import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readIfPresent } from '../../src/checkpoints/node-files.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'

removeFoldersAfterEach()

it('a file of a checkpoint may have more bytes than one call of the system reads', async () => {
  const size = 2 ** 27
  const file = join(await temporaryFolder(), 'optimizer.safetensors')
  await writeFile(file, '')
  // A sparse file, which takes no place on the disk.
  await truncate(file, size)
  const handle = await open(file)
  await handle.close()
  const reads = vi.spyOn(Object.getPrototypeOf(handle), 'read')
  onTestFinished(() => reads.mockRestore())
  expect((await readIfPresent(file, () => true))?.length).toBe(size)
  expect(reads).toHaveBeenCalledTimes(2)
})

it('a file of another size than wanted is not read', async () => {
  const file = join(await temporaryFolder(), 'latest')
  await writeFile(file, 'name')
  expect(await readIfPresent(file, (size) => size < 4)).toBeUndefined()
  expect(await readIfPresent(file, (size) => size === 4)).toEqual(new TextEncoder().encode('name'))
  expect(await readIfPresent(`${file}-2`, () => true)).toBeUndefined()
})
