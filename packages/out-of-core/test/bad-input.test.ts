import fs from 'node:fs'
import { join } from 'node:path'
import { BipartiteGraph, interactionLists } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import {
  BlockFileError,
  BlockFileMismatchError,
  DiskFullError,
  MemoryLimitError,
  OutOfCoreFilter,
  OutOfCoreSvd,
  OutOfCoreTrainer,
  type OutOfCoreTrainerOptions,
  type TrainWithinOptions,
  trainWithin,
} from '@gnnrec/out-of-core'
import { AlreadyFittedError, CheckpointError, CheckpointMismatchError } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { collected } from './support/collected.ts'
import { madeSplit } from './support/made-split.ts'
import { outcome, smallOptions, train } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let runs = 0
const fresh = () => join(folder, `run-${runs++}`)

beforeAll(() => useBackend('simd', { threads: 1 }))
afterEach(() => {
  vi.restoreAllMocks()
})

/** Trains with an abort after so many steps. */
async function trainSome(options: OutOfCoreTrainerOptions, steps: number): Promise<void> {
  const controller = new AbortController()
  let done = 0
  const model = await new OutOfCoreTrainer(options).fit({
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'step' && ++done === steps) controller.abort()
    },
  })
  await model.close()
}

const failure = async (options: OutOfCoreTrainerOptions): Promise<unknown> => {
  const before = { tensors: tf.memory().numTensors, bytes: defaultRuntime().statistics.usedBytes }
  const error = await train(options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const { usedBytes } = defaultRuntime().statistics
  expect({ tensors: tf.memory().numTensors, bytes: usedBytes }).toEqual(before)
  return error
}

/** Changes one byte in the middle of a file. */
function damage(path: string): void {
  const bytes = fs.readFileSync(path)
  bytes[Math.floor(bytes.length / 2)] ^= 1
  fs.writeFileSync(path, bytes)
}

describe('weights', () => {
  it('are refused, since they would not count', async () => {
    const options = smallOptions(fresh())
    const { train } = options.split
    const weight = new Float32Array(train.userIndex.length).fill(2)
    const split = { ...options.split, train: { ...train, weight } }
    const error = /split: .*the train part has weights, which do not count here/
    expect(() => new OutOfCoreTrainer({ ...options, split })).toThrow(error)
    const model = { architecture: 'light-gcn' } as const
    const { epochs, batchSize, learningRate, sampling } = options as never as TrainWithinOptions
    const training = { epochs, batchSize, learningRate, sampling }
    const settings = { model, split, maxMemory: 1e9, folder: fresh(), ...training }
    await expect(trainWithin(settings)).rejects.toThrow(error)
    const { userCount, itemCount } = BipartiteGraph.fromInteractions(train)
    const interactions = interactionLists({ ...train, weight })
    const lists = { userCount, itemCount, interactions, folder: fresh(), maxMemory: 1e9 }
    const message = 'lists with weights, which blocks of a graph do not keep'
    await expect(OutOfCoreFilter.open({ ...lists, embeddingDim: 4 })).rejects.toThrow(message)
    await expect(OutOfCoreSvd.compute({ ...lists, rank: 2 })).rejects.toThrow(message)
  })
})

describe('a limit that nothing can meet', () => {
  it('is refused with the smallest that could, which does', async () => {
    const options = smallOptions(fresh())
    let smallest = 0
    try {
      new OutOfCoreTrainer({ ...options, maxMemory: 1000 })
    } catch (error) {
      expect(error).toBeInstanceOf(MemoryLimitError)
      expect((error as MemoryLimitError).code).toBe('MEMORY_LIMIT')
      smallest = (error as MemoryLimitError).smallest
      expect((error as Error).message).toContain(`the smallest that could do is ${smallest}`)
    }
    expect(smallest).toBeGreaterThan(1000)
    expect(() => new OutOfCoreTrainer({ ...options, maxMemory: smallest - 1 })).toThrow(
      MemoryLimitError,
    )
    await train({ ...options, maxMemory: smallest, epochs: 1 })
  })
})

describe('a disk that fills', () => {
  it('is an error at any write, after which training goes on to the same bytes', async () => {
    const whole = await train(smallOptions(fresh()))
    const options = { ...smallOptions(fresh()), resume: true }
    const { writeSync } = fs
    let [allowed, failures] = [0, 0]
    for (;;) {
      let writes = 0
      vi.spyOn(fs, 'writeSync').mockImplementation(((...given: Parameters<typeof writeSync>) => {
        if (writes++ < allowed) return writeSync(...given)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
          code: 'ENOSPC',
          syscall: 'write',
        })
      }) as typeof writeSync)
      const error = await failure(options)
      vi.restoreAllMocks()
      if (error === undefined) break
      failures++
      expect(error).toBeInstanceOf(DiskFullError)
      expect((error as DiskFullError).code).toBe('DISK_FULL')
      expect((error as Error).message).toMatch(
        /The disk is full: could not (make|write) .*Free some room/,
      )
      allowed = Math.ceil(allowed * 1.2) + 2
    }
    expect(failures).toBeGreaterThan(8)
    expect(await train(options)).toEqual(whole)
  })

  it('is refused before anything is trained when there is too little room', async () => {
    vi.spyOn(fs, 'statfsSync').mockReturnValue({ bavail: 10, bsize: 4096 } as never)
    const error = await failure(smallOptions(fresh()))
    expect(error).toBeInstanceOf(DiskFullError)
    expect((error as Error).message).toMatch(/with 0.00 GB free; training may need \d/)
  })
})

