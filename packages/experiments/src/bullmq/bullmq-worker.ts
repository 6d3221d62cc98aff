import { existsSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseOptions } from '@gnnrec/graph'
import type { Job, Worker } from 'bullmq'
import * as z from 'zod'
import type { Trial } from '../plan/trial.js'
import { trialFolder } from '../plan/trial-folder.js'
import { runInProcess } from '../pool/trial-process.js'
import { interruptSignal } from '../runner/interrupt-signal.js'
import { type OptionalPackages, optionalPackages } from './optional-packages.js'
import { connect } from './redis-connection.js'
import { DEFAULT_QUEUE, DEFAULT_URL, type TrialJob, type TrialJobResult } from './trial-job.js'

/** Options of {@link BullMqWorker}. */
export interface BullMqWorkerOptions {
  /** Address of Redis. @defaultValue 'redis://127.0.0.1:6379' */
  readonly url?: string
  /** Name of the queue. @defaultValue 'gnnrec-trials' */
  readonly queue?: string
  /** Trials at a time, an integer >= 1. @defaultValue 1 */
  readonly parallel?: number
  /** Threads of each trial, an integer >= 1. @defaultValue the machine's processors shared among them */
  readonly threads?: number
  /** Where this machine has the runner's folder. @defaultValue the same path as the runner */
  readonly folder?: string
  /** Where this machine has what the experiment's paths are relative to. @defaultValue the same path */
  readonly baseFolder?: string
  /**
   * Seconds after which a worker that is not heard of counts as lost, >= 1; its trials go to others.
   *
   * @defaultValue 30
   */
  readonly lostSeconds?: number
  /** How often the worker of one trial may be lost before it is given up, an integer >= 0. @defaultValue 5 */
  readonly mostLosses?: number
  /** Seconds that a trial has to write its checkpoint when it is to stop, > 0. @defaultValue 30 */
  readonly stopSeconds?: number
  /** `'lines'` writes to stderr what it does. @defaultValue 'lines' */
  readonly progress?: 'lines' | 'none'
  /** Whether Ctrl-C (SIGINT) ends it as a signal does. @defaultValue true */
  readonly handleInterrupt?: boolean
}

const CLOSE_SECONDS = 5

const schema = z.strictObject({
  url: z.string().min(1).default(DEFAULT_URL),
  queue: z.string().min(1).default(DEFAULT_QUEUE),
  parallel: z.int().min(1).default(1),
  threads: z.int().min(1).optional(),
  folder: z.string().min(1).optional(),
  baseFolder: z.string().min(1).optional(),
  lostSeconds: z.number().min(1).default(30),
  mostLosses: z.int().min(0).default(5),
  stopSeconds: z.number().positive().default(30),
  progress: z.enum(['lines', 'none']).default('lines'),
  handleInterrupt: z.boolean().default(true),
})

/**
 * Takes trials from the queue of a `BullMqPool` and runs each in a process of its own.
 *
 *     await new BullMqWorker({ url: 'redis://10.0.0.5:6379' }).run()
 */
export class BullMqWorker {
  readonly #options: z.output<typeof schema>

  /** @throws InvalidOptionsError */
  constructor(options: BullMqWorkerOptions = {}) {
    this.#options = parseOptions('BullMqWorker', schema, options)
  }

  /**
   * Works until the signal is aborted, or Ctrl-C; its trials then write a checkpoint and go back into the
   * queue. While Redis is away it waits.
   *
   * @throws RedisError when Redis cannot be used at the start, or packages are not installed
   */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const packages = await optionalPackages()
    const { url, queue, parallel, lostSeconds, mostLosses, handleInterrupt } = this.#options
    const connection = await connect(packages, url, { patient: true })
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const signals = [signal, interrupt?.signal].filter((each) => each !== undefined)
    const stop = AbortSignal.any(signals)
    const worker: Worker<TrialJob, TrialJobResult> = new packages.bullmq.Worker(
      queue,
      (job, token, lost) => this.#process(packages, job, token, stop, lost),
      {
        ...{ connection: connection.client, concurrency: parallel, maxStalledCount: mostLosses },
        ...{ lockDuration: lostSeconds * 1000, stalledInterval: (lostSeconds * 1000) / 2 },
        autorun: false,
      },
    )
    let said = ''
    worker.on('error', (error) => {
      // The same is not said again and again while Redis is away.
      if (error.message !== said) this.#say(`Redis: ${error.message}`)
      said = error.message
    })
    // Redis was away for too long, and others may have these trials by now.
    worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const id of ids) worker.cancelJob(id, 'This worker counts as lost.')
    })
    try {
      const ended = worker.run()
      await new Promise<void>((resolve, reject) => {
        if (stop.aborted) resolve()
        else stop.addEventListener('abort', () => resolve(), { once: true })
        ended.then(() => resolve(), reject)
      })
    } finally {
      // Trials need their time to stop; what Redis has not heard by then, it finds out by itself.
      const closed = worker.close().catch(() => undefined)
      const patience = (this.#options.stopSeconds + CLOSE_SECONDS) * 1000
      await Promise.race([closed, wait(patience, undefined, { ref: false })])
      interrupt?.release()
      connection.close()
    }
  }

  async #process(
    { bullmq }: OptionalPackages,
    job: Job<TrialJob, TrialJobResult>,
    token: string | undefined,
    stop: AbortSignal,
    lost: AbortSignal | undefined,
  ): Promise<TrialJobResult> {
    const { parallel, threads, stopSeconds, folder, baseFolder } = this.#options
    const { data } = job
    const trial: Trial = { ...data.trial, baseFolder: baseFolder ?? data.trial.baseFolder }
    const request = {
      ...{ ...data, trial, folder: folder ?? data.folder },
      threads: threads ?? Math.max(1, Math.floor(availableParallelism() / parallel)),
    }
    const isAgain = job.stalledCounter > 0
    this.#say(`${isAgain ? 'takes up' : 'starts'} ${trial.id}`)
    if (isAgain) dropLockOfOtherMachine(join(trialFolder(trial, request.folder), 'checkpoints'))
    const outcome = await runInProcess(request, {
      ...{ signal: lost ? AbortSignal.any([stop, lost]) : stop, stopSeconds },
      onEpoch: (report) => {
        job.updateProgress({ report }).catch(() => undefined)
      },
    })
    this.#say(`${outcome.status} ${trial.id}`)
    if (outcome.status !== 'stopped') return outcome
    if (!lost?.aborted) await job.moveToWait(token)
    throw new bullmq.WaitingError()
  }

  #say(line: string): void {
    if (this.#options.progress === 'lines') process.stderr.write(`${line}\n`)
  }
}

/**
 * Nobody can tell whether a process of another machine is alive; but the queue gives a trial to this one
 * only when the worker there has not been heard of. If it comes back after all, its training finds that
 * the lock is gone and ends.
 */
function dropLockOfOtherMachine(checkpoints: string): void {
  const lock = join(checkpoints, 'lock.json')
  if (!existsSync(lock)) return
  try {
    const { host } = JSON.parse(readFileSync(lock, 'utf8')) as { host?: string }
    if (host !== hostname()) rmSync(lock, { force: true })
  } catch {
    // Not to be read: whoever runs the trial says what is wrong with it.
  }
}
