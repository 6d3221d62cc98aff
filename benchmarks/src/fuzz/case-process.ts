import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type CaseQuestion,
  type CaseResult,
  type DrawnInput,
  type FuzzCase,
  type SubjectShare,
  soundFailure,
} from './outcomes.js'

const defaultScript = fileURLToPath(new URL('./read-cases.ts', import.meta.url))

/** Limits of one case. */
export interface CaseLimits {
  /** Seconds after which reading counts as a hang. */
  readonly seconds: number
  /** Resident bytes of the whole process above which it is ended. */
  readonly bytes: number
}

/** Options of a {@link CaseProcess}. */
export interface CaseProcessOptions {
  /** Path of the script that calls `serveCases`. @defaultValue the one that knows all kinds */
  readonly script: string | undefined
  /** Folder for the inputs. */
  readonly folder: string
  /** Options of Node with which the script can run. */
  readonly nodeOptions: readonly string[]
  readonly limits: CaseLimits
}

const startLimits: CaseLimits = { seconds: 120, bytes: Number.POSITIVE_INFINITY }
const secondsToMake = 5
const millisecondsBetweenLooks = 50

/** A process that reads inputs, is watched while it does, and is replaced when it does not answer. */
export class CaseProcess {
  readonly #options: CaseProcessOptions
  #child: ChildProcess | undefined
  #lastWords = ''

  constructor(options: CaseProcessOptions) {
    this.#options = options
  }

  /**
   * Reads the input of a case.
   *
   * @param seconds - seconds after which reading counts as a hang; those of the limits by default
   */
  async read(given: FuzzCase, seconds?: number): Promise<CaseResult> {
    const child = this.#child ?? (await this.#start())
    const { bytes, seconds: usual } = this.#options.limits
    const allowed = seconds ?? usual
    const question: CaseQuestion = { ask: 'read', case: given, seconds: allowed }
    // The process measures the time itself; the input has to be made before, too.
    const limits = { bytes, seconds: allowed + secondsToMake }
    const end = await this.#message<CaseResult>(child, limits, () => child.send(question))
    if (typeof end === 'object') {
      if (end.isSpoilt) this.close()
      return end
    }
    const { exitCode } = child
    this.close()
    if (exitCode === soundFailure) throw new Error(this.#lastWords)
    const message = this.#lastWords.trim().split('\n').slice(-12).join('\n')
    // The first line of a fatal error of V8 tells the kind.
    const fatal = /FATAL ERROR: .*/.exec(this.#lastWords)?.[0]
    return { case: given, outcome: end, message: fatal ?? message, fault: fatal ?? end }
  }

  /** Makes the input of a case, and writes it to a folder if one is given. */
  async draw(given: FuzzCase, folder?: string): Promise<DrawnInput> {
    return this.#ask({ ask: 'draw', case: given, ...(folder !== undefined && { folder }) })
  }

  /** Lists the kinds of input. */
  async subjects(): Promise<SubjectShare[]> {
    return this.#ask({ ask: 'subjects' })
  }

  /** Ends the process. */
  close(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  /** Asks what does not depend on the reading of an input. @throws Error when there is no answer */
  async #ask<T extends object>(question: CaseQuestion): Promise<T> {
    const child = this.#child ?? (await this.#start())
    const answer = await this.#message<T>(child, startLimits, () => child.send(question))
    if (typeof answer === 'object') return answer
    throw new Error(`The process that reads inputs did not answer (${answer}): ${this.#lastWords}`)
  }

  async #start(): Promise<ChildProcess> {
    const { script = defaultScript, folder, nodeOptions } = this.#options
    this.#lastWords = ''
    const child = fork(script, [folder], {
      execArgv: ['--expose-gc', ...nodeOptions],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    child.stderr?.on('data', (text) => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-20_000)
    })
    this.#child = child
    const start = await this.#message<string>(child, startLimits, () => undefined)
    if (start === 'ready') return child
    this.close()
    throw new Error(`The process that reads inputs did not start (${start}): ${this.#lastWords}`)
  }

  /** Waits for the next message of a process, for its end, or until it is beyond its limits. */
  #message<T>(
    child: ChildProcess,
    { seconds, bytes }: CaseLimits,
    ask: () => void,
  ): Promise<T | 'hang' | 'ended process' | 'too much memory'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle('hang'), 1000 * seconds)
      const look = setInterval(() => {
        if (residentBytes(child.pid as number) > bytes) settle('too much memory')
      }, millisecondsBetweenLooks)
      const onMessage = (message: unknown) => settle(message as T)
      const onEnd = () => settle('ended process')
      const settle = (end: T | 'hang' | 'ended process' | 'too much memory') => {
        clearTimeout(timer)
        clearInterval(look)
        child.off('message', onMessage)
        child.off('close', onEnd)
        resolve(end)
      }
      child.on('message', onMessage)
      child.on('close', onEnd)
      ask()
    })
  }
}

/** Returns the resident memory of a process; 0 where the system does not tell. */
function residentBytes(pid: number): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}
