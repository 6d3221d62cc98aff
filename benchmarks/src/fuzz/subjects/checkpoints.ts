import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { BipartiteGraph, interactionLists } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { OutOfCoreFilter, OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { Trainer, type TrainerOptions } from '@gnnrec/train'
import { readFolder } from '../folder-files.js'
import type { Files, Subject } from '../subject.js'
import { parsedObject, sha256 } from './digests.js'
import { bytesOf, digestOfJson, madeSplit, textOf } from './made-data.js'

/** A training of two epochs. */
const training = {
  split: madeSplit(),
  epochs: 2,
  batchSize: 16,
  learningRate: 0.01,
  sampling: 'interaction-shuffle',
  metrics: ['recall@3'],
} as const

/** Checkpoints after the first of two epochs, and the other files of trainings that are larger than memory. */
export const checkpointSubjects: readonly Subject[] = [
  {
    name: 'checkpoint',
    share: 3,
    isFolder: true,
    pack: withDigests,
    async make(folder) {
      const { trainer, dispose } = inMemory({ checkpoint: { folder, everyEpochs: 1 } })
      const stop = new AbortController()
      for await (const { type } of trainer.run({ signal: stop.signal })) {
        if (type === 'epoch') stop.abort()
      }
      dispose()
      forgetTimes(folder)
    },
    async read(folder) {
      const { trainer, weights, dispose } = inMemory({ resume: folder })
      try {
        const { epochs, bestEpoch } = await trainer.fit()
        return digestOfJson(epochs.length, epochs.at(-1)?.loss, bestEpoch, await weights())
      } finally {
        dispose()
      }
    },
  },
  {
    name: 'checkpoint of a training in files',
    share: 0.5,
    isFolder: true,
    pack: withDigests,
    async make(folder) {
      const stop = new AbortController()
      const model = await inFiles(folder).fit({
        signal: stop.signal,
        onEvent: ({ type }) => type === 'epoch' && stop.abort(),
      })
      await model.close()
      forgetTimes(folder)
    },
    async read(folder) {
      const model = await inFiles(folder).fit({ onEvent: () => undefined })
      try {
        const { epochs, bestEpoch } = model.history
        const weights = [...(await model.weights())].map(([name, { data }]) => [name, ...data])
        return digestOfJson(epochs.length, epochs.at(-1)?.loss, bestEpoch, weights)
      } finally {
        await model.close()
      }
    },
  },
  {
    name: 'graph in files',
    isFolder: true,
    pack: withDigests,
    make: async (folder) => void (await filtered(folder)),
    read: filtered,
  },
]

function inMemory(options: Pick<TrainerOptions, 'checkpoint' | 'resume'>) {
  const model = new BprMf(BipartiteGraph.fromInteractions(training.split.train), {
    embeddingDim: 4,
  })
  const { split, ...settings } = training
  const trainer = new Trainer({
    model,
    split,
    ...settings,
    metrics: [...settings.metrics],
    progress: 'none',
    handleInterrupt: false,
    ...options,
  })
  const weights = async () =>
    [...(await model.weights())].map(([name, { data }]) => [name, ...data])
  return { trainer, weights, dispose: () => model.dispose() }
}

function inFiles(folder: string): OutOfCoreTrainer {
  return new OutOfCoreTrainer({
    model: { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 1 } },
    folder,
    maxMemory: 4_000_000,
    resume: true,
    ...training,
    metrics: [...training.metrics],
  })
}

async function filtered(folder: string): Promise<string> {
  const { train } = training.split
  const sizes = { userCount: train.users.size, itemCount: train.items.size }
  const filter = await OutOfCoreFilter.open({
    ...sizes,
    interactions: interactionLists(train),
    embeddingDim: 4,
    folder,
    maxMemory: 4_000_000,
  })
  try {
    filter.fill('users', ({ first }, values) => values.fill(1 + first))
    filter.fill('items', ({ first }, values) => values.fill(2 + first))
    await filter.run([0.5, 0.5])
    const read: number[] = []
    filter.read('users', (_rows, values) => read.push(...values))
    return digestOfJson(read)
  } finally {
    filter.close()
  }
}

/** Sets the seconds in checkpoints to one value, so that each call writes the same bytes. */
function forgetTimes(folder: string): void {
  const files = readFolder(folder)
  for (const [path, bytes] of files) {
    if (!path.endsWith('checkpoint.json')) continue
    const text = textOf(bytes).replace(/("\w*[sS]econds"):[\d.e-]+/g, '$1:1')
    files.set(path, bytesOf(text))
  }
  for (const [path, bytes] of withDigests(files)) writeFileSync(join(folder, path), bytes)
}

/** Puts the digests of checkpoints and of files in blocks right. */
function withDigests(files: Files): Files {
  const packed: Files = new Map()
  for (const [path, bytes] of files) packed.set(path, withHeaderDigest(bytes))
  for (const [path, bytes] of packed) {
    if (!path.endsWith('checkpoint.json')) continue
    const manifest = parsedObject(textOf(bytes))
    const body = manifest?.['body'] as { files?: Record<string, unknown> } | undefined
    if (!manifest || typeof body !== 'object' || body === null) continue
    for (const [name, entry] of Object.entries(body.files ?? {})) {
      const folder = dirname(path)
      const tensors = packed.get(join(folder, `${name}.safetensors`))
      const blocks = packed.get(join(folder, name))?.subarray(headerBytes)
      const content = tensors ?? blocks
      if (!content || typeof entry !== 'object' || entry === null) continue
      Object.assign(entry, { bytes: content.length, sha256: sha256(content) })
    }
    manifest['sha256'] = sha256(JSON.stringify(body))
    packed.set(path, bytesOf(`${JSON.stringify(manifest)}\n`))
  }
  return packed
}

const headerBytes = 4096
const mark = 'GNNRECB1'

/** Puts size and digest in the header of a file in blocks right. */
function withHeaderDigest(bytes: Uint8Array): Uint8Array {
  const start = textOf(bytes.subarray(0, headerBytes))
  if (bytes.length < headerBytes || !start.startsWith(mark)) return bytes
  const header = parsedObject(start.slice(mark.length))
  if (!header) return bytes
  const content = bytes.subarray(headerBytes)
  header['bytes'] = content.length
  if ('sha256' in header) header['sha256'] = sha256(content)
  const text = bytesOf(`${mark}${JSON.stringify(header)}`)
  if (text.length > headerBytes) return bytes
  const packed = bytes.slice()
  packed.fill(32, 0, headerBytes)
  packed.set(text)
  return packed
}
