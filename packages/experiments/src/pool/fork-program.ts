import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { trialProgram } from '../trial-program.js'
import type { FromTrial } from './messages.js'

/** The surroundings of a program that {@link forkProgram} starts. */
interface ForkOptions {
  /** The place of its output: the number of an open file, or a pipe to this process. */
  readonly output: number | 'pipe'
  /** Limit of the heap of JavaScript. */
  readonly megabytes: number | undefined
}

/** Starts the program of trials and examinations in a process of its own. */
export function forkProgram({ output, megabytes }: ForkOptions): ChildProcess {
  const { path, nodeOptions } = trialProgram()
  const heap = megabytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(megabytes)}`]
  const stdio: StdioOptions = ['ignore', output, output, 'ipc']
  return fork(path, { execArgv: [...nodeOptions, ...heap], stdio })
}

/**
 * Calls a function once the program has run for some seconds. They count from its first message, so that
 * loading the library takes nothing from them.
 *
 * @param seconds - the time; undefined for no limit
 * @returns a function that stops the clock
 */
export function startClock(
  child: ChildProcess,
  seconds: number | undefined,
  onEnd: () => void,
): () => void {
  if (seconds === undefined) return () => undefined
  let clock: NodeJS.Timeout | undefined
  const start = ({ type }: FromTrial) => {
    if (type === 'ready') clock ??= setTimeout(onEnd, seconds * 1000)
  }
  child.on('message', start)
  return () => {
    child.off('message', start)
    clearTimeout(clock)
  }
}

/** The exit of a process and the end of what it wrote. */
interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

/** Returns true when a process ended because its heap was full. */
export function ranOutOfMemory(output: string): boolean {
  return /heap out of memory|allocation failed/i.test(output)
}

/** Says how a process ended that sent no answer, to follow its name in a sentence. */
export function howItEnded({ code, signal, output }: ProcessEnd): string {
  if (ranOutOfMemory(output)) return 'ran out of memory'
  const how =
    signal === 'SIGKILL'
      ? 'was killed from outside (SIGKILL), which systems do when memory runs out'
      : signal === null
        ? `exited with code ${code}`
        : `was ended by ${signal}`
  const said = tellingLine(output)
  return said === undefined ? how : `${how}; it wrote: ${said}`
}

/** Returns the error that ended a process, as Node writes it, or else the last line of its output. */
function tellingLine(output: string): string | undefined {
  const lines = output.trim().split('\n')
  const isUncaught = /^Node\.js v\d/.test(lines.at(-1) ?? '')
  const errors = lines.filter((line) => /^\[?[\w.]*(Error|Exception|Rejection)\b/.test(line))
  return (isUncaught && errors.at(-1)) || lines.at(-1) || undefined
}
