import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { CheckpointStore } from '../../src/checkpoints/checkpoint-store.js'
import {
  CheckpointError,
  CheckpointLockedError,
  type CheckpointSettings,
  Trainer,
} from '../../src/index.js'
import type { StepProgress } from '../../src/progress/progress-reporter.js'
import {
  checkpointsIn,
  removeFoldersAfterEach,
  temporaryFolder,
} from '../support/checkpoint-folder.js'
import { expectSameTraining, trainInParts, trainTo } from '../support/same-training.js'
import { ScriptedModel, scriptedSplit } from '../support/scripted-model.js'
import { otherModel, smallModel, smallOptions, smallSplit } from '../support/small-training.js'
import { randomSplit, splitOf } from '../support/splits.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))

const { write } = CheckpointStore.prototype

/** Waits until no checkpoint is being written. */
let writesDone: () => Promise<void>

beforeEach(() => {
  let writing: Promise<unknown> | undefined
  vi.spyOn(CheckpointStore.prototype, 'write').mockImplementation(function (
    this: CheckpointStore,
    ...content
  ) {
    const path = write.apply(this, content)
    writing = path.catch(() => undefined)
    return path
  })
  writesDone = async () => {
    await writing
    // Those who wait besides come first.
    await setTimeout(1)
  }
})

afterEach(() => vi.restoreAllMocks())

/** Trains a scripted model with time for every checkpoint; gives the numbers left after epochs. */
async function numbersLeft(hits: readonly number[], settings: object) {
  const folder = await temporaryFolder()
  const split = scriptedSplit()
  const model = ScriptedModel.onSplit(split, hits)
  const trainer = new Trainer({
    model,
    split,
    epochs: hits.length,
    batchSize: 5,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
    metrics: ['hit@1'],
    progress: 'none',
    guards: false,
    checkpoint: { folder, ...settings },
  })
  const written: number[] = []
  for await (const event of trainer.run()) {
    if (event.type === 'epoch' || event.type === 'step') await writesDone()
    if (event.type === 'checkpoint') written.push(event.totalSteps)
  }
  return { folder, written, left: await checkpointsIn(folder) }
}

