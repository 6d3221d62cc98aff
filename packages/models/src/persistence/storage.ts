import type * as NodeFileSystem from 'node:fs/promises'
import { type ByteStream, type FolderContents, replaceFolder } from './atomic-folder.js'
import { SerializationError } from './errors.js'

/**
 * Where a model is read from: the path of its folder, a URL of it (`file:`, `http:` or `https:`),
 * or its files in memory by name.
 */
export type ModelSource = string | URL | Readonly<Record<string, Uint8Array>>

/** Where a model is written to: the path of a folder, a `file:` URL, or an object that is filled. */
export type ModelTarget = string | URL | Record<string, Uint8Array>

/** One folder, wherever it lies. */
export interface FolderReader {
  /** Path, address or a word for the folder, for messages. */
  readonly place: string
  /** The bytes of a file, which are the caller's, or undefined when there is none of this name. */
  read(name: string): Promise<Uint8Array | undefined>
}

/** Opens a folder for reading; nothing is read yet. */
export function openFolder(source: ModelSource): FolderReader {
  const location = locate(source)
  if (location.type === 'memory') {
    const copy = (bytes: Uint8Array | undefined) => bytes && new Uint8Array(bytes)
    return {
      place: 'the files in memory',
      read: async (name) => copy(memoryFile(location.files, name)),
    }
  }
  if (location.type === 'web') return webFolder(location.url)
  const { fs, path } = nodeModules(location.path)
  return {
    place: location.path,
    read: (name) => readIfPresent(fs, path.join(location.path, name)),
  }
}

/**
 * Replaces what a folder holds of ours by new files; what is written is all there or not at all.
 *
 * @throws SerializationError when it fails; what the folder held before is then still there
 */
export async function writeFolder(target: ModelTarget, contents: FolderContents): Promise<void> {
  const location = locate(target)
  if (location.type === 'web') {
    throw new SerializationError(
      `Cannot save a model to ${location.url.href}: only folders, file: URLs and objects in memory can be written.`,
    )
  }
  if (location.type === 'memory') {
    fillMemory(location.files as Record<string, Uint8Array>, contents)
    return
  }
  const { fs, path } = nodeModules(location.path)
  await replaceFolder({ fs, path }, path.resolve(location.path), contents)
}

type Location =
  | { type: 'disk'; path: string }
  | { type: 'web'; url: URL }
  | { type: 'memory'; files: Readonly<Record<string, Uint8Array>> }

function locate(place: ModelSource): Location {
  if (place instanceof URL || (typeof place === 'string' && /^(https?|file):\/\//i.test(place))) {
    const url = new URL(place)
    if (url.protocol === 'file:') return { type: 'disk', path: pathOf(url) }
    if (url.protocol === 'http:' || url.protocol === 'https:') return { type: 'web', url }
    throw new SerializationError(
      `Got the address ${url.href}; expected one that starts with file:, http: or https:.`,
    )
  }
  if (typeof place === 'string' && place !== '') return { type: 'disk', path: place }
  if (typeof place === 'object' && place !== null) return { type: 'memory', files: place }
  throw new SerializationError(
    `Got ${JSON.stringify(place)} as the place of a model; expected the path of a folder, a URL, or an object { name: Uint8Array }.`,
  )
}

function memoryFile(
  files: Readonly<Record<string, Uint8Array>>,
  name: string,
): Uint8Array | undefined {
  if (!Object.hasOwn(files, name)) return undefined
  const bytes = files[name]
  if (bytes instanceof Uint8Array) return bytes
  throw new SerializationError(`The file ${name} in memory is no Uint8Array.`)
}

function fillMemory(files: Record<string, Uint8Array>, contents: FolderContents): void {
  const existing = memoryFile(files, contents.manifest.name)
  if (existing) contents.checkReplaceable(existing)
  for (const name of Object.keys(files)) if (contents.owns(name)) delete files[name]
  for (const { name, bytes } of [...contents.files, contents.manifest])
    files[name] = wholeBytes(bytes)
}

function wholeBytes(bytes: Uint8Array | ByteStream): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  const whole = new Uint8Array(bytes.length)
  let at = 0
  for (const piece of bytes.pieces()) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function webFolder(url: URL): FolderReader {
  const folder = new URL(url)
  folder.hash = ''
  return {
    place: folder.href,
    async read(name) {
      const file = new URL(folder)
      file.pathname = `${folder.pathname.replace(/\/$/, '')}/${name}`
      try {
        const response = await fetch(file)
        if (response.status === 404) return undefined
        if (response.ok) return new Uint8Array(await response.arrayBuffer())
        throw new Error(`the server answered ${response.status} ${response.statusText}`)
      } catch (cause) {
        throw new SerializationError(`Could not read ${file.href}: ${messageOf(cause)}.`, { cause })
      }
    },
  }
}

async function readIfPresent(
  fs: typeof NodeFileSystem,
  file: string,
): Promise<Uint8Array | undefined> {
  try {
    return await fs.readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new SerializationError(`Could not read ${file}: ${messageOf(cause)}.`, { cause })
  }
}

function pathOf(url: URL): string {
  try {
    return nodeModules(url.href).url.fileURLToPath(url)
  } catch (cause) {
    if (cause instanceof SerializationError) throw cause
    throw new SerializationError(`${url.href} is no path here: ${messageOf(cause)}.`, { cause })
  }
}

/** Reached at run time, not imported, so that a bundle for the browser needs no stand-ins. */
function nodeModules(place: string) {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new SerializationError(
      `Cannot reach ${place}: there is no file system here. Pass an http(s) URL or { name: Uint8Array }.`,
    )
  }
  return { fs: load('node:fs/promises'), path: load('node:path'), url: load('node:url') }
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // fetch says only "fetch failed"; the reason is in the cause.
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}
