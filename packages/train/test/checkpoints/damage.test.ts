import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CheckpointError, Trainer } from '../../src/index.js'
import {
  checkpointsIn,
  removeFoldersAfterEach,
  temporaryFolder,
} from '../support/checkpoint-folder.js'
import { expectSameTraining, type TrainingResult, trainTo } from '../support/same-training.js'
import { smallModel, smallOptions } from '../support/small-training.js'

removeFoldersAfterEach()

let whole: TrainingResult
/** Two checkpoints: after step 2 of epoch 1 and after step 1 of epoch 2. */
let template: string

beforeAll(async () => {
  await useBackend('simd', { threads: 1 })
  whole = await trainTo({ ...smallOptions, model: smallModel() })
  template = await mkdtemp(join(tmpdir(), 'gnnrec-train-'))
  for (const place of [
    { epoch: 1, step: 2 },
    { epoch: 2, step: 1 },
  ]) {
    const checkpoint = { folder: template, everyEpochs: 100 }
    const options = { ...smallOptions, model: smallModel(), checkpoint }
    await trainTo({ ...options, resume: 'latest-or-start' }, place)
  }
  expect(await checkpointsIn(template)).toEqual([1, 2])
})

afterAll(() => rm(template, { recursive: true }))

async function copyOfTemplate(): Promise<string> {
  const folder = await temporaryFolder()
  await cp(template, folder, { recursive: true })
  return folder
}

async function resume(folder: string): Promise<{ result: TrainingResult; warnings: string[] }> {
  const warnings: string[] = []
  const progress = { warning: (message: string) => warnings.push(message) }
  const options = { ...smallOptions, model: smallModel(), progress, checkpoint: folder }
  return { result: await trainTo({ ...options, resume: 'latest' }), warnings }
}

const flip = async (file: string, at: number) => {
  const bytes = await readFile(file)
  bytes[at < 0 ? bytes.length + at : at] ^= 1
  await writeFile(file, bytes)
}

async function replaceByPipe(file: string): Promise<void> {
  await rm(file)
  execFileSync('mkfifo', [file])
}

const damages: Record<string, (checkpoint: string) => Promise<void>> = {
  'has a file that is cut short': (at) => truncate(join(at, 'optimizer.safetensors'), 100),
  'has an empty file': (at) => truncate(join(at, 'weights.safetensors'), 0),
  'has a file with a changed bit': (at) => flip(join(at, 'weights.safetensors'), -5),
  'lacks a file': (at) => rm(join(at, 'optimizer.safetensors')),
  'has half of its list': (at) => truncate(join(at, 'checkpoint.json'), 200),
  'has a list with a changed digit': async (at) => {
    const file = join(at, 'checkpoint.json')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"totalSteps":5', '"totalSteps":6'))
  },
  'has a foreign list': (at) => writeFile(join(at, 'checkpoint.json'), 'null'),
  'lacks its list': (at) => rm(join(at, 'checkpoint.json')),
  'has a pipe for its list': (at) => replaceByPipe(join(at, 'checkpoint.json')),
  'has a pipe for a file': (at) => replaceByPipe(join(at, 'weights.safetensors')),
  'is gone': (at) => rm(at, { recursive: true }),
}

