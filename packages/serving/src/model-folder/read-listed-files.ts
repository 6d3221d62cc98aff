import { sha256Hex } from '@gnnrec/graph/files'
import { SerializationError } from './errors.js'
import type { LoadLimits } from './load-options.js'
import { decodeModelJson, type FileEntry, type ModelJson } from './model-json.js'
import { manifestName, mostManifestBytes } from './model-parts.js'
import type { FolderReader, OpenFile } from './open-file.js'

type Role = keyof ModelJson['files']

/** The content of `model.json` and the bytes of the files that it lists. */
interface ListedFiles {
  readonly manifest: ModelJson
  readonly files: Readonly<Partial<Record<Role, Uint8Array>>>
}

/** Bytes that are hashed before the limits are looked at again. */
const bytesPerCheck = 1 << 24
/** Number of times that a missing file is looked for again while the list of files stays the same. */
const looks = 5
/** Milliseconds before the first of these looks; each later pause is twice as long. */
const firstPause = 10

/** Errors of listed files that are not there: lost, or removed by a save that went on meanwhile. */
const errorsOfMissingFiles = new WeakSet<SerializationError>()

/**
 * Reads `model.json` and the files that it lists.
 *
 * A save of another process may replace the model in between. The list then names files that are gone, so
 * it is read again, and its files with it, until one model is read as a whole.
 *
 * @param roles - selects the files to read; may throw when the model lacks one
 * @throws SerializationError naming the file that is missing, truncated or damaged
 * @throws the reason of the signal once it is aborted
 */
export async function readListedFiles(
  folder: FolderReader,
  limits: LoadLimits,
  roles: (manifest: ModelJson) => readonly Role[],
): Promise<ListedFiles> {
  let bytes = await readManifest(folder, limits)
  for (let look = 0; ; ) {
    if (!bytes) {
      throw new SerializationError(
        `There is no model in ${folder.place}: it has no ${manifestName}.`,
      )
    }
    const manifest = decodeModelJson(bytes, `${manifestName} of ${folder.place}`)
    try {
      return { manifest, files: await readFiles(folder, limits, manifest, roles(manifest)) }
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error
      limits.check(folder.place)
      const now = await readManifest(folder, limits)
      if (now && !equal(now, bytes)) {
        look = 0
      } else if (errorsOfMissingFiles.has(error) && look < looks) {
        // A save may have put the same model in place again, or may be about to.
        await new Promise((resolve) => setTimeout(resolve, firstPause * 2 ** look++))
      } else {
        throw error
      }
      bytes = now ?? bytes
    }
  }
}

async function readManifest(
  folder: FolderReader,
  limits: LoadLimits,
): Promise<Uint8Array | undefined> {
  limits.check(folder.place)
  const file = await folder.open(manifestName)
  if (!file) return undefined
  try {
    if ((file.size ?? 0) <= mostManifestBytes) {
      const bytes = await file.read(mostManifestBytes)
      if (bytes.length <= mostManifestBytes) return bytes
    }
  } finally {
    await file.close()
  }
  throw new SerializationError(
    `${manifestName} of ${folder.place} is damaged or foreign: it has more than ${mostManifestBytes} bytes.`,
  )
}

async function readFiles(
  folder: FolderReader,
  limits: LoadLimits,
  { files }: ModelJson,
  roles: readonly Role[],
): Promise<ListedFiles['files']> {
  const entries = roles.map((role) => files[role] as FileEntry)
  limits.checkBytes(
    folder.place,
    entries.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  // All are opened before one is read: an open file cannot be taken away by a save.
  const opened = await Promise.allSettled(entries.map(({ name }) => folder.open(name)))
  try {
    const read = await Promise.all(
      opened.map(async (file, at) => {
        if (file.status === 'rejected') throw file.reason
        return readFile(folder, limits, entries[at], file.value)
      }),
    )
    return Object.fromEntries(read.map((bytes, at) => [roles[at], bytes]))
  } finally {
    await Promise.all(opened.map((file) => file.status === 'fulfilled' && file.value?.close()))
  }
}

async function readFile(
  folder: FolderReader,
  limits: LoadLimits,
  entry: FileEntry,
  opened: OpenFile | undefined,
): Promise<Uint8Array> {
  const file = `${entry.name} of ${folder.place}`
  if (!opened) {
    const error = new SerializationError(`${file} is missing, though ${manifestName} lists it.`)
    errorsOfMissingFiles.add(error)
    throw error
  }
  checkSize(file, opened.size ?? entry.bytes, entry.bytes)
  const bytes = await opened.read(entry.bytes)
  checkSize(file, bytes.length, entry.bytes)
  const sha256 = await sha256Hex(piecesWithin(limits, bytes, file))
  if (sha256 === entry.sha256) return bytes
  throw new SerializationError(
    `${file} is damaged or foreign: its SHA-256 is ${sha256}; ${manifestName} says ${entry.sha256}.`,
  )
}

function checkSize(file: string, bytes: number, expected: number): void {
  if (bytes === expected) return
  const has = bytes > expected ? 'more' : `${bytes} bytes`
  throw new SerializationError(
    `${file} is ${bytes < expected ? 'truncated' : 'damaged'}: it has ${has}; ${manifestName} says ${expected}.`,
  )
}

function* piecesWithin(
  limits: LoadLimits,
  bytes: Uint8Array,
  file: string,
): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += bytesPerCheck) {
    limits.check(file)
    yield bytes.subarray(start, start + bytesPerCheck)
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