describe('the folder of checkpoints', () => {
  it('keeps the last ones and the best', async () => {
    const { left, folder } = await numbersLeft([1, 6, 2, 7, 3, 4, 5], { keepLast: 2, keepBest: 2 })
    expect(left).toEqual([2, 4, 6, 7])
    expect(await readFile(join(folder, 'latest'), 'utf8')).toBe('checkpoint-000007\n')
    expect((await readdir(folder)).sort()).toEqual([
      ...['checkpoint-000002', 'checkpoint-000004', 'checkpoint-000006', 'checkpoint-000007'],
      'latest',
    ])
  })

  it('keeps the earlier of equally good ones, and none of them if asked', async () => {
    expect((await numbersLeft([5, 5, 1], { keepLast: 1 })).left).toEqual([1, 3])
    expect((await numbersLeft([5, 1, 1], { keepLast: 1, keepBest: 0 })).left).toEqual([3])
  })

  it('gets a checkpoint every few epochs, steps or seconds, and at the end', async () => {
    // Two steps an epoch.
    const hits = [1, 2, 3, 4, 5]
    expect((await numbersLeft(hits, { everyEpochs: 2 })).written).toEqual([4, 8, 10])
    expect((await numbersLeft(hits, { everySteps: 3 })).written).toEqual([3, 6, 9, 10])
    expect((await numbersLeft(hits, { everySeconds: 1000 })).written).toEqual([10])
    expect((await numbersLeft(hits, { everySeconds: 1e-9 })).written).toEqual([
      // The last is that of the end, with the evaluation.
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10],
    ])
  })

  it('is written to while training goes on, one checkpoint at a time', async () => {
    let [steps, inFlight, most] = [0, 0, 0]
    const stepsMeanwhile: number[] = []
    vi.spyOn(CheckpointStore.prototype, 'write').mockImplementation(async function (
      this: CheckpointStore,
      ...content
    ) {
      most = Math.max(most, ++inFlight)
      const before = steps
      // Until the disk is done, training has to have gone on.
      while (steps < before + 5 && steps < 30) await setTimeout(1)
      stepsMeanwhile.push(steps - before)
      inFlight--
      return write.apply(this, content)
    })
    const folder = await temporaryFolder()
    const options = {
      ...smallOptions,
      epochs: 9,
      metrics: [],
      checkpoint: { folder, everySteps: 1 },
    }
    const progress = { step: () => void steps++ }
    await new Trainer({ ...options, model: smallModel(), progress }).fit()
    expect(steps).toBe(36)
    expect(most).toBe(1)
    expect(stepsMeanwhile.length).toBeGreaterThan(1)
    expect(stepsMeanwhile[0]).toBeGreaterThanOrEqual(5)
  })

  it('goes on ranking the best after a stop', async () => {
    const folder = await temporaryFolder()
    const split = scriptedSplit()
    const run = async (hits: readonly number[], epoch?: number) => {
      const model = ScriptedModel.onSplit(split, hits)
      const options = {
        model,
        split,
        epochs: 4,
        batchSize: 100,
        learningRate: 0.01,
        metrics: ['hit@1'],
        sampling: 'interaction-shuffle' as const,
        progress: 'none' as const,
        guards: false as const,
        checkpoint: { folder, keepLast: 1 },
      }
      const trainer = new Trainer({ ...options, resume: 'latest-or-start' })
      const controller = new AbortController()
      for await (const event of trainer.run({ signal: controller.signal })) {
        if (event.type !== 'epoch') continue
        await writesDone()
        if (event.record.epoch === epoch) controller.abort()
      }
    }
    await run([3, 9], 2)
    await run([1, 2])
    expect(await checkpointsIn(folder)).toEqual([2, 4])
  })

  it('holds tensors in safetensors and the rest in JSON', async () => {
    const { folder } = await numbersLeft([4], {})
    const at = join(folder, 'checkpoint-000001')
    expect((await readdir(at)).sort()).toEqual([
      ...['best.safetensors', 'checkpoint.json', 'optimizer.safetensors', 'weights.safetensors'],
    ])
    const { body, ...head } = JSON.parse(await readFile(join(at, 'checkpoint.json'), 'utf8'))
    expect(head).toMatchObject({ format: 'gnnrec-checkpoint', formatVersion: 1 })
    expect(head.libraryVersion).toMatch(/^\d+\.\d+\.\d+/)
    expect(body.identity.data.split).toBe(scriptedSplit().hash)
    expect(body.progress).toMatchObject({ epoch: 1, totalSteps: 2, best: { epoch: 1 } })
  })

  it('is refused to a training that does not go on from what is in it', async () => {
    const { folder } = await numbersLeft([4], {})
    const trainer = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
    await expect(trainer.fit()).rejects.toThrow(
      /has checkpoints of an earlier training; set resume to go on from them/,
    )
    expect(await checkpointsIn(folder)).toEqual([1])
  })

  it('must have something to go on from, if it is asked for', async () => {
    const folder = await temporaryFolder()
    const options = { ...smallOptions, checkpoint: folder }
    for (const resume of ['latest', folder, join(folder, 'nothing')]) {
      const fit = new Trainer({ ...options, model: smallModel(), resume }).fit()
      await expect(fit).rejects.toThrow(/There is no checkpoint in .* to go on from/)
    }
    const fit = new Trainer({ ...options, model: smallModel(), resume: 'latest-or-start' }).fit()
    await expect(fit).resolves.toMatchObject({ stopReason: 'completed' })
  })

  it('is refused to other data and another model', async () => {
    const folder = await temporaryFolder()
    const options = { ...smallOptions, checkpoint: folder }
    await trainTo({ ...options, model: smallModel() }, { epoch: 1, step: 1 })
    const wide = new LightGcn(smallModel().graph, { embeddingDim: 4, layers: 1, edgeDropout: 0.2 })
    const split = randomSplit({ seed: 6, users: 40, items: 30, perUser: 5 })
    const onOther = new LightGcn(BipartiteGraph.fromInteractions(split.train), wide.options)
    for (const [changes, message] of [
      [{ model: wide }, /model.options.embeddingDim: the checkpoint has 8, this training 4/],
      [{ model: otherModel() }, /model.architecture: .*"light-gcn", this training "bpr-mf"/],
      [{ model: onOther, split }, /data.split: the checkpoint has "[0-9a-f]+", this training/],
    ] as const) {
      const fit = new Trainer({ ...options, ...changes, resume: 'latest' }).fit()
      await expect(fit).rejects.toThrow(message)
    }
  })

  it('can be read by a training that writes none, or writes to another', async () => {
    const whole = await trainTo({ ...smallOptions, model: smallModel() })
    const folder = await temporaryFolder()
    const options = { ...smallOptions, checkpoint: { folder, everySteps: 1000 } }
    await trainTo({ ...options, model: smallModel() }, { epoch: 1, step: 3 })
    await trainTo({ ...options, model: smallModel(), resume: 'latest' }, { epoch: 2, step: 1 })
    const path = join(folder, 'checkpoint-000001')
    const before = await readdir(folder)
    const model = smallModel()
    expectSameTraining(await trainTo({ ...smallOptions, model, resume: path }), whole)
    expect(await readdir(folder)).toEqual(before)
    const other = await temporaryFolder()
    const moved = { ...smallOptions, checkpoint: other, model: smallModel(), resume: folder }
    expectSameTraining(await trainTo(moved), whole)
    expect((await checkpointsIn(other)).length).toBeGreaterThan(0)
  })

  it('counts the batches without a sample, which the model does not see', async () => {
    const train = [[0], [1], ...Array.from({ length: 4 }, () => [0, 1, 2])]
    const split = splitOf({ itemCount: 3, train })
    const graph = BipartiteGraph.fromInteractions(split.train)
    const makeModel = () => new LightGcn(graph, { embeddingDim: 4, layers: 1, edgeDropout: 0.5 })
    const { metrics, ...rest } = { ...smallOptions, split, batchSize: 1, accumulateSteps: 2 }
    const places: { epoch: number; step: number }[] = []
    const progress = { step: ({ epoch, step }: StepProgress) => void places.push({ epoch, step }) }
    const whole = await trainTo({ ...rest, model: makeModel(), progress })
    expect(whole.history.skippedDraws).toBeGreaterThan(5)
    expect(places.length).toBeGreaterThan(6)
    const folder = await temporaryFolder()
    const options = { ...rest, checkpoint: { folder, everySteps: 1 } }
    expectSameTraining(
      await trainInParts(makeModel, options, [...places.slice(0, -1), undefined]),
      whole,
    )
  })
})