describe('a checkpoint that is damaged', () => {
  it.each(Object.entries(damages))(
    'is skipped with a warning for the one before it when it %s',
    async (_, damage) => {
      const folder = await copyOfTemplate()
      await damage(join(folder, 'checkpoint-000002'))
      const { result, warnings } = await resume(folder)
      expectSameTraining(result, whole)
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(/Went back to .*checkpoint-000001, as .*checkpoint-000002/)
    },
  )

  it('is no whole one when it is the only one', async () => {
    const folder = await copyOfTemplate()
    for (const name of ['checkpoint-000001', 'checkpoint-000002']) {
      await damages['has an empty file'](join(folder, name))
    }
    const before = await readdir(folder, { recursive: true })
    await expect(resume(folder)).rejects.toThrow(CheckpointError)
    await expect(resume(folder)).rejects.toThrow(
      /None of the checkpoints in .* is whole: .*000002.*weights.*torn: 0 bytes of \d+; .*000001/,
    )
    expect(await readdir(folder, { recursive: true })).toEqual(before)
  })

  it('stays with what it holds when its folder is opened, and so does a file of such a name', async () => {
    const folder = await copyOfTemplate()
    await replaceByPipe(join(folder, 'checkpoint-000002', 'checkpoint.json'))
    await writeFile(join(folder, 'checkpoint-000003'), 'notes')
    const before = await readdir(folder, { recursive: true })
    const options = { ...smallOptions, model: smallModel(), checkpoint: folder }
    await expect(new Trainer(options).fit()).rejects.toThrow(/has checkpoints of an earlier/)
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(before.sort())
  })

  it('is refused when it is asked for by its path', async () => {
    const folder = await copyOfTemplate()
    const path = join(folder, 'checkpoint-000001')
    await damages['has a file with a changed bit'](path)
    const trainer = new Trainer({ ...smallOptions, model: smallModel(), resume: path })
    await expect(trainer.fit()).rejects.toThrow(/Cannot go on from .*000001: .*digest is another/)
  })

  it('is told by a warning of the process when nobody else takes it', async () => {
    const folder = await copyOfTemplate()
    await damages['lacks a file'](join(folder, 'checkpoint-000002'))
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const options = { ...smallOptions, model: smallModel(), resume: folder }
    await new Trainer(options).fit()
    expect(emitWarning.mock.calls).toEqual([[expect.stringMatching(/Went back/), 'GnnRecWarning']])
    emitWarning.mockRestore()
  })
})

describe('the file latest', () => {
  it('is not needed, nor believed when it is foreign', async () => {
    for (const damage of [
      (file: string) => rm(file),
      (file: string) => writeFile(file, 'checkpoint-'),
      (file: string) => writeFile(file, ''),
      (file: string) => writeFile(file, 'checkpoint-000001'.padEnd(1000)),
      replaceByPipe,
    ]) {
      const folder = await copyOfTemplate()
      await damage(join(folder, 'latest'))
      const { result, warnings } = await resume(folder)
      expectSameTraining(result, whole)
      expect(warnings).toEqual([])
    }
  })

  it('decides, so that one that came into place before it is left out', async () => {
    const folder = await copyOfTemplate()
    await writeFile(join(folder, 'latest'), 'checkpoint-000001\n')
    const { result, warnings } = await resume(folder)
    expectSameTraining(result, whole)
    expect(warnings).toEqual([])
    expect(Math.max(...(await checkpointsIn(folder)))).toBeGreaterThan(2)
  })
})

describe('a checkpoint of another kind', () => {
  it.each([
    [{ learningRate: 0.02 }, /training.learningRate: the checkpoint has 0.01, this training 0.02/],
    [{ seed: '0' }, /training.seed: the checkpoint has 0, this training "0"/],
    [{ clipNorm: 1 }, /training.clipNorm: the checkpoint has none, this training 1/],
    [
      { optimizer: { name: 'adam' as const, beta1: 0.8 } },
      /training.optimizer.beta1: .* none, .* 0.8/,
    ],
    [{ schedule: { name: 'cosine' as const } }, /training.schedule.name: .*"constant", .*"cosine"/],
    [{ schedule: () => 1 }, /training.schedule.name: .*"constant", this training none/],
    [{ metrics: ['ndcg@6'] }, /training.metrics: .*\["ndcg@5"\], .*\["ndcg@6"\]/],
  ])('is refused: %o', async (changes, message) => {
    const folder = await copyOfTemplate()
    const options = { ...smallOptions, model: smallModel(), checkpoint: folder, ...changes }
    const fit = new Trainer({ ...options, resume: 'latest' }).fit()
    await expect(fit).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' })
    await expect(fit).rejects.toThrow(message)
    // It is there for the right one.
    expectSameTraining((await resume(folder)).result, whole)
  })

  it('is told when another version wrote it', async () => {
    const folder = await copyOfTemplate()
    const file = join(folder, 'checkpoint-000002', 'checkpoint.json')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/"libraryVersion":"[^"]*"/, '"libraryVersion":"9.9.9"'))
    const { result, warnings } = await resume(folder)
    expectSameTraining(result, whole)
    expect(warnings).toEqual([expect.stringMatching(/was written by @gnnrec\/train 9\.9\.9; this/)])
  })

  it('is refused when it needs a newer version', async () => {
    const folder = await copyOfTemplate()
    const file = join(folder, 'checkpoint-000002', 'checkpoint.json')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"formatVersion":1', '"formatVersion":2'))
    await expect(resume(folder)).rejects.toThrow(/has format version 2; @gnnrec\/train .* reads/)
  })
})
