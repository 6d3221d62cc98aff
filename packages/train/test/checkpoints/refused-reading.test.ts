import type { FileHandle } from 'node:fs/promises'
import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { CheckpointError, Trainer, type TrainerOptions } from '@gnnrec/train'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { plantedBlocks } from '../support/splits.js'

const fs = process.getBuiltinModule('node:fs/promises')

beforeAll(() => useBackend('simd', { threads: 1 }))
afterEach(() => {
  vi.restoreAllMocks()
})
removeFoldersAfterEach()

function trainer(options: Pick<TrainerOptions, 'checkpoint' | 'resume'>): Trainer {
  const split = plantedBlocks(1, 10)
  const model = new BprMf(BipartiteGraph.fromInteractions(split.train), { embeddingDim: 4 })
  const training = { epochs: 1, batchSize: 32, learningRate: 0.01 } as const
  const sampling = 'interaction-shuffle'
  return new Trainer({ model, split, ...training, sampling, progress: 'none', ...options })
}

const refusal = (call: string) =>
  Object.assign(new Error(`EACCES: permission denied, ${call}`), { code: 'EACCES', syscall: call })

it.each([
  ['open', /latest$/],
  ['read', /latest$/],
  ['open', /checkpoint\.json$/],
  ['read', /checkpoint\.json$/],
  ['open', /weights\.safetensors$/],
  ['read', /weights\.safetensors$/],
  ['readdir', /checkpoints-here$/],
] as const)('a refusal at %s of %s is a CheckpointError', async (call, path) => {
  const folder = `${await temporaryFolder()}/checkpoints-here`
  await trainer({ checkpoint: folder }).fit()
  let isRefused = false
  const refuse = (): never => {
    isRefused = true
    throw refusal(call)
  }
  const spied = call === 'readdir' ? 'readdir' : 'open'
  const real = fs[spied] as (...given: unknown[]) => Promise<unknown>
  vi.spyOn(fs, spied).mockImplementation((async (...given: unknown[]) => {
    if (isRefused || !path.test(String(given[0]))) return real(...given)
    if (call !== 'read') return refuse()
    return Object.assign((await real(...given)) as FileHandle, { read: refuse })
  }) as never)
  const error = await trainer({ resume: folder })
    .fit()
    .catch((reason: unknown) => reason)
  expect(isRefused).toBe(true)
  expect(error).toBeInstanceOf(CheckpointError)
  expect((error as Error).message).toContain('EACCES: permission denied')
})
