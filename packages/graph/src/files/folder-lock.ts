import { GnnRecError } from '../errors.js'
import { nodeModules } from './node-modules.js'
import { ended, isRunning, startOf } from './process-start.js'
import { readRegularFile } from './regular-file.js'

/**
 * A folder that another process, or another task of this process, has locked.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { FolderLock, FolderLockedError } from '@gnnrec/graph/files'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'gnnrec-'))
 * const lock = await FolderLock.acquire(folder)
 * const error = await FolderLock.acquire(folder).catch((cause: unknown) => cause)
 * console.log(error instanceof FolderLockedError && error.message)
 * await lock.release()
 * ```
 */
export class FolderLockedError extends GnnRecError<'FOLDER_LOCKED'> {
  /** True when a process has locked the folder, false when something else is in the place of the lock. */
  readonly isPassing: boolean

  /** @param message - the folder and the process that has locked it */
  constructor(message: string, { isPassing = true }: { readonly isPassing?: boolean } = {}) {
    super('FOLDER_LOCKED', message)
    this.isPassing = isPassing
  }
}

/** The process that has locked a folder. */
interface Holder {
  readonly pid: number
  /** Time at which the process started, as the system counts it; null when it is not known. */
  readonly started: string | null
  readonly host: string
  /** Unique name of the lock, also among those of other threads of the process. */
  readonly token: string
}

const mostAttempts = 5
/** Largest size of a lock. The name of a host takes at most 253 bytes. */
const mostBytes = 4096
/** Codes of the errors of reading what cannot be a lock; a link that leads nowhere is not found. */
const foreignCodes = ['NOT_A_REGULAR_FILE', 'FILE_TOO_LARGE', 'ELOOP', 'ENOENT']

/**
 * A lock on a folder, for work that only one process may do there at a time.
 *
 * The lock of a process that has ended (killed, or before the machine was restarted) does not count. A
 * process is known by its id and the time of its start, as ids are used again. Whether a process of
 * another machine has ended cannot be known, so its lock always counts. Needs Node.js.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { FolderLock } from '@gnnrec/graph/files'
 *
 * const lock = await FolderLock.acquire(await mkdtemp(join(tmpdir(), 'gnnrec-')))
 * console.log(await lock.isHeld()) // true
 * await lock.release()
 * console.log(await lock.isHeld()) // false
 * ```
 */
export class FolderLock {
  readonly #file: string
  readonly #text: string

