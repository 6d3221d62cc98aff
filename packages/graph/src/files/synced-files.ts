import { nodeModules } from './node-modules.js'

/**
 * Writes a file under its final name and waits until its bytes are on the disk.
 *
 * For files that nobody reads before another file names them; otherwise see {@link replaceFile}. The
 * name itself is on the disk after {@link syncFolder}. Needs Node.js.
 *
 * @param contents - text (written as UTF-8), bytes, or pieces of bytes that are written one by one
 * @throws the error of the file system when the file cannot be written
 * @example
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { syncFolder, writeSynced } from '@gnnrec/graph/files'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * await writeSynced(join(folder, 'part.csv'), 'user,item\nann,jaws\n')
 * await syncFolder(folder)
 * console.log(await readFile(join(folder, 'part.csv'), 'utf8'))
 * ```
 */
export async function writeSynced(
  path: string,
  contents: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  const handle = await nodeModules().fs.open(path, 'w')
  try {
    const isWhole = typeof contents === 'string' || contents instanceof Uint8Array
    for (const piece of isWhole ? [contents] : contents) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Waits until the names of the files in a folder are on the disk. Needs Node.js.
 *
 * @throws the error of the file system when the folder cannot be opened
 * @example
 * ```ts
 * import { mkdtemp, rename, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { syncFolder } from '@gnnrec/graph/files'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * await writeFile(join(folder, 'old'), 'text')
 * await rename(join(folder, 'old'), join(folder, 'new'))
 * await syncFolder(folder)
 * console.log('The new name survives a power cut.')
 * ```
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its renames need no sync.
  if (globalThis.process?.platform === 'win32') return
  const handle = await nodeModules().fs.open(path, 'r')
  try {
    await handle.sync()
  } catch (cause) {
    // Some network file systems cannot sync a folder.
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw cause
  } finally {
    await handle.close()
  }
}