describe('a disk that fills while a checkpoint is written', () => {
  const files = process.getBuiltinModule('node:fs/promises')

  it.each([
    ['mkdir', /checkpoint-\d+\.tmp$/, 'ENOSPC'],
    ['open', /checkpoint-\d+\.tmp.weights\.safetensors$/, 'EDQUOT'],
    ['open', /checkpoint-\d+\.tmp.checkpoint\.json$/, 'ENOSPC'],
    ['open', /latest\.[\da-f-]+\.tmp$/, 'ENOSPC'],
    ['mkdir', /checkpoints$/, 'ENOSPC'],
    ['writeFile', /run-\d+.lock\.json/, 'ENOSPC'],
  ] as const)('is an error at %s of %s', async (call, path, code) => {
    const options = smallOptions(fresh())
    await trainSome(options, 20)
    const real = files[call] as (...given: unknown[]) => Promise<unknown>
    const spy = vi.spyOn(files, call).mockImplementation((async (...given: unknown[]) => {
      if (!path.test(String(given[0]))) return real(...given)
      throw Object.assign(new Error(`${code}: no space left, ${call}`), { code, syscall: call })
    }) as never)
    const error = await failure({ ...options, resume: true })
    spy.mockRestore()
    expect(error).toBeInstanceOf(DiskFullError)
    expect((error as Error).message).toMatch(/The disk is full: could not write .*Free some room/)
    await train({ ...options, resume: true })
  })
})

describe('a file of blocks', () => {
  it('that is truncated, damaged or no file of blocks is an error', async () => {
    const options = { ...smallOptions(fresh()), resume: true }
    await trainSome(options, 3)
    const path = join(options.folder, 'graph', 'to-items.tiles')
    const bytes = fs.readFileSync(path)
    for (const [content, message] of [
      [bytes.subarray(0, bytes.length - 5), /to-items\.tiles is truncated/],
      [bytes.subarray(0, 100), /no file of tiles, or its beginning is damaged/],
      [Buffer.alloc(0), /no file of tiles, or its beginning is damaged/],
      [Buffer.from('{"a":1}'.padEnd(5000)), /no file of tiles/],
      [Buffer.concat([bytes, Buffer.of(1)]), /to-items\.tiles is damaged: it has/],
    ] as const) {
      fs.writeFileSync(path, content)
      const error = await failure(options)
      expect(error).toBeInstanceOf(BlockFileError)
      expect((error as BlockFileError).code).toBe('BLOCK_FILE')
      expect((error as Error).message).toMatch(message)
    }
    fs.writeFileSync(path, bytes)
    damage(path)
    const error = await failure(options)
    expect(error).toBeInstanceOf(BlockFileError)
    expect((error as Error).message).toContain('is damaged: its SHA-256 is not the one')
    // As the messages say, it is made anew once it is removed.
    fs.rmSync(path)
    expect(await train(options)).toEqual(await train(smallOptions(fresh())))
  })

  it('of another graph is an error', async () => {
    const options = smallOptions(fresh())
    await trainSome(options, 1)
    const other = {
      ...smallOptions(fresh()),
      split: madeSplit({ users: 200, items: 150, seed: 2 }),
    }
    await trainSome(other, 1)
    const file = ['graph', 'to-users.tiles'] as const
    fs.copyFileSync(join(other.folder, ...file), join(options.folder, ...file))
    const error = await failure({ ...options, resume: true })
    expect(error).toBeInstanceOf(BlockFileMismatchError)
    expect((error as BlockFileMismatchError).code).toBe('BLOCK_FILE_MISMATCH')
    expect((error as Error).message).toMatch(/to-users\.tiles is of another graph/)
  })

  it('that shrinks while it is used is an error', async () => {
    const options = smallOptions(fresh())
    const training = new OutOfCoreTrainer(options).fit({
      onEvent: ({ type }) => {
        if (type !== 'step') return
        const work = join(options.folder, 'work')
        for (const name of fs.readdirSync(work)) fs.truncateSync(join(work, name), 5000)
      },
    })
    const error = await training.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BlockFileError)
    expect((error as Error).message).toMatch(/is truncated: it ends at byte \d+ of its data/)
  })
})

