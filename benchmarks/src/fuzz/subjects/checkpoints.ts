import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { readFolder } from '../folder-files.js'
import type { Files, Subject } from '../subject.js'
import { parsedObject, sha256 } from './digests.js'
import { bytesOf, digestOfJson, digestOfWeights, textOf } from './made-data.js'
import { filterInFiles, madeTrainer, madeTrainerInFiles } from './made-trainings.js'

/** Checkpoints after the first of two epochs, and the other files of trainings that are larger than memory. */
export const checkpointSubjects: readonly Subject[] = [
  {
    name: 'checkpoint',
    share: 3,
    mayBeOdd: true,
    pack: withDigests,
    make: makeCheckpoint,
    async read(folder) {
      const { trainer, model } = madeTrainer({ resume: folder })
      try {
        const { epochs, bestEpoch } = await trainer.fit()
        return digestOfJson(
          epochs.length,
          epochs.at(-1)?.loss,
          bestEpoch,
          await digestOfWeights(model),
        )
      } finally {
        model.dispose()
      }
    },
  },
  {
    name: 'checkpoint of a training in files',
    share: 0.5,
    mayBeOdd: true,
    pack: withDigests,
    async make(folder) {
      const stop = new AbortController()
      const model = await madeTrainerInFiles(folder).fit({
        signal: stop.signal,
        onEvent: ({ type }) => type === 'epoch' && stop.abort(),
      })
      await model.close()
      forgetTimes(folder)
    },
    async read(folder) {
      const model = await madeTrainerInFiles(folder).fit({ onEvent: () => undefined })
      try {
        const { epochs, bestEpoch } = model.history
        return digestOfJson(
          epochs.length,
          epochs.at(-1)?.loss,
          bestEpoch,
          await digestOfWeights(model),
        )
      } finally {
        await model.close()
      }
    },
  },
  {
    name: 'graph in files',
    mayBeOdd: true,
    pack: withDigests,
    make: async (folder) => void (await filterInFiles(folder)),
    read: filterInFiles,
  },
]

/** Trains for the first of two epochs, with a checkpoint in the folder. */
export async function makeCheckpoint(folder: string): Promise<void> {
  const { trainer, model } = madeTrainer({ checkpoint: { folder, everyEpochs: 1 } })
  const stop = new AbortController()
  for await (const { type } of trainer.run({ signal: stop.signal })) {
    if (type === 'epoch') stop.abort()
  }
  model.dispose()
  forgetTimes(folder)
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
export function withDigests(files: Files): Files {
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
