import { diskFolder } from './disk-folder.js'
import type { LoadLimits } from './load-options.js'
import { locate, type ModelSource, memoryFile } from './place.js'
import { webFolder } from './web-folder.js'

/** A file that was opened, and stays readable when a save removes it from its folder. */
export interface OpenFile {
  /** Number of bytes, where it is known before reading. */
  readonly size: number | undefined
  /**
   * Reads the file into bytes that the caller may change.
   *
   * @param most - number of bytes that are expected; of a longer file, at least one byte more is returned
   * and the rest is not read
   */
  read(most: number): Promise<Uint8Array>
  /** Lets go of the file, read or not. */
  close(): Promise<void>
}

/** A folder on disk, on the web or in memory. */
export interface FolderReader {
  /** Path or address of the folder, or a word for it, for messages. */
  readonly place: string
  /** Opens a file; returns undefined when there is no such file. */
  open(name: string): Promise<OpenFile | undefined>
}

/** Opens a folder for reading; nothing is read yet. */
export function openFolder(source: ModelSource, limits: LoadLimits): FolderReader {
  const location = locate(source)
  switch (location.type) {
    case 'memory':
      return memoryFolder(location.files)
    case 'web':
      return webFolder(location.url, limits)
    case 'disk':
      return diskFolder(location.path, limits)
  }
}

function memoryFolder(files: Readonly<Record<string, Uint8Array>>): FolderReader {
  return {
    place: 'the files in memory',
    async open(name) {
      const bytes = memoryFile(files, name)
      return (
        bytes && {
          size: bytes.length,
          read: async (most) => new Uint8Array(bytes.subarray(0, most + 1)),
          close: async () => undefined,
        }
      )
    },
  }
}