describe('two trainings in one folder', () => {
  it('are one too many', async () => {
    const folder = await temporaryFolder()
    const first = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
    for await (const event of first.run()) {
      if (event.type !== 'epoch') continue
      const options = { ...smallOptions, model: smallModel(), checkpoint: folder }
      const second = new Trainer({ ...options, resume: 'latest-or-start' }).fit()
      await expect(second).rejects.toThrow(CheckpointLockedError)
      await expect(second).rejects.toThrow(
        new RegExp(`is locked by process ${process.pid} on ${hostname()}`),
      )
    }
    expect(await readdir(folder)).not.toContain('lock.json')
  })

  const lockOf = (changes: object) =>
    JSON.stringify({ pid: process.pid, started: 'x/1', host: hostname(), token: 't', ...changes })

  it.each([
    ['of a process that is gone', () => lockOf({ pid: deadProcess() })],
    ['of a process whose id another has now', () => lockOf({})],
    ['without its text', () => ''],
    ['that is foreign', () => 'null'],
  ])('are not there when the lock is one %s', async (_, lock) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'lock.json'), lock())
    const trainer = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
    await expect(trainer.fit()).resolves.toMatchObject({ stopReason: 'completed' })
  })

  it.runIf(process.platform === 'linux')(
    'are not there when the process was killed and its parent has not asked yet',
    async () => {
      // The child ends after the shell has become a program that asks for no child.
      const shell = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'])
      const [text] = await once(shell.stdout, 'data')
      const pid = Number(text)
      const fields = async () => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      }
      while ((await fields())[0] !== 'Z') await setTimeout(5)
      const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
      const started = `${boot}/${(await fields())[19]}`
      const folder = await temporaryFolder()
      await writeFile(join(folder, 'lock.json'), lockOf({ pid, started }))
      const trainer = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
      await expect(trainer.fit()).resolves.toMatchObject({ stopReason: 'completed' })
      shell.kill()
    },
  )

  it.each([
    ['of another machine', { host: 'elsewhere' }, /on elsewhere.*remove .*lock\.json/],
    ['of a process whose start is not known', { started: null }, /is locked by process/],
  ])('are assumed when the lock is one %s', async (_, changes, message) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'lock.json'), lockOf(changes))
    const trainer = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
    await expect(trainer.fit()).rejects.toThrow(message)
    expect(await readFile(join(folder, 'lock.json'), 'utf8')).toBe(lockOf(changes))
  })

  it('are not there after an error, nor after the loop over events was left', async () => {
    const folder = await temporaryFolder()
    const options = { ...smallOptions, model: smallModel(), checkpoint: folder }
    for await (const event of new Trainer(options).run()) {
      if (event.type === 'epoch' && event.record.epoch === 2) break
    }
    const mismatch = new Trainer({ ...options, seed: 9, resume: 'latest' }).fit()
    await expect(mismatch).rejects.toThrow(/seed/)
    const fit = new Trainer({ ...options, resume: 'latest' }).fit()
    await expect(fit).resolves.toMatchObject({ stopReason: 'completed' })
  })
})

