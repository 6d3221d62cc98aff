import { diskFolder } from './disk-folder.js'
import type { LoadLimits } from './load-options.js'
import type { FolderReader } from './open-file.js'
import { locate, type ModelSource, memoryFile } from './place.js'
import { webFolder } from './web-folder.js'

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
