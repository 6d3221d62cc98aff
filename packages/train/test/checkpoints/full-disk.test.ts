import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { CheckpointError, Trainer } from '../../src/index.js'
import {
  checkpointsIn,
  removeFoldersAfterEach,
  temporaryFolder,
} from '../support/checkpoint-folder.js'
import { expectSameTraining, type TrainingResult, trainTo } from '../support/same-training.js'
import { smallModel, smallOptions } from '../support/small-training.js'

removeFoldersAfterEach()
afterEach(() => vi.restoreAllMocks())

const fs = process.getBuiltinModule('node:fs/promises')
let whole: TrainingResult

beforeAll(async () => {
  await useBackend('simd', { threads: 1 })
  whole = await trainTo({ ...smallOptions, model: smallModel() })
})

/** From the n-th call on (from 0) that changes the folder, all fail, as on a full disk. */
function failFrom(first: number): { calls: number } {
  const count = { calls: 0 }
  const guard = <Call extends (...args: never[]) => Promise<unknown>>(
    real: Call,
    code = 'ENOSPC',
  ) =>
    (async (...args: never[]) => {
      if (count.calls++ >= first)
        throw Object.assign(new Error(`${code}: disk`), { code, syscall: 'write' })
      return await real(...args)
    }) as unknown as Call
  const { open, mkdir, rename } = fs
  vi.spyOn(fs, 'mkdir').mockImplementation(guard(mkdir) as typeof fs.mkdir)
  vi.spyOn(fs, 'rename').mockImplementation(guard(rename) as typeof fs.rename)
  vi.spyOn(fs, 'open').mockImplementation((async (...args: Parameters<typeof open>) => {
    const handle = await open(...args)
    if (args[1] !== 'w' && args[1] !== 'wx') return handle
    const writeFile = handle.writeFile.bind(handle)
    handle.writeFile = guard(async (bytes) => {
      if (count.calls > first) await writeFile((bytes as Uint8Array).subarray(0, 9))
      return await writeFile(bytes)
    })
    handle.sync = guard(handle.sync.bind(handle))
    return handle
  }) as typeof open)
  return count
}

it('loses nothing when the disk is full at any moment of a write', async () => {
  // The first checkpoint is whole; the second fails at each of its calls in turn.
  let [first, wasFine] = [0, false]
  for (; !wasFine; first++) {
    const folder = await temporaryFolder()
    const options = { ...smallOptions, checkpoint: { folder, everyEpochs: 100 } }
    await trainTo({ ...options, model: smallModel() }, { epoch: 1, step: 2 })
    const model = smallModel()
    const failing = new Trainer({ ...options, model, resume: 'latest' })
    const controller = new AbortController()
    let failure: unknown
    try {
      for await (const event of failing.run({ signal: controller.signal })) {
        if (event.type !== 'step' || event.epoch !== 3) continue
        if (!controller.signal.aborted) failFrom(first)
        controller.abort()
      }
    } catch (error) {
      failure = error
    }
    vi.restoreAllMocks()
    wasFine = failure === undefined
    if (!wasFine) {
      expect(failure).toBeInstanceOf(CheckpointError)
      expect((failure as Error).message).toMatch(/Could not write .*ENOSPC.*resume: 'latest'/)
    }
    expect((await fs.readdir(folder)).filter((name) => name.startsWith('lock'))).toEqual([])
    expectSameTraining(await trainTo({ ...options, model: smallModel(), resume: 'latest' }), whole)
    expect((await checkpointsIn(folder)).length).toBeGreaterThanOrEqual(2)
    model.dispose()
  }
  expect(first).toBeGreaterThan(12)
})

it('ends training with the best weights in the model when a write in between fails', async () => {
  const folder = await temporaryFolder()
  const model = smallModel()
  const options = { ...smallOptions, epochs: 1000, model }
  const trainer = new Trainer({ ...options, checkpoint: folder })
  const train = async () => {
    for await (const event of trainer.run()) if (event.type === 'checkpoint') failFrom(0)
  }
  await expect(train()).rejects.toThrow(/Could not write .*checkpoint-000002: ENOSPC/)
  vi.restoreAllMocks()
  expect(await checkpointsIn(folder)).toEqual([1])
  expect(await model.weights()).not.toEqual(await smallModel().weights())
})
