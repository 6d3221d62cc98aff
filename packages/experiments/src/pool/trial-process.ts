import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { trialFolder } from '../plan/trial-folder.js'
import type { EpochReport } from '../trial/train-trial.js'
import { forkProgram, howItEnded, ranOutOfMemory, startClock } from './fork-program.js'
import { memoryOf } from './memory.js'
import type { FromTrial, ToTrial, TrialRequest } from './messages.js'
import type { TrialFailure, TrialOutcome } from './outcome.js'

/** The supervision of a trial's process. */
export interface WatchOptions {
  /** Signal that asks the trial to stop; it then has `stopSeconds` to write a checkpoint. */
  readonly signal: AbortSignal
  readonly stopSeconds: number
  readonly onEpoch: (report: EpochReport) => void
}

/** Milliseconds between looks at the memory of a process. */
const watchInterval = 200
/** Number of characters of the output that a failure keeps. */
const outputKept = 4000

/** Runs a trial in a process of its own, within its limits. A failure there is an outcome, not an error. */
export function runInProcess(
  request: TrialRequest,
  { signal, stopSeconds, onEpoch }: WatchOptions,
): Promise<TrialOutcome> {
  const { seconds, megabytes } = limitsOf(request)
  const output = join(trialFolder(request.trial, request.folder), 'output.txt')
  const child = start(request, output, megabytes)
  let outcome: TrialOutcome | undefined
  let ended: TrialOutcome | undefined
  let peak = 0

  const end = (how: TrialOutcome) => {
    ended ??= how
    child.kill('SIGKILL')
  }
  const noteMemory = (now: number, highest: number) => {
    peak = Math.max(peak, Math.round(highest))
    if (megabytes === undefined || now <= megabytes) return
    const message = `The trial took ${Math.round(now)} MB, more than the ${megabytes} MB of its budget.`
    end(failed({ kind: 'out-of-memory', message }))
  }
  const watch = setInterval(() => {
    const memory = child.pid === undefined ? undefined : memoryOf(child.pid)
    if (memory) noteMemory(memory.now, memory.peak)
  }, watchInterval)
  const stopClock = startClock(child, seconds, () => {
    const message = `The trial did not end within the ${seconds} s of its budget.`
    end(failed({ kind: 'time-limit', message }))
  })
  let patience: NodeJS.Timeout | undefined
  const stop = () => {
    tell(child, { type: 'stop' })
    patience = setTimeout(() => end({ status: 'stopped' }), stopSeconds * 1000)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  child.on('message', (message: FromTrial) => {
    if (message.type === 'epoch') onEpoch(message.report)
    else if (message.type === 'memory') noteMemory(message.megabytes, message.megabytes)
    else if (message.type === 'outcome') outcome = message.outcome
  })
  tell(child, { type: 'run', request })
  return new Promise((resolve) => {
    const finish = (last: () => TrialOutcome) => {
      clearInterval(watch)
      stopClock()
      clearTimeout(patience)
      signal.removeEventListener('abort', stop)
      // A trial that was completed counts, even if its process exceeded the time limit while ending.
      const result = outcome?.status === 'completed' ? outcome : (ended ?? outcome ?? last())
      resolve(
        result.status === 'failed' && result.peakRssMb === undefined && peak > 0
          ? { ...result, peakRssMb: peak }
          : result,
      )
    }
    child.on('error', (error) =>
      finish(() =>
        failed({ kind: 'crash', message: `The trial's process cannot start: ${error.message}.` }),
      ),
    )
    child.on('exit', (code, signalName) => {
      const end = () => finish(() => ending(code, signalName, output))
      // The last message may still be on its way.
      if (child.connected) child.once('disconnect', end)
      else end()
    })
  })
}

function limitsOf({ trial }: TrialRequest) {
  return { seconds: trial.limits.secondsPerTrial, megabytes: trial.limits.megabytesPerTrial }
}

function start(request: TrialRequest, output: string, megabytes: number | undefined): ChildProcess {
  mkdirSync(trialFolder(request.trial, request.folder), { recursive: true })
  const file = openSync(output, 'w')
  try {
    return forkProgram({ output: file, megabytes })
  } finally {
    closeSync(file)
  }
}

/** Sends a message, unless the process is gone; its exit is handled elsewhere. */
function tell(child: ChildProcess, message: ToTrial): void {
  if (child.connected) child.send(message, () => undefined)
}

/** Explains the end of a process that sent no outcome. */
function ending(code: number | null, signal: string | null, outputFile: string): TrialOutcome {
  const output = lastOutput(outputFile)
  const details = {
    ...(code !== null && { exitCode: code }),
    ...(signal !== null && { signal }),
    ...(output !== '' && { output }),
  }
  const kind = ranOutOfMemory(output) ? 'out-of-memory' : 'crash'
  const message = `The trial's process ${howItEnded({ code, signal, output })}.`
  return failed({ kind, message, ...details })
}

function lastOutput(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-outputKept)
  } catch {
    return ''
  }
}

function failed(failure: TrialFailure): TrialOutcome {
  return { status: 'failed', failure }
}
