import { isSystemError } from '@gnnrec/graph/files'
import { CheckpointError } from '../errors.js'
import { FolderLock } from './folder-lock.js'
import { nodeFiles } from './node-files.js'

/** A folder that belongs to this process until it is released; see {@link holdFolder}. */
export interface HeldFolder {
  release(): Promise<void>
}

/**
 * Makes a folder if need be and holds it as a training holds the folder of its checkpoints, for whatever
 * else must not happen twice in one folder. The hold of a process that is gone does not count.
 *
 * @throws CheckpointLockedError when somebody holds it; the message says which process on which machine
 * @throws CheckpointError when it cannot be written
 */
export async function holdFolder(path: string): Promise<HeldFolder> {
  const node = nodeFiles()
  const folder = node.path.resolve(path)
  try {
    await node.fs.mkdir(folder, { recursive: true })
    return await FolderLock.acquire(node, folder)
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new CheckpointError(
      `Cannot write to ${folder}: ${cause.message}. Choose a folder that can be written.`,
      { cause },
    )
  }
}
