import { FolderLock } from '@gnnrec/graph/files'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Trainer } from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { smallModel, smallOptions } from './support/small-training.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))
afterEach(() => {
  vi.restoreAllMocks()
})

/** Lets the next unlocking fail as it does on a disk that breaks. */
function breakNextUnlock(): void {
  const broken = { code: 'EIO', syscall: 'unlink' }
  vi.spyOn(FolderLock.prototype, 'release').mockRejectedValueOnce(
    Object.assign(new Error('EIO: i/o error, unlink'), broken),
  )
}

it('an error stays when the folder cannot be unlocked, and the model can be trained again', async () => {
  const model = smallModel()
  const progress = {
    step() {
      throw new Error('The dashboard is away.')
    },
  }
  const options = { ...smallOptions, model, epochs: 1 }
  breakNextUnlock()
  const checkpoint = await temporaryFolder()
  await expect(new Trainer({ ...options, checkpoint, progress }).fit()).rejects.toMatchObject({
    code: 'CALLBACK',
    message: 'The dashboard is away.',
  })
  const { stopReason } = await new Trainer(options).fit()
  expect(stopReason).toBe('completed')
})

it('a folder that cannot be unlocked at the end is a typed error, and the model can be trained again', async () => {
  const model = smallModel()
  const options = { ...smallOptions, model, epochs: 1 }
  breakNextUnlock()
  const checkpoint = await temporaryFolder()
  await expect(new Trainer({ ...options, checkpoint }).fit()).rejects.toMatchObject({
    code: 'CHECKPOINT',
    message: expect.stringMatching(/^Could not unlock .*EIO/),
  })
  expect((await new Trainer(options).fit()).stopReason).toBe('completed')
})

it('a log that cannot be closed is a typed error, after the reporter has seen the end', async () => {
  const fs = process.getBuiltinModule('node:fs/promises')
  const real = fs.open
  vi.spyOn(fs, 'open').mockImplementation((async (...given: Parameters<typeof real>) => {
    const handle = await real(...given)
    if (!String(given[0]).endsWith('.jsonl')) return handle
    const close = handle.close.bind(handle)
    handle.close = async () => {
      await close()
      throw new Error('EIO: i/o error, close')
    }
    return handle
  }) as typeof real)
  const end = vi.fn()
  const options = { ...smallOptions, model: smallModel(), epochs: 1, progress: { end } }
  const log = `${await temporaryFolder()}/log.jsonl`
  await expect(new Trainer({ ...options, log }).fit()).rejects.toMatchObject({
    code: 'TRAINING_LOG',
  })
  expect(end).toHaveBeenCalledWith(expect.objectContaining({ stopReason: 'completed' }))
})
