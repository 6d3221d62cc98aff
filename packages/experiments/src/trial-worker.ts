// The process of one trial or examination: it receives a request, runs it, sends the outcome and ends.

import { mkdir } from 'node:fs/promises'
import { GnnRecError } from '@gnnrec/graph'
import { thrownMessage } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import { examineInputs, type InputsRequest } from './inputs/examine-inputs.js'
import { trialFolder } from './plan/trial-folder.js'
import { memoryOf, ownPeakMegabytes } from './pool/memory.js'
import type { FromTrial, ToTrial, TrialRequest } from './pool/messages.js'
import type { TrialFailure, TrialOutcome } from './pool/outcome.js'
import { runTrial } from './trial/run-trial.js'

/** Milliseconds between reports of memory. */
const memoryInterval = 500

const stop = new AbortController()

// Ctrl-C reaches all processes of a terminal, but only the runner acts on it.
process.on('SIGINT', () => undefined)
// The runner is gone, so nobody needs the trial any more.
process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToTrial) => {
  if (message.type === 'stop') stop.abort(new Error('The trial was asked to stop.'))
  else if (message.type === 'run') void answer(message.request)
  else void answerExamination(message.request)
})
send({ type: 'ready' })

async function answerExamination(request: InputsRequest): Promise<void> {
  const inputs = await examineInputs(request)
  send({ type: 'examined', inputs }, () => process.exit(0))
}

async function answer(request: TrialRequest): Promise<void> {
  const timer = setInterval(() => {
    const { now } = memoryOf('self') ?? { now: process.memoryUsage.rss() / 2 ** 20 }
    send({ type: 'memory', megabytes: Math.round(now) })
  }, memoryInterval)
  const outcome = await outcomeOf(request)
  clearInterval(timer)
  send({ type: 'outcome', outcome }, () => process.exit(0))
}

async function outcomeOf(request: TrialRequest): Promise<TrialOutcome> {
  const { trial, folder, rules, threads, checkpointSeconds, saveModels } = request
  try {
    await mkdir(trialFolder(trial, folder), { recursive: true })
    await useBackend('simd', { threads })
    const measurements = await runTrial(trial, {
      folder,
      rules,
      checkpointSeconds,
      saveModels,
      signal: stop.signal,
      onEpoch: (report) => send({ type: 'epoch', report }),
    })
    if (!measurements) return { status: 'stopped' }
    return { status: 'completed', measurements, peakRssMb: ownPeakMegabytes() }
  } catch (error) {
    return { status: 'failed', failure: failureOf(error), peakRssMb: ownPeakMegabytes() }
  }
}

function failureOf(error: unknown): TrialFailure {
  if (!(error instanceof Error)) return { kind: 'error', message: thrownMessage(error) }
  const { message, stack } = error
  const isMemory = error instanceof RangeError && /allocation failed|out of memory/i.test(message)
  return {
    kind: isMemory ? 'out-of-memory' : 'error',
    message,
    ...(GnnRecError.isInstance(error) && { code: error.code }),
    ...(stack !== undefined && { stack }),
  }
}

function send(message: FromTrial, done?: () => void): void {
  // There is no channel when the runner is gone.
  process.send?.(message, undefined, undefined, () => done?.())
}
