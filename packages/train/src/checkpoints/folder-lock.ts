import { CheckpointError, CheckpointLockedError } from '../errors.js'
import { type NodeFiles, readIfPresent } from './node-files.js'

/** Who holds a folder. */
interface Holder {
  readonly pid: number
  /** When the process started, as the system counts it; null where that cannot be told. */
  readonly started: string | null
  readonly host: string
  /** Tells one hold of a process from another. */
  readonly token: string
}

const lockName = 'lock.json'
let holds = 0

/**
 * Holds a folder for one training. A lock whose process is gone (killed, or before a restart of the
 * machine) does not count; a process is told by its id and the time of its start, as ids come again.
 */
export class FolderLock {
  readonly #node: NodeFiles
  readonly #file: string
  readonly #text: string

  private constructor(node: NodeFiles, file: string, text: string) {
    this.#node = node
    this.#file = file
    this.#text = text
  }

  /**
   * @throws CheckpointLockedError when another training holds the folder
   * @throws the error of the file system when the folder cannot be written
   */
  static async acquire(node: NodeFiles, folder: string): Promise<FolderLock> {
    const { fs, path } = node
    const file = path.join(folder, lockName)
    const own = await holderNow(node)
    const text = JSON.stringify(own)
    for (let attempt = 0; attempt < 5; attempt++) {
      // A lock appears with its text, or not at all.
      const draft = `${file}.${own.token}`
      try {
        await fs.writeFile(draft, text)
        await fs.link(draft, file)
        return new FolderLock(node, file, text)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      } finally {
        await fs.rm(draft, { force: true })
      }
      const found = await readText(node, file)
      if (found !== undefined) await takeAway(node, file, found)
    }
    throw new CheckpointLockedError(
      `Could not get hold of ${folder}: other processes take it again and again.`,
    )
  }

  /** @throws CheckpointError when the lock is gone or another's: somebody deleted the folder */
  async check(): Promise<void> {
    if ((await readText(this.#node, this.#file)) === this.#text) return
    throw new CheckpointError(
      `The folder of the checkpoints was deleted or taken over while training: ${this.#file} is not the lock of this training any more.`,
    )
  }

  /** Lets go of the folder, if it still has it. */
  async release(): Promise<void> {
    const { fs } = this.#node
    if ((await readText(this.#node, this.#file)) === this.#text) {
      await fs.rm(this.#file, { force: true })
    }
  }
}

/** Removes a lock that nobody holds. @throws CheckpointLockedError when somebody does */
async function takeAway(node: NodeFiles, file: string, text: string): Promise<void> {
  const { fs } = node
  const holder = parseHolder(text)
  if (holder && (await isAlive(node, holder))) {
    throw new CheckpointLockedError(
      `${node.path.dirname(file)} belongs to a training that runs: process ${holder.pid} on ${holder.host}. Choose another folder, or end that training; if ${holder.host} has none, remove ${file}.`,
    )
  }
  const aside = `${file}.stale-${globalThis.process.pid}-${holds++}`
  try {
    await fs.rename(file, aside)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    throw cause
  }
  // Another process may have put its own lock there meanwhile; it gets it back.
  if ((await readText(node, aside)) !== text) await fs.link(aside, file).catch(() => undefined)
  await fs.rm(aside, { force: true })
}

async function holderNow(node: NodeFiles): Promise<Holder> {
  const { pid } = globalThis.process
  const started = await startOf(node, pid)
  return { pid, started, host: hostName(), token: `${pid}-${holds++}-${Date.now()}` }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder | null
    return Number.isInteger(holder?.pid) ? (holder as Holder) : undefined
  } catch {
    return undefined
  }
}

async function isAlive(node: NodeFiles, { pid, started, host }: Holder): Promise<boolean> {
  // Nothing can be said of a process on another machine.
  if (host !== hostName()) return true
  try {
    globalThis.process.kill(pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = await startOf(node, pid)
  if (now === ended) return false
  return started === null || now === null || started === now
}

/** The start of a process that has ended and is only kept for its parent to ask how. */
const ended = 'ended'

/** When a process started, after the boot of the machine; null where the system does not say. */
async function startOf(node: NodeFiles, pid: number): Promise<string | null> {
  const boot = await readText(node, '/proc/sys/kernel/random/boot_id').catch(() => undefined)
  const stat = await readText(node, `/proc/${pid}/stat`).catch(() => undefined)
  // The name of the program, in brackets, may have spaces; the start is field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields?.[0] === 'Z' || fields?.[0] === 'X') return ended
  return boot && fields ? `${boot.trim()}/${fields[19]}` : null
}

function hostName(): string {
  return globalThis.process.getBuiltinModule('node:os').hostname()
}

async function readText(node: NodeFiles, file: string): Promise<string | undefined> {
  const bytes = await readIfPresent(node, file)
  return bytes && new TextDecoder().decode(bytes)
}
