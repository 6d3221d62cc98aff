import { RegularFile } from '@gnnrec/graph/files'
import type { LoadLimits } from './load-options.js'
import type { FolderReader, OpenFile } from './open-file.js'
import { nodeModules, readError } from './place.js'

/** Opens a folder on disk. @throws SerializationError where there is no file system */
export function diskFolder(folder: string, limits: LoadLimits): FolderReader {
  const { path } = nodeModules(folder)
  return { place: folder, open: (name) => openFile(path.join(folder, name), limits) }
}

/** Opens a file; returns undefined when there is none. @throws SerializationError when it cannot be opened or read */
async function openFile(path: string, limits: LoadLimits): Promise<OpenFile | undefined> {
  let file: RegularFile
  try {
    file = await RegularFile.open(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw readError(path, cause)
  }
  return {
    size: file.size,
    async read(most) {
      try {
        return await file.read(most + 1, limits.signal)
      } catch (cause) {
        limits.check(path)
        throw readError(path, cause)
      }
    },
    close: () => file.close(),
  }
}
