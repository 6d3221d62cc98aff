import { existsSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { GnnRecError, parseOptions } from '@gnnrec/graph'
import { printableLine, TextOutput } from '@gnnrec/graph/files'
import { interruptSignal } from '@gnnrec/train'
import type { Job, Worker } from 'bullmq'
import * as z from 'zod'
import { mostSeconds } from '../definition/definition-schema.js'
import { type ModuleRules, moduleAddress } from '../models/module-rules.js'
import type { Trial } from '../plan/trial.js'
import { trialFolder } from '../plan/trial-folder.js'
import { runInProcess } from '../pool/trial-process.js'
import { type OptionalPackages, optionalPackages } from './optional-packages.js'
import { connect } from './redis-connection.js'
import { defaultQueue, defaultUrl, type TrialJob, type TrialJobResult } from './trial-job.js'
import { checkedJob } from './trial-job-schema.js'

/** Options of {@link BullMqWorker}. */
export interface BullMqWorkerOptions {
  /** Address of Redis. @defaultValue 'redis://127.0.0.1:6379' */
  readonly url?: string
  /** Name of the queue, the same as that of the pool. @defaultValue 'gnnrec-trials' */
  readonly queue?: string
  /** Number of trials that run at a time, an integer >= 1. @defaultValue 1 */
  readonly parallel?: number
  /** Number of threads of each trial, an integer >= 1. @defaultValue the machine's processors, shared among the trials */
  readonly threads?: number
  /** Path of the runner's folder on this machine. @defaultValue the runner's path */
  readonly folder?: string
  /** Path on this machine of the folder that paths in the definition are relative to. @defaultValue the runner's path */
  readonly baseFolder?: string
  /**
   * Modules that trials may load: names of packages, and paths of files and folders of this machine.
   * Their code runs here, and whoever can write to the queue chooses among them.
   *
   * @defaultValue none
   */
  readonly allowModules?: readonly string[]
  /**
   * Seconds without a sign of life after which a worker counts as lost, >= 1; others take its trials.
   *
   * @defaultValue 30
   */
  readonly lostSeconds?: number
  /** Number of workers that a trial may lose before it is given up, an integer >= 0. @defaultValue 5 */
  readonly mostLosses?: number
  /** Seconds that a trial has to write its checkpoint when it must stop, > 0. @defaultValue 30 */
  readonly stopSeconds?: number
  /** The display of progress: `'lines'` writes a line to stderr for each event. @defaultValue 'lines' */
  readonly progress?: 'lines' | 'none'
  /** True to stop at Ctrl-C (SIGINT), as an `AbortSignal` does. @defaultValue true */
  readonly handleInterrupt?: boolean
}

/** Seconds that the worker has to disconnect after its trials have stopped. */
const closeSeconds = 5

const schema = z.strictObject({
  url: z.string().min(1).default(defaultUrl),
  queue: z.string().min(1).default(defaultQueue),
  parallel: z.int().min(1).default(1),
  threads: z.int().min(1).optional(),
  folder: z.string().min(1).optional(),
  baseFolder: z.string().min(1).optional(),
  allowModules: z.array(z.string().min(1)).default([]),
  lostSeconds: z.number().min(1).max(mostSeconds).default(30),
  mostLosses: z.int().min(0).default(5),
  stopSeconds: z
    .number()
    .positive()
    .max(mostSeconds - closeSeconds)
    .default(30),
  progress: z.enum(['lines', 'none']).default('lines'),
  handleInterrupt: z.boolean().default(true),
})

/**
 * A worker that takes trials from the queue of a {@link BullMqPool} and runs each in a process of its own.
 *
 * @example
 * ```ts no-run
 * import { BullMqWorker } from '@gnnrec/experiments'
 *
 * await new BullMqWorker({ url: 'redis://10.0.0.5:6379', parallel: 2 }).run()
 * ```
 */
export class BullMqWorker {
  readonly #options: z.output<typeof schema>
  readonly #output = new TextOutput(process.stderr)

  /** Checks the options. @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(options: BullMqWorkerOptions = {}) {
    this.#options = parseOptions('BullMqWorker', schema, options)
  }

  /**
   * Works until the signal is aborted or Ctrl-C is pressed. Its trials then write a checkpoint and return
   * to the queue. The worker waits while Redis is away.
   *
   * @throws RedisError when Redis cannot be reached at the start, or `bullmq` or `ioredis` is missing
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
        connection: connection.client,
        concurrency: parallel,
        maxStalledCount: mostLosses,
        lockDuration: lostSeconds * 1000,
        stalledInterval: (lostSeconds * 1000) / 2,
        autorun: false,
      },
    )
    let said = ''
    worker.on('error', (error) => {
      // BullMQ repeats an error as long as Redis is away.
      if (error.message !== said) this.#say(`Redis: ${error.message}`)
      said = error.message
    })
    // Redis was away for too long, so that other workers may have these trials by now.
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
      // Trials need time to stop. Redis notices later by itself what it was not told by then.
      const closed = worker.close().catch(() => undefined)
      const patience = (this.#options.stopSeconds + closeSeconds) * 1000
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
    const { parallel, threads, stopSeconds, folder, allowModules } = this.#options
    let data: TrialJob
    let rules: ModuleRules
    try {
      data = checkedJob(job.data)
      const baseFolder = this.#options.baseFolder ?? data.trial.baseFolder
      rules = { baseFolder, filesBelow: false, allowModules }
      for (const { module } of [data.trial.model, data.trial.dataset]) {
        if (module !== undefined) moduleAddress(module, rules)
      }
    } catch (error) {
      if (!GnnRecError.isInstance(error)) throw error
      const { code, message } = error
      this.#say(`refuses ${job.id}: ${message}`)
      return { status: 'failed', failure: { kind: 'error', code, message } }
    }
    const trial: Trial = { ...data.trial, baseFolder: rules.baseFolder }
    const request = {
      ...data,
      trial,
      rules,
      folder: resolve(folder ?? data.folder),
      threads: threads ?? Math.max(1, Math.floor(availableParallelism() / parallel)),
    }
    const isAgain = job.stalledCounter > 0
    this.#say(`${isAgain ? 'continues' : 'starts'} ${trial.id}`)
    if (isAgain) dropLockOfOtherMachine(join(trialFolder(trial, request.folder), 'checkpoints'))
    const outcome = await runInProcess(request, {
      signal: lost ? AbortSignal.any([stop, lost]) : stop,
      stopSeconds,
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
    if (this.#options.progress === 'lines') this.#output.write(`${printableLine(line)}\n`)
  }
}

/**
 * Removes the lock that a worker of another machine has left in a trial's folder. This machine cannot
 * know whether that worker is alive, but the queue hands over a trial only when the worker counts as
 * lost. Should it still be alive, its training notices that its lock is gone and ends.
 */
function dropLockOfOtherMachine(checkpoints: string): void {
  const lock = join(checkpoints, 'lock.json')
  if (!existsSync(lock)) return
  try {
    const { host } = JSON.parse(readFileSync(lock, 'utf8')) as { host?: string }
    if (host !== hostname()) rmSync(lock, { force: true })
  } catch {
    // The training reports a lock that cannot be read.
  }
}
