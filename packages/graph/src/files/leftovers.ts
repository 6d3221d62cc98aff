import { nodeModules } from './node-modules.js'

const hostDigits = 10
/** Number of the drafts that this process has begun, and of the locks it has tried. */
let draftCount = 0
/** Drafts that this process is writing. */
const inWork = new Set<string>()

/** A draft of a file, under a name that tells which process of which machine writes it. */
export interface DraftName {
  readonly path: string
  /** Says that the draft is not written any more. */
  end(): void
}

/** Names a draft of a file: the file's name, digits that stand for machine and process, and `.tmp`. */
export function nameDraft(file: string): DraftName {
  const path = `${file}.${processDigits()}${String(draftCount++ % 1000).padStart(3, '0')}.tmp`
  inWork.add(path)
  return { path, end: () => void inWork.delete(path) }
}

/**
 * Removes the drafts of a file that were left by processes of this machine that have ended, killed for instance. Drafts
 * of other machines stay, since nobody here knows whether they are still written.
 */
export async function removeLeftovers(file: string): Promise<void> {
  const { fs, path } = nodeModules()
  const folder = path.dirname(file)
  const start = `${path.basename(file)}.`
  const names = await fs.readdir(folder).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(start)) continue
    const draft = path.join(folder, name)
    const pid = writerOf(name.slice(start.length))
    if (pid === undefined || inWork.has(draft)) continue
    const isLeft = pid === globalThis.process.pid || !isRunning(pid)
    if (isLeft) await fs.rm(draft, { force: true }).catch(() => undefined)
  }
}

/** Returns the process of this machine that the end of a draft's name stands for. */
function writerOf(end: string): number | undefined {
  const found = /^(\d{10})(\d+)\d{3}\.tmp$/.exec(end)
  return found?.[1] === machineDigits() ? Number(found[2]) : undefined
}

function processDigits(): string {
  return `${machineDigits()}${globalThis.process.pid}`
}

/** Digits that stand for the machine: a sum of the bytes of its name (FNV-1a). */
function machineDigits(): string {
  let sum = 0x811c9dc5
  const name = globalThis.process.getBuiltinModule('node:os').hostname()
  for (const byte of new TextEncoder().encode(name)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0
  return String(sum).padStart(hostDigits, '0')
}

/** Returns true when a process of this machine has the number. */
export function isRunning(pid: number): boolean {
  try {
    globalThis.process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
