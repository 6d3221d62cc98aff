import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

/** Returns the reason why strace cannot be used here; undefined when it can. */
export function straceProblem(): string | undefined {
  if (process.platform !== 'linux') return `strace is for Linux; this is ${process.platform}`
  const { error, status, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  })
  if (error) return 'strace is not installed (Debian: apt-get install strace)'
  return status === 0 ? undefined : `strace cannot trace here: ${stderr.trim()}`
}

/** Attaches strace to a process or thread, and returns once it has done so. */
export async function attach(pid: number, options: readonly string[]): Promise<ChildProcess> {
  const tracer = spawn('strace', ['-p', String(pid), ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    tracer.stderr?.on('data', (piece) => {
      text += piece
      if (text.includes('attached')) resolve()
    })
    tracer.on('close', () => reject(new Error(`strace ended: ${text}`)))
    tracer.on('error', reject)
  })
  return tracer
}
