import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { attach } from './strace.js'
import { callsIn, pathsIn, refusals, type SeenCalls, type SystemCall } from './system-calls.js'
import type { WriteReport } from './write-report.js'

/** A write to be done in a process of its own. */
export interface WriteSettings {
  /** Path of the bundled script `write-once`. */
  readonly script: string
  /** Name of the writer. */
  readonly writer: string
  readonly folder: string
  readonly address: string
  /** File for the output of strace. */
  readonly log: string
}

/** End of a write in a process of its own. */
export type WriteEnd =
  | WriteReport
  | { readonly end: 'killed' | 'ended process' | 'hang'; readonly message?: string }

const secondsPerWrite = 60

/** Writes without faults, and returns the calls on the files of the folder. */
export async function traceWrite(settings: WriteSettings): Promise<SeenCalls> {
  const write = await started(settings)
  const threads = threadsOf(write.pid)
  const names = Object.keys(refusals).join()
  const tracer = await attach(write.pid, ['-f', '-y', '-e', `trace=${names}`, '-o', settings.log])
  const end = await write.go()
  await ended(tracer)
  if (end.end !== 'written')
    throw new Error(`${settings.writer} fails without a fault: ${end.message}`)
  return callsIn(readFileSync(settings.log, 'utf8'), settings.folder, threads)
}

/**
 * Writes while one call is refused, or kills the process.
 *
 * @returns undefined when another call than the wanted one was hit
 */
export async function failWrite(
  settings: WriteSettings,
  { thread, name, ordinal, what }: SystemCall,
  fault: 'kill' | 'refuse',
): Promise<WriteEnd | undefined> {
  const write = await started(settings)
  const tid = threadsOf(write.pid)[thread]
  const effect = fault === 'kill' ? 'signal=KILL' : `error=${refusals[name]}`
  const inject = `inject=${name}:${effect}:when=${ordinal}`
  const options = ['-y', '-e', `trace=${name}`, '-e', inject, '-o', settings.log]
  const tracer = await attach(tid, options)
  const end = await write.go()
  await ended(tracer)
  const calls = readFileSync(settings.log, 'utf8')
    .split('\n')
    .filter((line) => new RegExp(`\\b${name}\\(`).test(line))
  const hit = fault === 'kill' ? calls.at(-1) : calls.find((line) => line.includes('(INJECTED)'))
  return hit !== undefined && pathsIn(hit, settings.folder) === what ? end : undefined
}

async function started({ script, writer, folder, address }: WriteSettings) {
  const child = spawn(process.execPath, [script, writer, folder, address], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // All calls of fs/promises come from one thread, in one order.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_NO_WARNINGS: '1' },
  })
  let output = ''
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  const closed = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text
      if (output.startsWith('ready\n')) resolve()
    })
    closed.then(() => reject(new Error(`${writer} could not begin: ${errors}${output}`)))
  })
  const go = async (): Promise<WriteEnd> => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, 1000 * secondsPerWrite)
    child.stdin.on('error', () => undefined)
    child.stdin.write('go\n')
    const code = await closed
    clearTimeout(timer)
    if (isLate) return { end: 'hang' }
    const report = output.slice('ready\n'.length)
    if (report !== '') return JSON.parse(report) as WriteReport
    if (code === 'SIGKILL') return { end: 'killed' }
    return { end: 'ended process', message: errors.slice(-2000) }
  }
  return { pid: child.pid as number, go }
}

/** Lists the threads of a process, the oldest first. */
function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .sort((a, b) => a - b)
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  await new Promise((resolve) => process.on('close', resolve))
}
