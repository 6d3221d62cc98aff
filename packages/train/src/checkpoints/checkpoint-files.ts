import { GnnRecError, yieldToEventLoop } from '@gnnrec/graph'
import { describeMistakes, sha256Hex, writeSynced } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '@gnnrec/serving/model-folder'
import packageJson from '../../package.json' with { type: 'json' }
import { CheckpointError } from '../errors.js'
import type { FileDigest, SavedFile } from '../loop/training-port.js'
import type { TrainingProgress } from '../record/training-progress.js'
import type { CheckpointContent, ReadCheckpoint } from './checkpoint-content.js'
import { bodySchema } from './checkpoint-schema.js'
import { type NodeFiles, readIfPresent } from './node-files.js'

/** Version of `@gnnrec/train` that writes checkpoints. */
const libraryVersion: string = packageJson.version

const format = 'gnnrec-checkpoint'
const formatVersion = 1
/** Name of the file that lists the others and makes a folder a checkpoint. */
export const manifestName = 'checkpoint.json'

/** Largest size of `checkpoint.json`: that of a million epochs. */
const mostManifestBytes = 2 ** 29

const roles = ['weights', 'optimizer', 'best'] as const

/** The part of `checkpoint.json` that its digest covers. */
type Body = Omit<CheckpointContent, 'tensors' | 'files'> & {
  /** Files of tensors by their role, other files by their name. */
  readonly files: Readonly<Record<string, FileDigest>>
}

/** Writes the files of a checkpoint into an empty folder, `checkpoint.json`, which lists the others, last. */
export async function writeCheckpoint(
  node: NodeFiles,
  folder: string,
  { tensors, files = new Map(), ...rest }: CheckpointContent,
): Promise<void> {
  const entries: Record<string, FileDigest> = {}
  for (const role of roles) {
    const map = tensors[role]
    if (!map) continue
    const bytes = encodeSafetensors(map)
    await yieldToEventLoop()
    entries[role] = { bytes: bytes.length, sha256: await sha256Hex(bytes) }
    await writeSynced(node.path.join(folder, tensorsFile(role)), bytes)
    await yieldToEventLoop()
  }
  for (const [name, file] of files) {
    entries[name] = await file.copyTo(node.path.join(folder, name))
  }
  const body: Body = { ...rest, files: entries }
  const digest = await sha256Hex(JSON.stringify(body))
  const manifest = { format, formatVersion, libraryVersion, sha256: digest, body }
  await writeSynced(node.path.join(folder, manifestName), `${JSON.stringify(manifest)}\n`)
}

/** An error of a checkpoint that is not whole, as after a crash or on a bad disk; an earlier one may be whole. */
export class DamagedCheckpointError extends CheckpointError {
  /** Makes the error of a checkpoint whose content was refused, with a message that can be part of a sentence. */
  static from(cause: GnnRecError): DamagedCheckpointError {
    return new DamagedCheckpointError(cause.message.replace(/\.$/, ''), { cause })
  }
}

/**
 * Reads `checkpoint.json`, checked by its digest, and makes a warning if another version wrote it; returns
 * undefined when there is no such file, or none that could be read to its end.
 *
 * @throws DamagedCheckpointError when it is not whole
 * @throws CheckpointError when it cannot be read
 */
export async function readManifest(
  node: NodeFiles,
  folder: string,
): Promise<{ readonly body: Body; readonly warning: string | undefined } | undefined> {
  const file = node.path.join(folder, manifestName)
  const bytes = await readIfPresent(file, (size) => {
    if (size <= mostManifestBytes) return true
    throw new DamagedCheckpointError(`${file} has ${size} bytes, more than a checkpoint can need`)
  })
  if (!bytes) return undefined
  let parsed: Partial<{
    format: string
    formatVersion: number
    libraryVersion: string
    sha256: string
    body: unknown
  }>
  let text: string
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) ?? {}
    // Fails as well, when it is nested too deeply.
    text = JSON.stringify(parsed.body) ?? ''
  } catch (cause) {
    throw new DamagedCheckpointError(`${file} is torn: it is not JSON`, { cause })
  }
  if (parsed.format !== format) throw new DamagedCheckpointError(`${file} is no checkpoint`)
  if (parsed.formatVersion !== formatVersion) {
    throw new CheckpointError(
      `${file} has format version ${parsed.formatVersion}; @gnnrec/train ${libraryVersion} reads version ${formatVersion}. Go on with the version that wrote it.`,
    )
  }
  if ((await sha256Hex(text)) !== parsed.sha256) {
    throw new DamagedCheckpointError(`${file} is torn: its digest is another`)
  }
  // The body itself is used, so that its fields keep their order.
  const { error } = bodySchema.safeParse(parsed.body)
  if (error) {
    throw new DamagedCheckpointError(
      `${file} is no content of a checkpoint: ${describeMistakes(error)}`,
    )
  }
  const isOther = parsed.libraryVersion !== libraryVersion
  const warning = isOther
    ? `${folder} was written by @gnnrec/train ${versionOf(parsed.libraryVersion)}; this is ${libraryVersion}, with which training may end in other bytes.`
    : undefined
  return { body: parsed.body as Body, warning }
}