describe('a folder that cannot be written', () => {
  it('is an error before the first step', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'folder'))
    const model = smallModel()
    const before = await model.weights()
    const fit = new Trainer({ ...smallOptions, model, checkpoint: join(folder, 'file/x') }).fit()
    await expect(fit).rejects.toThrow(CheckpointError)
    await expect(fit).rejects.toThrow(/Cannot write checkpoints to .*file\/x: ENOTDIR/)
    expect(await model.weights()).toEqual(before)
  })

  it('is an error when it was deleted while training, with the best weights in the model', async () => {
    const parent = await temporaryFolder()
    const folder = join(parent, 'checkpoints')
    const model = smallModel()
    const options = { ...smallOptions, epochs: 50, model }
    const trainer = new Trainer({ ...options, checkpoint: { folder, everySteps: 1 } })
    let epochs = 0
    const train = async () => {
      for await (const event of trainer.run()) {
        if (event.type !== 'epoch') continue
        if (++epochs === 1) await rename(folder, join(parent, 'gone'))
      }
    }
    await expect(train()).rejects.toThrow(/was deleted or taken over|Could not write/)
    expect(epochs).toBeLessThan(50)
    const first = await trainTo({ ...smallOptions, epochs: 50, model: smallModel() }, { epoch: 1 })
    const weights = await model.weights()
    if (epochs === 1) expect(weights).toEqual(first.weights)
    expect(smallSplit.hash).toBe(model.splitHash)
  })
})

/** The id of a process that has ended. */
function deadProcess(): number {
  return Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
}

it('unlocks a folder that cannot be looked through', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'checkpoint-000001'))
  const fs = process.getBuiltinModule('node:fs/promises')
  const { readdir: list } = fs
  const reading = vi.spyOn(fs, 'readdir').mockImplementation(((path: string, options: never) => {
    if (options === undefined) return list(path)
    return Promise.reject(
      Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'scandir' }),
    )
  }) as never)
  const keep = { keepLast: 1, keepBest: 0 }
  await expect(CheckpointStore.open(folder, keep)).rejects.toThrow(CheckpointError)
  reading.mockRestore()
  expect(await readdir(folder)).toEqual(['checkpoint-000001'])
})

it('leaves a folder alone whose number is too large to have one after it', async () => {
  const folder = await temporaryFolder()
  const foreign = 'checkpoint-99999999999999999999'
  await mkdir(join(folder, foreign))
  const checkpoint = { folder, everyEpochs: 1 }
  await trainTo({ ...smallOptions, epochs: 1, model: smallModel(), checkpoint })
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-000001', foreign, 'latest'])
})

/** Trains epoch by epoch, each by a training of its own, which ends with a checkpoint. */
async function trainEach(epochs: number, checkpoint: CheckpointSettings): Promise<void> {
  for (let end = 1; end <= epochs; end++) {
    const resume = end > 1 ? { resume: 'latest' } : {}
    await trainTo({ ...smallOptions, epochs: end, model: smallModel(), checkpoint, ...resume })
  }
}

it('is tidied up by a training that goes on, though it writes no checkpoint', async () => {
  const folder = await temporaryFolder()
  const checkpoint = { folder, everyEpochs: 1, keepLast: 1, keepBest: 0 }
  const fs = process.getBuiltinModule('node:fs/promises')
  const remove = vi.spyOn(fs, 'rm').mockImplementation(((path: string, settings: never) => {
    if (!path.endsWith('checkpoint.json')) return rm(path, settings)
    return Promise.reject(Object.assign(new Error('EBUSY'), { code: 'EBUSY', syscall: 'unlink' }))
  }) as never)
  await trainEach(2, checkpoint)
  remove.mockRestore()
  await writeFile(join(folder, 'latest.0123456789-42-0123456789-01234567-89ab.tmp'), 'check')
  expect((await readdir(folder)).filter((name) => name.startsWith('checkpoint-'))).toHaveLength(2)
  const options = { ...smallOptions, epochs: 2, checkpoint, resume: 'latest' }
  await trainTo({ ...options, model: smallModel() })
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-000002', 'latest'])
})

it('keeps earlier checkpoints when the newest is not whole', async () => {
  const folder = await temporaryFolder()
  const keep = { folder, everyEpochs: 1, keepBest: 0 }
  await trainEach(3, { ...keep, keepLast: 3 })
  await writeFile(join(folder, 'checkpoint-000003', 'checkpoint.json'), 'torn')
  const store = await CheckpointStore.open(folder, { keepLast: 1, keepBest: 0 })
  await store.settleOn(join(folder, 'checkpoint-000002'))
  await store.close()
  expect((await readdir(folder)).filter((name) => name.startsWith('checkpoint-'))).toHaveLength(3)
})
