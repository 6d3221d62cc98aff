import { yieldToEventLoop } from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import { decodeSafetensors, encodeSafetensors } from '@gnnrec/serving/model-folder'
import packageJson from '../../package.json' with { type: 'json' }
import { CheckpointError } from '../errors.js'
import type { CheckpointContent } from './checkpoint-content.js'
import { type NodeFiles, readIfPresent } from './node-files.js'

/** Version of `@gnnrec/train` that writes checkpoints. */
const libraryVersion: string = packageJson.version

const format = 'gnnrec-checkpoint'
const formatVersion = 1
const manifestName = 'checkpoint.json'

type Role = keyof CheckpointContent['tensors']

interface FileEntry {
  readonly bytes: number
  readonly sha256: string
}

/** The part of `checkpoint.json` that its digest covers. */
type Body = Omit<CheckpointContent, 'tensors'> & {
  readonly files: Readonly<Partial<Record<Role, FileEntry>>>
}

/** The files of a checkpoint, `checkpoint.json`, which lists the others, last. */
export async function encodeCheckpoint(
  content: CheckpointContent,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }[]> {
  const { tensors, ...rest } = content
  const written: { name: string; bytes: Uint8Array }[] = []
  const entries: Partial<Record<Role, FileEntry>> = {}
  for (const role of ['weights', 'optimizer', 'best'] as const) {
    const map = tensors[role]
    if (!map) continue
    const bytes = encodeSafetensors(map)
    await yieldToEventLoop()
    entries[role] = { bytes: bytes.length, sha256: await sha256Hex(bytes) }
    written.push({ name: fileOf(role), bytes })
    await yieldToEventLoop()
  }
  const body: Body = { ...rest, files: entries }
  const digest = await sha256Hex(JSON.stringify(body))
  const manifest = { format, formatVersion, libraryVersion, sha256: digest, body }
  written.push({ name: manifestName, bytes: utf8(`${JSON.stringify(manifest)}\n`) })
  return written
}

/** A checkpoint that is not whole, as after a crash or a bad disk; the one before it may be. */
export class DamagedCheckpointError extends CheckpointError {}

/**
 * What a checkpoint says of itself, checked by its digest, and a warning if another version wrote it;
 * undefined when there is no checkpoint.
 */
export async function readManifest(
  node: NodeFiles,
  folder: string,
): Promise<{ readonly body: Body; readonly warning: string | undefined } | undefined> {
  const file = node.path.join(folder, manifestName)
  const bytes = await readIfPresent(node, file)
  if (!bytes) return undefined
  let parsed: Partial<{
    format: string
    formatVersion: number
    libraryVersion: string
    sha256: string
    body: Body
  }>
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) ?? {}
  } catch (cause) {
    throw new DamagedCheckpointError(`${file} is torn: it is not JSON`, { cause })
  }
  if (parsed.format !== format) throw new DamagedCheckpointError(`${file} is no checkpoint`)
  if (parsed.formatVersion !== formatVersion) {
    throw new CheckpointError(
      `${file} has format version ${parsed.formatVersion}; @gnnrec/train ${libraryVersion} reads version ${formatVersion}. Go on with the version that wrote it.`,
    )
  }
  if ((await sha256Hex(JSON.stringify(parsed.body))) !== parsed.sha256) {
    throw new DamagedCheckpointError(`${file} is torn: its digest is another`)
  }
  const isOther = parsed.libraryVersion !== libraryVersion
  const warning = isOther
    ? `${folder} was written by @gnnrec/train ${parsed.libraryVersion}; this is ${libraryVersion}, with which training may end in other bytes.`
    : undefined
  return { body: parsed.body as Body, warning }
}

/**
 * Reads a whole checkpoint.
 *
 * @throws DamagedCheckpointError when it is not whole
 */
export async function readCheckpoint(
  node: NodeFiles,
  folder: string,
): Promise<{ readonly content: CheckpointContent; readonly warning: string | undefined }> {
  const manifest = await readManifest(node, folder)
  if (!manifest) throw new DamagedCheckpointError(`${folder} has no ${manifestName}`)
  const { body, warning } = manifest
  const read = async (role: Role) => {
    const file = node.path.join(folder, fileOf(role))
    const bytes = await readIfPresent(node, file)
    if (!bytes) throw new DamagedCheckpointError(`${file} is missing`)
    const entry = body.files[role] as FileEntry
    if (bytes.length !== entry.bytes) {
      throw new DamagedCheckpointError(`${file} is torn: ${bytes.length} bytes of ${entry.bytes}`)
    }
    if ((await sha256Hex(bytes)) !== entry.sha256) {
      throw new DamagedCheckpointError(`${file} is torn: its digest is another`)
    }
    return decodeSafetensors(bytes, file)
  }
  const { files, ...rest } = body
  const content = {
    ...rest,
    tensors: {
      weights: await read('weights'),
      optimizer: await read('optimizer'),
      ...(files.best && { best: await read('best') }),
    },
  }
  return { content, warning }
}

const fileOf = (role: Role) => `${role}.safetensors`
const utf8 = (text: string) => new TextEncoder().encode(text)