/** Returns the version that a manifest names, which its digest does not cover, for a message. */
function versionOf(version: unknown): string {
  const isVersion = typeof version === 'string' && /^[\w.+-]{1,40}$/.test(version)
  return isVersion ? version : showValue(version)
}

/**
 * Reads a checkpoint, but for the content of the files that are not tensors.
 *
 * @throws DamagedCheckpointError when it is not whole
 */
export async function readCheckpoint(
  node: NodeFiles,
  folder: string,
): Promise<{ readonly content: ReadCheckpoint; readonly warning: string | undefined }> {
  const manifest = await readManifest(node, folder)
  if (!manifest) throw new DamagedCheckpointError(`${folder} has no ${manifestName}`)
  const { body, warning } = manifest
  const { files: entries, ...rest } = body
  const read = async (role: (typeof roles)[number]) => {
    const file = node.path.join(folder, tensorsFile(role))
    const entry = entries[role] as FileDigest
    const bytes = await readIfPresent(file, (size) => {
      if (size === entry.bytes) return true
      throw new DamagedCheckpointError(`${file} is torn: ${size} bytes of ${entry.bytes}`)
    })
    if (!bytes) throw new DamagedCheckpointError(`${file} is missing`)
    if ((await sha256Hex(bytes)) !== entry.sha256) {
      throw new DamagedCheckpointError(`${file} is torn: its digest is another`)
    }
    return finiteTensors(bytes, file)
  }
  const files = new Map<string, SavedFile>()
  for (const [name, digest] of Object.entries(entries)) {
    if ((roles as readonly string[]).includes(name)) continue
    files.set(name, { ...digest, path: node.path.join(folder, name) })
  }
  const tensors = {
    weights: await read('weights'),
    optimizer: await read('optimizer'),
    ...(entries['best'] && { best: await read('best') }),
  }
  // The best weights have to fit as well, long before they are needed.
  if (tensors.best && shapesOf(tensors.best) !== shapesOf(tensors.weights)) {
    throw new DamagedCheckpointError(
      `the best weights in ${folder} have other names or shapes than the weights`,
    )
  }
  return { content: { ...rest, progress: withNaN(rest.progress), tensors, files }, warning }
}

/** Returns a progress with NaN for the monitored values for which JSON has null. */
function withNaN(progress: TrainingProgress): TrainingProgress {
  const evaluations = progress.evaluations.map(({ epoch, value }) => ({
    epoch,
    value: value ?? Number.NaN,
  }))
  return { ...progress, evaluations }
}

function shapesOf(tensors: ReadonlyMap<string, HostTensor>): string {
  return JSON.stringify([...tensors].map(([name, { shape }]) => [name, shape]).sort())
}

/** Reads the tensors of a file. @throws DamagedCheckpointError when they cannot be read or are not finite */
function finiteTensors(bytes: Uint8Array, file: string): ReadonlyMap<string, HostTensor> {
  let tensors: ReadonlyMap<string, HostTensor>
  try {
    tensors = decodeSafetensors(bytes, file)
  } catch (cause) {
    if (!(cause instanceof GnnRecError)) throw cause
    throw DamagedCheckpointError.from(cause)
  }
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array)) {
      throw new DamagedCheckpointError(`'${name}' in ${file} is no array of float32`)
    }
    const bad = data.find((value) => !Number.isFinite(value))
    if (bad === undefined) continue
    throw new DamagedCheckpointError(
      `'${name}' in ${file} holds ${bad}, and numbers must be finite`,
    )
  }
  return tensors
}

const tensorsFile = (role: string) => `${role}.safetensors`
