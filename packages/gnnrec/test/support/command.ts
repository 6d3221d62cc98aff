import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** The end of a run of the command. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** Options of a run. */
export interface RunOptions {
  readonly cwd?: string
  /** Text of standard input, which is closed without one. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with the process once it runs. */
  readonly watch?: (child: ChildProcess) => void
}

/** Runs the command from its sources, as a process. */
export function gnnrec(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runSources([main, ...args], options)
}

/** Runs a program on the sources, as a process. */
export function runProgramFile(file: string, cwd: string): Promise<Ended> {
  return runSources([file], { cwd })
}

function runSources(args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, input, env, watch } = options
  const child = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', `--import=${loader}`, ...args],
    { cwd, env: { ...process.env, ...env }, stdio: 'pipe' },
  )
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    texts.out += piece
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    texts.err += piece
  })
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  watch?.(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
}
