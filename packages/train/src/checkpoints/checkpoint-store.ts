import {
  FolderLock,
  FolderLockedError,
  isDiskFull,
  isSystemError,
  replaceFile,
  syncFolder,
} from '@gnnrec/graph/files'
import { CheckpointError, CheckpointLockedError } from '../errors.js'
import type { CheckpointContent, ReadCheckpoint } from './checkpoint-content.js'
import {
  DamagedCheckpointError,
  manifestName,
  readCheckpoint,
  readManifest,
  writeCheckpoint,
} from './checkpoint-files.js'
import { type NodeFiles, nodeFiles, readIfPresent } from './node-files.js'

/** The checkpoints that are kept. */
export interface KeepRule {
  /** Number of the newest ones. */
  readonly keepLast: number
  /** Number of the best ones by their monitored value. */
  readonly keepBest: number
}

const latestName = 'latest'
/** Largest size of the file that names the latest checkpoint. */
const mostNameBytes = 100
const namePattern = /^checkpoint-(\d{6,})$/
/** Names of what a killed process was writing. */
const draftPattern = /^(checkpoint-\d+|latest\.[\da-f-]+)\.tmp$/

/** The folder of the checkpoints of one training, locked by it. */
export class CheckpointStore {
  readonly folder: string
  readonly #node: NodeFiles
  readonly #lock: FolderLock
  readonly #keep: KeepRule
  /** Checkpoints in the folder by number, with the value to rank them by, if they have one. */
  readonly #present = new Map<number, number | null>()
  #last = 0

  private constructor(node: NodeFiles, folder: string, lock: FolderLock, keep: KeepRule) {
    this.#node = node
    this.folder = folder
    this.#lock = lock
    this.#keep = keep
  }

  /**
   * Makes the folder if need be, and locks it.
   *
   * @throws CheckpointLockedError when another training has locked it
   * @throws CheckpointError when it cannot be written
   */
  static async open(path: string, keep: KeepRule): Promise<CheckpointStore> {
    const node = nodeFiles()
    const folder = node.path.resolve(path)
    let lock: FolderLock | undefined
    try {
      lock = await FolderLock.acquire(folder)
      const store = new CheckpointStore(node, folder, lock, keep)
      await store.#scan()
      return store
    } catch (cause) {
      // This error says more than one of the lock.
      await lock?.release().catch(() => undefined)
      if (cause instanceof FolderLockedError) throw new CheckpointLockedError(cause.message)
      if (!isSystemError(cause)) throw cause
      throw new CheckpointError(
        `Cannot write checkpoints to ${folder}: ${reasonOf(cause)}. Choose a folder that can be written.`,
        { cause },
      )
    }
  }

  /** True when there is no checkpoint, whole or torn. */
  get isEmpty(): boolean {
    return this.#present.size === 0
  }

