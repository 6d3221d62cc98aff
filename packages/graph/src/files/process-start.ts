import { nodeModules } from './node-modules.js'

/** The start of a process that has ended and is kept only until its parent asks for its exit code. */
export const ended = 'ended'

/**
 * Returns the boot and the time since it at which a process started; null when the system does not tell. With its id, it
 * tells a process from all others, as ids are used again.
 */
export async function startOf(pid: number): Promise<string | null> {
  const boot = await textOf('/proc/sys/kernel/random/boot_id')
  const stat = await textOf(`/proc/${pid}/stat`)
  // The name of the program, in brackets, may contain spaces; the start is field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields?.[0] === 'Z' || fields?.[0] === 'X') return ended
  return boot && fields ? `${boot.trim()}/${fields[19]}` : null
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

async function textOf(file: string): Promise<string | undefined> {
  return nodeModules()
    .fs.readFile(file, 'utf8')
    .catch(() => undefined)
}
