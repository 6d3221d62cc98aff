import type * as NodeFileSystem from 'node:fs/promises'
import { SerializationError } from './errors.js'
import { locate, type ModelSource, memoryFile, messageOf, nodeModules } from './place.js'

/** A folder on disk, on the web or in memory. */
export interface FolderReader {
  /** Path or address of the folder, or a word for it, for messages. */
  readonly place: string
  /** Reads a file into bytes that the caller may change; undefined when there is no such file. */
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
