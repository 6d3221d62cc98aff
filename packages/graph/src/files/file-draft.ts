import type { FileHandle } from 'node:fs/promises'
import { nameDraft, removeLeftovers } from './leftovers.js'
import { nodeModules } from './node-modules.js'
import { syncFolder } from './synced-files.js'

/**
 * A file that is written piece by piece beside the one it is to replace, and takes its name when it is
 * whole. Until then readers find the old file, or none. Needs Node.js.
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { FileDraft } from '@gnnrec/graph/files'
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'lists.csv')
 * const draft = await FileDraft.create(file)
 * try {
 *   for (const user of ['ann', 'bob']) await draft.write(`${user},jaws\n`)
 *   await draft.publish()
 * } finally {
 *   await draft.discard()
 * }
 * console.log(await readFile(file, 'utf8'))
 * ```
 */
export class FileDraft {
  readonly #path: string
  readonly #draft: string
  readonly #handle: FileHandle
  #isPublished = false

  private constructor(path: string, draft: string, handle: FileHandle) {
    this.#path = path
    this.#draft = draft
    this.#handle = handle
  }

  /**
   * Opens a draft beside the file, and removes drafts of the same file that killed processes have left.
   *
   * @param path - the name that the file gets when it is published
   * @throws the error of the file system when the folder cannot be written
   */
  static async create(path: string): Promise<FileDraft> {
    await removeLeftovers(path)
    const draft = await nameDraft(path)
    return new FileDraft(path, draft, await nodeModules().fs.open(draft, 'wx'))
  }

  /** Adds text (as UTF-8) or bytes at the end. */
  async write(piece: string | Uint8Array): Promise<void> {
    await this.#handle.writeFile(piece)
  }

  /**
   * Waits until all bytes are on the disk, then replaces the file and waits for its name, too.
   *
   * @param name - another name that the file gets in its folder, such as one with a digest of the bytes
   */
  async publish(name?: string): Promise<void> {
    const { fs, path } = nodeModules()
    const folder = path.dirname(this.#path)
    await this.#handle.sync()
    await this.#handle.close()
    const target = name === undefined ? this.#path : path.join(folder, name)
    await fs.rename(this.#draft, target)
    this.#isPublished = true
    await syncFolder(folder)
  }

  /** Removes the draft; does nothing once it is published. */
  async discard(): Promise<void> {
    if (this.#isPublished) return
    await this.#handle.close().catch(() => undefined)
    await nodeModules().fs.rm(this.#draft, { force: true })
  }
}

/**
 * Returns a path for a draft of a file that a library writes by itself, after it removed the drafts of the same file that
 * killed processes have left. Needs Node.js.
 *
 * @example
 * ```ts
 * import { basename } from 'node:path'
 * import { draftPath } from '@gnnrec/graph/files'
 *
 * console.log(basename(await draftPath('/no/such/folder/graph')).startsWith('graph.')) // true
 * ```
 */
export async function draftPath(path: string): Promise<string> {
  await removeLeftovers(path)
  return nameDraft(path)
}

/**
 * Replaces a file by one that a library writes by itself, as {@link replaceFile} does with bytes. Needs Node.js.
 *
 * @param write - writes a file to the path that it is given
 * @throws what `write` throws, and the error of the file system; the old file then stays
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { mkdtemp, readdir } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { replaceFileBy } from '@gnnrec/graph/files'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * await replaceFileBy(join(folder, 'graph.bin'), (draft) => writeFileSync(draft, 'graph'))
 * console.log(await readdir(folder)) // [ 'graph.bin' ]
 * ```
 */
export async function replaceFileBy(
  path: string,
  write: (draft: string) => void | Promise<void>,
): Promise<void> {
  const modules = nodeModules()
  const draft = await draftPath(path)
  try {
    await write(draft)
    const handle = await modules.fs.open(draft, 'r+')
    await handle.sync().finally(() => handle.close())
    await modules.fs.rename(draft, path)
  } catch (cause) {
    await modules.fs.rm(draft, { force: true }).catch(() => undefined)
    throw cause
  }
  await syncFolder(modules.path.dirname(path))
}

/**
 * Replaces a file so that a reader, a crash or a full disk at any moment finds the old file or the new
 * one, never a part. Waits until the new one is on the disk. Needs Node.js.
 *
 * @param contents - text, written as UTF-8, or bytes
 * @throws the error of the file system when the file cannot be written; the old one then stays
 * @example
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { replaceFile } from '@gnnrec/graph/files'
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'result.json')
 * await replaceFile(file, JSON.stringify({ recall: 0.1 }))
 * await replaceFile(file, JSON.stringify({ recall: 0.2 }))
 * console.log(await readFile(file, 'utf8')) // {"recall":0.2}
 * ```
 */
export async function replaceFile(path: string, contents: string | Uint8Array): Promise<void> {
  const draft = await FileDraft.create(path)
  try {
    await draft.write(contents)
    await draft.publish()
  } finally {
    await draft.discard()
  }
}