describe('a backend', () => {
  it('that is switched in the middle is an error, after which training goes on to the same bytes', async () => {
    const options = smallOptions(fresh())
    await useBackend('cpu')
    await useBackend('simd', { threads: 1 })
    const failed = new OutOfCoreTrainer(options).fit({
      onEvent: ({ type }) => {
        if (type === 'epoch') tf.engine().setBackend('cpu')
      },
    })
    await expect(failed).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/active backend 'cpu'.*useBackend\('simd'\)/),
    })
    await expect(new OutOfCoreTrainer({ ...options, resume: true }).fit()).rejects.toThrow(/'cpu'/)
    await useBackend('simd', { threads: 2 })
    const rest = await train({ ...options, resume: true })
    expect(rest).toEqual(await train(smallOptions(fresh())))
    await useBackend('simd', { threads: 1 })
  })
})

describe('a checkpoint', () => {
  it('that is damaged gives way to the one before it, with a warning; none whole is an error', async () => {
    const options = { ...smallOptions(fresh()), resume: true, checkpoint: { everySteps: 2 } }
    await trainSome(options, 5)
    const checkpoints = join(options.folder, 'checkpoints')
    const [first, second] = fs.readdirSync(checkpoints).sort()
    damage(join(checkpoints, second, 'embeddings-users.table'))
    const warnings: string[] = []
    const model = await new OutOfCoreTrainer(options).fit({
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    expect(warnings).toEqual([
      expect.stringMatching(
        /embeddings-users\.table is damaged or replaced: its SHA-256 is another\.$/,
      ),
    ])
    expect(warnings[0]).not.toContain('..')
    expect(await outcome(model)).toEqual(await train(smallOptions(fresh())))
    await model.close()
    expect(first).not.toBe(second)
    for (const name of fs.readdirSync(checkpoints)) {
      if (name !== 'latest') damage(join(checkpoints, name, 'checkpoint.json'))
    }
    const error = await failure(options)
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toMatch(/None of the checkpoints in .* is whole/)
  })

  it('of which a table has another shape is no whole one', async () => {
    const options = { ...smallOptions(fresh()), resume: true }
    await trainSome(options, 2)
    const checkpoints = join(options.folder, 'checkpoints')
    const file = join(checkpoints, 'checkpoint-000001', 'first-users.table')
    const text = fs.readFileSync(file, 'latin1')
    const turned = text.replace('"rows":200,"columns":64', '"rows":64,"columns":200')
    expect(turned).not.toBe(text)
    fs.writeFileSync(file, turned, 'latin1')
    const error = await failure(options)
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toMatch(
      /first-users\.table is of another table: it has the shape \[64, 200\].*expected \[200, 64\]/,
    )
  })

  it('of other settings is an error that names them', async () => {
    const options = { ...smallOptions(fresh()), resume: true }
    await trainSome(options, 2)
    const error = await failure({ ...options, learningRate: 0.5 })
    expect(error).toBeInstanceOf(CheckpointMismatchError)
    expect((error as Error).message).toContain(
      'learningRate: the checkpoint has 0.02, this training 0.5',
    )
  })

  it('is not overwritten by a training that does not say resume', async () => {
    const options = smallOptions(fresh())
    await trainSome(options, 2)
    fs.mkdirSync(join(options.folder, 'work'))
    fs.rmSync(join(options.folder, 'graph'), { recursive: true })
    const error = await failure(options)
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toContain('set resume to go on from them')
    // It is refused before anything is removed or made.
    expect(fs.readdirSync(options.folder).sort()).toEqual(['checkpoints', 'work'])
  })
})

describe('a folder', () => {
  it('that cannot be written is an error', async () => {
    const file = join(folder, 'no-folder')
    fs.writeFileSync(file, '')
    const error = await failure(smallOptions(join(file, 'run')))
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toMatch(/Cannot write to .*Choose a folder that can be wri/)
  })

  it('belongs to one training at a time', async () => {
    const options = smallOptions(fresh())
    const model = await new OutOfCoreTrainer(options).fit()
    await expect(new OutOfCoreTrainer({ ...options, resume: true }).fit()).rejects.toMatchObject({
      code: 'CHECKPOINT_LOCKED',
    })
    await model.close()
  })
})

describe('a trainer', () => {
  it('trains once', async () => {
    const trainer = new OutOfCoreTrainer({ ...smallOptions(fresh()), epochs: 1 })
    const model = await trainer.fit()
    await expect(trainer.fit()).rejects.toBeInstanceOf(AlreadyFittedError)
    expect(await collected(model.recommendAll({ users: [1], k: 3 }))).toHaveLength(1)
    await model.close()
    await expect(trainer.fit()).rejects.toMatchObject({ code: 'ALREADY_FITTED' })
  })
})

describe('an option', () => {
  it.each([
    [{ split: undefined }, /split: .*expected a Split/],
    [{ split: { train: [] } }, /split: .*expected a Split/],
    [{ optimizer: { name: 'sgd' } }, /optimizer: got \{"name":"sgd"\}; .*'adam' or 'adamw'/],
    [{ optimizer: { name: 'adam', amsgrad: true } }, /without amsgrad/],
    [{ model: { architecture: 'gcnii' } }, /got the architecture "gcnii"/],
    [{ model: { architecture: 'light-gcn', options: { layers: 0 } } }, /layers 0/],
    [{ model: { architecture: 'light-gcn', options: { edgeDropout: 0.1 } } }, /edgeDropout 0.1/],
    [{ model: { architecture: 'light-gcn', options: { layer: 3 } } }, /layer/],
    [{ maxMemory: 1.5 }, /maxMemory/],
    [{ accumulateSteps: 0 }, /accumulateSteps/],
    [{ clipValue: -1 }, /clipValue/],
    [{ guards: { 'tied-score': 'off' } }, /guards: .*tied-scores/],
    [{ weightDecay: { itemEmbeddings: 0.1 } }, /'itemEmbeddings', a table of embeddings/],
    [{ weightDecay: { itemBias: 0.1 } }, /'itemBias', a table of embeddings/],
    [{ weightDecay: { conv: 0.1 } }, /group 'conv'; .*light-gcn that can decay: none/],
    [{ split: { ...madeSplit(), validation: madeSplit().train, hash: 3 } }, /split/],
  ])('number %# is refused', (wrong, message) => {
    const options = { ...smallOptions(fresh()), ...wrong } as OutOfCoreTrainerOptions
    expect(() => new OutOfCoreTrainer(options)).toThrow(message)
    try {
      new OutOfCoreTrainer(options)
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
    }
  })

  it('that the loss does not fit is refused', () => {
    const model = {
      architecture: 'light-gcn',
      options: { loss: { name: 'sampled-softmax', sampling: 'user-uniform' } },
    } as const
    expect(() => new OutOfCoreTrainer({ ...smallOptions(fresh()), model, maxMemory: 1e9 })).toThrow(
      /sampling: got 'interaction-shuffle'/,
    )
  })
})
