import fs from 'node:fs'
import { join } from 'node:path'
import { GnnRecError } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { CheckpointError } from '@gnnrec/train'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { smallOptions } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let runs = 0

beforeAll(() => useBackend('simd', { threads: 1 }))
afterEach(() => {
  vi.restoreAllMocks()
})

it.each([
  'closeSync',
  'ftruncateSync',
  'fsyncSync',
  'mkdirSync',
  'openSync',
  'readSync',
  'renameSync',
  'rmSync',
  'statfsSync',
  'writeSync',
] as const)('a training whose call of %s is refused ends in a typed error', async (call) => {
  const options = { ...smallOptions(join(folder, `run-${runs++}`)), epochs: 1 }
  const real = fs[call] as (...given: unknown[]) => unknown
  let isRefused = false
  vi.spyOn(fs, call).mockImplementation(((...given: unknown[]) => {
    if (isRefused) return real(...given)
    isRefused = true
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: call })
  }) as never)
  const error = await new OutOfCoreTrainer(options).fit().catch((reason: unknown) => reason)
  expect(isRefused).toBe(true)
  expect(error).toBeInstanceOf(GnnRecError)
  expect((error as Error).message).toContain('EIO: i/o error')
  vi.restoreAllMocks()
  const model = await new OutOfCoreTrainer({ ...options, resume: true }).fit()
  expect(model.history.epochs).toHaveLength(1)
  await model.close()
})

it('a lock that cannot be removed when the model is closed is a CheckpointError', async () => {
  const model = await new OutOfCoreTrainer({
    ...smallOptions(join(folder, `run-${runs++}`)),
    epochs: 1,
  }).fit()
  const refused = { code: 'EPERM', syscall: 'unlink' }
  vi.spyOn(fs.promises, 'rm').mockRejectedValue(
    Object.assign(new Error('EPERM: operation not permitted, unlink'), refused),
  )
  const error = await model.close().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CheckpointError)
  expect((error as Error).message).toContain('Cannot unlock')
})
