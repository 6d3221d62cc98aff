import type * as NodeFileSystem from 'node:fs/promises'
import type * as NodePath from 'node:path'
import { syncFolder, writeSynced } from '@gnnrec/graph/files'
import { diskFolder } from './disk-folder.js'
import { SerializationError } from './errors.js'
import { LoadLimits } from './load-options.js'
import { mostManifestBytes } from './model-parts.js'

/** Bytes that are made piece by piece. */
export interface ByteStream {
  /** Number of bytes in all pieces together. */
  readonly length: number
  /** Makes the pieces; each call makes them again. */
  pieces(): Iterable<Uint8Array>
}

/** Returns the bytes in a form that can be read once. */
export function piecesOf(bytes: Uint8Array | ByteStream): Uint8Array | Iterable<Uint8Array> {
  return bytes instanceof Uint8Array ? bytes : bytes.pieces()
}

/** A file to be written. */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array | ByteStream
}

/** The files that a folder is to hold. */
export interface FolderContents {
  /** Files whose names change with their bytes. */
  readonly files: readonly NamedBytes[]
  /** The file that names all others; it is put in place last. */
  readonly manifest: NamedBytes
  /** Returns true when an earlier save wrote a file of this name, so that it may be removed. */
  owns(name: string): boolean
  /** Throws when the manifest that the folder holds now must not be replaced. */
  checkReplaceable(manifest: Uint8Array): void
}

interface Node {
  readonly fs: typeof NodeFileSystem
  readonly path: typeof NodePath
}

const temporarySuffix = '.tmp'
const turns = new Map<string, Promise<void>>()

/**
 * Replaces the files of a folder so that a reader, a crash or a full disk at any moment finds
 * either all of the old files or all of the new.
 *
 * Each file is written under a temporary name, synced and renamed. The manifest that names them
 * follows in the same way. Then files of earlier saves are removed; a file that cannot be removed now
 * (on Windows, one that another process has open) is removed by the next save. Calls for the same
 * folder in one process wait for each other; two processes must not write to one folder at once.
 *
 * @param folder - absolute path; the folder is created when it is missing
 */
export function replaceFolder(node: Node, folder: string, contents: FolderContents): Promise<void> {
  const previous = turns.get(folder) ?? Promise.resolve()
  const turn = previous.catch(() => undefined).then(() => replaceNow(node, folder, contents))
  turns.set(folder, turn)
  return turn.finally(() => {
    if (turns.get(folder) === turn) turns.delete(folder)
  })
}

async function replaceNow(node: Node, folder: string, contents: FolderContents): Promise<void> {
  const { fs, path } = node
  const { files, manifest } = contents
  const inFolder = (name: string) => path.join(folder, name)
  /** Files to remove when writing fails. */
  let leftovers: string[] = []
  let replaced = false
  let before: readonly string[] = []
  try {
    await fs.mkdir(folder, { recursive: true })
    before = await fs.readdir(folder)
    if (before.includes(manifest.name)) {
      contents.checkReplaceable(await readExisting(folder, manifest.name))
    }
    for (const { name, bytes } of files) {
      const temporary = name + temporarySuffix
      leftovers.push(temporary)
      await writeSynced(inFolder(temporary), piecesOf(bytes))
      await fs.rename(inFolder(temporary), inFolder(name))
      leftovers.pop()
      if (!before.includes(name)) leftovers.push(name)
    }
    const temporary = manifest.name + temporarySuffix
    leftovers.push(temporary)
    await writeSynced(inFolder(temporary), piecesOf(manifest.bytes))
    // The names must be on the disk before the manifest that relies on them.
    await syncFolder(folder)
    // The data files stay from here on, as a rename can take effect and yet report a failure.
    leftovers = [temporary]
    await fs.rename(inFolder(temporary), inFolder(manifest.name))
    replaced = true
    await syncFolder(folder)
  } catch (cause) {
    await removeAll(fs, leftovers.map(inFolder))
    if (cause instanceof SerializationError) throw cause
    const outcome = replaced
      ? 'The new model is in place but may not survive a power cut.'
      : 'What the folder held before is unchanged.'
    throw new SerializationError(
      `Could not save to ${folder}: ${(cause as Error).message}. ${outcome}`,
      { cause },
    )
  }
  const named = new Set([manifest.name, ...files.map(({ name }) => name)])
  const stale = before.filter((name) => {
    const final = name.endsWith(temporarySuffix) ? name.slice(0, -temporarySuffix.length) : name
    return !named.has(name) && contents.owns(final)
  })
  await removeAll(fs, stale.map(inFolder))
}

/** Reads a file that is there: a regular one, and no more of it than any manifest has. */
async function readExisting(folder: string, name: string): Promise<Uint8Array> {
  try {
    const file = await diskFolder(folder, new LoadLimits({})).open(name)
    if (!file) return new Uint8Array()
    return await file.read(mostManifestBytes).finally(() => file.close())
  } catch (cause) {
    throw new Error((cause as Error).message.replace(/\.$/, ''), { cause })
  }
}

async function removeAll(fs: typeof NodeFileSystem, files: readonly string[]): Promise<void> {
  await Promise.allSettled(files.map((file) => fs.rm(file, { force: true })))
}
