import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { trialProgram } from '../../src/trial-program.js'

/** A script that is running. */
export interface RunningScript {
  readonly child: ChildProcess
  readonly end: Promise<{ code: number | null; signal: string | null; output: string }>
  /** Returns the output on stderr so far. */
  errors(): string
}

/** Runs a script on the sources; it does not outlive the test. */
export function startScript(script: URL, ...args: readonly string[]): RunningScript {
  const child = spawn(
    process.execPath,
    [...trialProgram().nodeOptions, fileURLToPath(script), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let [output, errors] = ['', '']
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    errors += text
  })
  const end = new Promise<{ code: number | null; signal: string | null; output: string }>(
    (resolve) => child.on('close', (code, signal) => resolve({ code, signal, output })),
  )
  return { child, end, errors: () => errors }
}