  private constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  /**
   * Locks a folder, which is made when it is missing.
   *
   * @param name - file of the lock in the folder; locks of other names do not exclude each other
   * @throws FolderLockedError naming the process that has locked the folder, or what is in the place of the lock: a
   * folder, a pipe, a device or a file that is too large for one
   * @throws the error of the file system when the folder cannot be written
   */
  static async acquire(
    folder: string,
    { name = 'lock.json' }: { readonly name?: string } = {},
  ): Promise<FolderLock> {
    const { fs, path } = nodeModules()
    await fs.mkdir(folder, { recursive: true })
    const file = path.join(path.resolve(folder), name)
    const holder = await currentHolder()
    const text = JSON.stringify(holder)
    await removeLeftDrafts(file)
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      // The link makes the lock appear with its text or not at all.
      const draft = `${file}.${holder.token}`
      try {
        await fs.writeFile(draft, text)
        await fs.link(draft, file)
        return new FolderLock(file, text)
      } catch (cause) {
        const { code, syscall } = cause as NodeJS.ErrnoException
        // A process of another machine may have taken the draft for one that was left.
        const isSwept = code === 'ENOENT' && syscall === 'link'
        if (code !== 'EEXIST' && !isSwept) throw cause
      } finally {
        await fs.rm(draft, { force: true })
      }
      const found = await readIfPresent(file)
      if (found !== undefined) await removeUnlessHeld(file, found)
    }
    throw new FolderLockedError(
      `Could not lock ${folder}: other processes lock it again and again.`,
    )
  }

  /** Returns false when the lock was released, deleted, or taken over by another process. */
  async isHeld(): Promise<boolean> {
    return (await readIfPresent(this.#file).catch(undefinedIfForeign)) === this.#text
  }

  /** Unlocks the folder, unless another process has taken over the lock. */
  async release(): Promise<void> {
    if (await this.isHeld()) await nodeModules().fs.rm(this.#file, { force: true })
  }
}

/** Removes a lock that does not count any more. @throws FolderLockedError when it counts */
async function removeUnlessHeld(file: string, text: string): Promise<void> {
  const { fs, path } = nodeModules()
  const holder = parseHolder(text)
  if (holder && (await isAlive(holder))) {
    const { pid, host } = holder
    throw new FolderLockedError(
      `${path.dirname(file)} is locked by process ${pid} on ${host}. Choose another folder, or end that process; if ${host} has no such process, remove ${file}.`,
    )
  }
  // Two processes may find the same ended holder. Without a lock on the removal, the slower one could
  // remove the new lock of the faster one.
  const name = `${path.basename(file)}.removal`
  const removal = await FolderLock.acquire(path.dirname(file), { name })
  try {
    if ((await readIfPresent(file)) === text) await fs.rm(file, { force: true })
  } finally {
    await removal.release()
  }
}

/** Removes the drafts of processes that were killed while they locked. */
async function removeLeftDrafts(file: string): Promise<void> {
  const { fs, path } = nodeModules()
  const start = `${path.basename(file)}.`
  for (const name of await fs.readdir(path.dirname(file))) {
    const end = name.slice(start.length)
    if (!name.startsWith(start) || !/^\d+-\d+-\d+$/.test(end)) continue
    const draft = path.join(path.dirname(file), name)
    const text = await readIfPresent(draft).catch(undefinedIfForeign)
    if (text === undefined) continue
    const holder = parseHolder(text)
    // A process that was killed before it had written its draft is known by the name alone.
    const isLeft = holder ? !(await isAlive(holder)) : !isRunning(Number.parseInt(end, 10))
    if (isLeft) await fs.rm(draft, { force: true })
  }
}

async function currentHolder(): Promise<Holder> {
  const { pid } = globalThis.process
  const started = await startOf(pid)
  const [first, second] = globalThis.crypto.getRandomValues(new Uint32Array(2))
  return { pid, started, host: hostName(), token: `${pid}-${first}-${second}` }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder | null
    const { pid, host } = holder ?? {}
    const isHolder = Number.isInteger(pid) && Number(pid) > 0 && Number(pid) < 2 ** 31
    return isHolder && typeof host === 'string' ? (holder as Holder) : undefined
  } catch {
    return undefined
  }
}

async function isAlive({ pid, started, host }: Holder): Promise<boolean> {
  if (host !== hostName()) return true
  if (!isRunning(pid)) return false
  const now = await startOf(pid)
  if (now === ended) return false
  return started === null || now === null || started === now
}

function hostName(): string {
  return globalThis.process.getBuiltinModule('node:os').hostname()
}

/** Reads a lock or a draft of one. @throws FolderLockedError when it cannot be one, as a pipe or a device */
async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readRegularFile(file, { mostBytes }))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !(await isLink(file))) return undefined
    if (code === 'ENOTDIR') return undefined
    if (!foreignCodes.includes(String(code))) throw cause
    const { path } = nodeModules()
    const kind = code === 'FILE_TOO_LARGE' ? 'large file' : 'folder, pipe, device or link'
    throw new FolderLockedError(
      `Cannot lock ${path.dirname(file)}: ${file} is no lock, but a ${kind}. Remove it, or choose another folder.`,
      { isPassing: false },
    )
  }
}

/** Returns true for a link, also for one that leads nowhere. */
async function isLink(file: string): Promise<boolean> {
  const facts = await nodeModules()
    .fs.lstat(file)
    .catch(() => undefined)
  return facts?.isSymbolicLink() === true
}

function undefinedIfForeign(cause: unknown): undefined {
  if (!(cause instanceof FolderLockedError)) throw cause
}
