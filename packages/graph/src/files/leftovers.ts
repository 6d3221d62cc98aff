import { nodeModules } from './node-modules.js'
import { ended, isRunning, startOf } from './process-start.js'

/**
 * Names a draft of a file: the file's name, the machine, the process and its start, digits that tell the draft from
 * others of the process (its threads and copies of this package know nothing of each other), and `.tmp`.
 */
export async function nameDraft(file: string): Promise<string> {
  const { pid } = globalThis.process
  const unique = globalThis.crypto.randomUUID().slice(0, 13)
  return `${file}.${machineDigits()}-${pid}-${digitsOf((await startOf(pid)) ?? '')}-${unique}.tmp`
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
    const [, machine, pid, begun] =
      /^(\d{10})-(\d+)-(\d{10})-[\da-f-]{13}\.tmp$/.exec(name.slice(start.length)) ?? []
    if (machine !== machineDigits() || (await isAlive(Number(pid), begun))) continue
    await fs.rm(path.join(folder, name), { force: true }).catch(() => undefined)
  }
}

/** Returns true while the process that began at the start runs, also where the system does not tell starts. */
async function isAlive(pid: number, begun: string): Promise<boolean> {
  if (!isRunning(pid)) return false
  const start = await startOf(pid)
  if (start === ended) return false
  return start === null || begun === digitsOf('') || begun === digitsOf(start)
}

function machineDigits(): string {
  return digitsOf(globalThis.process.getBuiltinModule('node:os').hostname())
}

/** Returns ten digits that stand for a text: a sum of its bytes (FNV-1a). */
function digitsOf(text: string): string {
  let sum = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0
  return String(sum).padStart(10, '0')
}