  /**
   * Writes a checkpoint: first its files in a folder beside, then the folder's name, then `latest`. Old checkpoints
   * are removed last, so that there is a whole one at every moment.
   *
   * @param value - value to rank it by, more is better; null without one
   * @returns the path of its folder
   * @throws CheckpointError when it cannot be written; the earlier ones stay as they are
   */
  async write(content: CheckpointContent, value: number | null): Promise<string> {
    const { fs, path } = this.#node
    const number = ++this.#last
    const name = nameOf(number)
    const target = path.join(this.folder, name)
    const draft = `${target}.tmp`
    try {
      await this.#checkLock()
      await fs.mkdir(draft)
      await writeCheckpoint(this.#node, draft, content)
      await syncFolder(draft)
      await fs.rename(draft, target)
      await syncFolder(this.folder)
      await replaceFile(path.join(this.folder, latestName), `${name}\n`)
    } catch (cause) {
      await fs.rm(draft, { recursive: true, force: true }).catch(() => undefined)
      if (!isSystemError(cause)) throw cause
      throw new CheckpointError(
        `Could not write ${target}: ${reasonOf(cause)}. Earlier checkpoints are as they were: once there is room and access again, go on from them with resume: 'latest'.`,
        { cause },
      )
    }
    this.#present.set(number, value)
    await this.#prune()
    return target
  }

  /**
   * Removes old checkpoints that an earlier run should have removed, now that a training goes on from another one. They
   * stay when that is not the newest: only it is known to be whole.
   *
   * @param path - path of the folder of the checkpoint that was read
   */
  async settleOn(path: string): Promise<void> {
    const newest = [...this.#present.keys()].reduce((most, number) => Math.max(most, number), 0)
    if (this.#node.path.resolve(path) === this.#node.path.join(this.folder, nameOf(newest)))
      await this.#prune()
  }

  /** Unlocks the folder. @throws CheckpointError when the lock cannot be removed */
  async close(): Promise<void> {
    try {
      await this.#lock.release()
    } catch (cause) {
      if (!isSystemError(cause)) throw cause
      throw new CheckpointError(
        `Could not unlock ${this.folder}: ${reasonOf(cause)}. Its checkpoints are whole; remove lock.json there when this process has ended.`,
        { cause },
      )
    }
  }

  /** Checks that no other process has deleted or taken over the folder. @throws CheckpointError */
  async #checkLock(): Promise<void> {
    if (await this.#lock.isHeld()) return
    throw new CheckpointError(
      `The folder of the checkpoints, ${this.folder}, was deleted or taken over while training.`,
    )
  }

  async #scan(): Promise<void> {
    const { fs, path } = this.#node
    for (const entry of await fs.readdir(this.folder, { withFileTypes: true })) {
      const { name } = entry
      const target = path.join(this.folder, name)
      if (draftPattern.test(name)) await fs.rm(target, { recursive: true, force: true })
      const number = numberOf(name)
      if (number === undefined) continue
      this.#last = Math.max(this.#last, number)
      // A file of that name is none of ours.
      if (!entry.isFile()) await this.#examine(target, number)
    }
  }

  /** Remembers a checkpoint, or removes what a killed process left of one. */
  async #examine(folder: string, number: number): Promise<void> {
    const { fs } = this.#node
    try {
      const manifest = await readManifest(this.#node, folder)
      if (!manifest && (await this.#isLeft(folder))) {
        await fs.rm(folder, { recursive: true, force: true })
      } else {
        this.#present.set(number, manifest?.body.progress.rank ?? null)
      }
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause
      this.#present.set(number, null)
    }
  }

  /** Returns true when a folder holds nothing but files of a checkpoint whose list was removed. */
  async #isLeft(folder: string): Promise<boolean> {
    const entries = await this.#node.fs.readdir(folder, { withFileTypes: true })
    return entries.every((entry) => entry.isFile() && entry.name !== manifestName)
  }

  async #prune(): Promise<void> {
    const numbers = [...this.#present.keys()].sort((a, b) => b - a)
    const ranked = numbers
      .filter((number) => this.#present.get(number) !== null)
      .sort((a, b) => (this.#present.get(b) as number) - (this.#present.get(a) as number) || a - b)
    const stay = new Set([
      ...numbers.slice(0, this.#keep.keepLast),
      ...ranked.slice(0, this.#keep.keepBest),
    ])
    const { fs, path } = this.#node
    for (const number of numbers) {
      if (stay.has(number)) continue
      const folder = path.join(this.folder, nameOf(number))
      // A checkpoint that cannot be removed now (on Windows, if it is open elsewhere) is tried again the next time.
      try {
        // Without its manifest it is no checkpoint, so that a half-removed one is not taken for a damaged one.
        await fs.rm(path.join(folder, manifestName), { force: true })
        await fs.rm(folder, { recursive: true, force: true })
        this.#present.delete(number)
      } catch (cause) {
        if (!isSystemError(cause)) throw cause
      }
    }
  }
}

/** A checkpoint that was read, and its path. */
export interface FoundCheckpoint {
  readonly path: string
  readonly content: ReadCheckpoint
}

/** Callbacks of {@link restoreCheckpoint}. */
export interface RestoreCallbacks {
  /**
   * Takes over the content.
   *
   * @throws DamagedCheckpointError when a file is not whole; the checkpoint before it is tried then
   */
  restore(found: FoundCheckpoint): Promise<void>
  /** Reports a checkpoint that is skipped, or one that another version wrote. */
  warn(message: string): void
}

/**
 * Restores a checkpoint, or of a folder of checkpoints the one that `latest` names. A damaged one of a folder is
 * skipped for the one before it.
 *
 * @returns undefined when there is none in the folder
 * @throws CheckpointError when none is whole, or the one asked for is not
 */
export async function restoreCheckpoint(
  path: string,
  callbacks: RestoreCallbacks,
): Promise<FoundCheckpoint | undefined> {
  const node = nodeFiles()
  const folder = node.path.resolve(path)
  if (namePattern.test(node.path.basename(folder))) {
    try {
      return await readAt(node, folder, callbacks)
    } catch (cause) {
      if (!(cause instanceof DamagedCheckpointError)) throw cause
      throw new CheckpointError(`Cannot go on from ${folder}: ${cause.message}.`, { cause })
    }
  }
  const { names, problems } = await candidates(node, folder)
  for (const name of names) {
    const target = node.path.join(folder, name)
    try {
      const found = await readAt(node, target, callbacks)
      if (problems.length > 0) {
        callbacks.warn(
          `Went back to ${target}, as a later checkpoint is damaged: ${problems.join('; ')}.`,
        )
      }
      return found
    } catch (cause) {
      if (!(cause instanceof DamagedCheckpointError)) throw cause
      problems.push(cause.message)
    }
  }
  if (problems.length === 0) return undefined
  throw new CheckpointError(
    `None of the checkpoints in ${folder} is whole: ${problems.join('; ')}.`,
  )
}

async function readAt(
  node: NodeFiles,
  path: string,
  callbacks: RestoreCallbacks,
): Promise<FoundCheckpoint> {
  const { content, warning } = await readCheckpoint(node, path)
  await callbacks.restore({ path, content })
  if (warning !== undefined) callbacks.warn(warning)
  return { path, content }
}

/** Lists checkpoints in the order in which they are tried: the latest, then those before it. */
async function candidates(
  node: NodeFiles,
  folder: string,
): Promise<{ names: string[]; problems: string[] }> {
  const latestFile = node.path.join(folder, latestName)
  const latest = await readIfPresent(latestFile, (size) => size <= mostNameBytes)
  const found = await node.fs.readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new CheckpointError(`Cannot read ${folder}: ${cause.message}.`, { cause })
  })
  const numbers = found.map(numberOf).filter((number) => number !== undefined)
  const named = latest && numberOf(new TextDecoder().decode(latest).trim())
  const isGone = named !== undefined && !numbers.includes(named)
  return {
    names: numbers
      .filter((number) => named === undefined || number <= named)
      .sort((a, b) => b - a)
      .map(nameOf),
    problems: isGone ? [`${nameOf(named)} is missing`] : [],
  }
}

/** Returns the message of an error of the file system; Node.js has none for a quota that is used up. */
function reasonOf(cause: Error): string {
  const isNamed = !isDiskFull(cause) || /ENOSPC|EDQUOT/.test(cause.message)
  return isNamed ? cause.message : `EDQUOT: the quota of the disk is used up (${cause.message})`
}

function numberOf(name: string): number | undefined {
  const number = Number(namePattern.exec(name)?.[1])
  // A larger number, in a name that is none of ours, has none after it.
  return Number.isSafeInteger(number) && number < Number.MAX_SAFE_INTEGER ? number : undefined
}

function nameOf(number: number): string {
  return `checkpoint-${String(number).padStart(6, '0')}`
}
