import { setTimeout as wait } from 'node:timers/promises'
import { GnnRecError, parseOptions } from '@gnnrec/graph'
import type { Job, Queue } from 'bullmq'
import * as z from 'zod'
import { mostSeconds } from '../definition/definition-schema.js'
import { RedisError } from '../errors.js'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from '../pool/outcome.js'
import type { TrialCall, TrialPool } from '../pool/trial-pool.js'
import { optionalPackages } from './optional-packages.js'
import { connect, type RedisConnection, reasonOf, withoutPassword } from './redis-connection.js'
import {
  defaultQueue,
  defaultUrl,
  jobIdOf,
  type TrialJob,
  type TrialJobResult,
} from './trial-job.js'
import { checkedResult, reportIn } from './trial-job-schema.js'

/** Options of {@link BullMqPool}. */
export interface BullMqPoolOptions {
  /** Address of Redis. @defaultValue 'redis://127.0.0.1:6379' */
  readonly url?: string
  /** Name of the queue, the same as that of the workers. @defaultValue 'gnnrec-trials' */
  readonly queue?: string
  /** Number of trials in the queue at a time, an integer >= 1; workers decide how many run. @defaultValue 32 */
  readonly parallel?: number
  /**
   * Seconds that Redis may be away before the run ends with an error, > 0; trials continue meanwhile.
   *
   * @defaultValue 60
   */
  readonly outageSeconds?: number
  /** Seconds between looks at the queue, > 0. @defaultValue 1 */
  readonly pollSeconds?: number
}

/** Milliseconds after which the queue is abandoned instead of closed. */
const closeTimeout = 2000

const schema = z.strictObject({
  url: z.string().min(1).default(defaultUrl),
  queue: z.string().min(1).default(defaultQueue),
  parallel: z.int().min(1).default(32),
  outageSeconds: z.number().positive().default(60),
  pollSeconds: z.number().positive().max(mostSeconds).default(1),
})

/**
 * A pool that runs trials on any number of machines. It puts them into a queue of BullMQ on Redis, from which
 * {@link BullMqWorker}s take them. All machines need access to the runner's folder, on a shared disk.
 *
 * A trial whose worker is lost is continued by another worker, from its checkpoint. When the run is
 * stopped, trials that no worker has started leave the queue. Started trials continue, and a later run
 * waits for them.
 *
 * @example
 * ```ts no-run
 * import { BullMqPool, ExperimentRunner, readExperimentFile } from '@gnnrec/experiments'
 *
 * const { definition, baseFolder } = await readExperimentFile('layers.yaml')
 * const pool = new BullMqPool({ url: 'redis://10.0.0.5:6379' })
 * const runner = new ExperimentRunner({ definition, baseFolder, folder: '/shared/layers', pool })
 * console.log((await runner.run()).results.length)
 * ```
 */
export class BullMqPool implements TrialPool {
  /** Number of trials in the queue at a time. */
  readonly parallel: number
  readonly #options: z.output<typeof schema>
  #connection: RedisConnection | undefined
  #queue: Queue<TrialJob, TrialJobResult> | undefined
  #lastAnswer = 0

  /** Checks the options. @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(options: BullMqPoolOptions = {}) {
    this.#options = parseOptions('BullMqPool', schema, options)
    this.parallel = this.#options.parallel
  }

  /** Connects to Redis. @throws RedisError when it fails, or `bullmq` or `ioredis` is not installed */
  async open(): Promise<void> {
    const packages = await optionalPackages()
    const { url, queue: name } = this.#options
    this.#connection = await connect(packages, url, { patient: false })
    this.#queue = new packages.bullmq.Queue(name, { connection: this.#connection.client })
    // The commands that fail report the same errors.
    this.#queue.on('error', () => undefined)
    this.#lastAnswer = performance.now()
  }

  /**
   * Puts a trial into the queue and waits for its end.
   *
   * @throws RedisError when Redis refuses, is away for too long, or has lost the trial
   */
  async run(trial: Trial, call: TrialCall): Promise<TrialOutcome> {
    const { folder, checkpointSeconds, saveModels, signal, onEpoch } = call
    const queue = this.#queue as Queue<TrialJob, TrialJobResult>
    const id = jobIdOf(trial, folder)
    await this.#ask(() => this.#add(id, { trial, folder, checkpointSeconds, saveModels }))
    let seen = ''
    for (;;) {
      const job = await this.#ask(() => queue.getJob(id))
      if (!job) {
        throw new RedisError(
          `The job of ${trial.id} is gone from the queue ${queue.name}: Redis was restarted without its data, or the queue was emptied. Results so far are kept; continue with skipExisting: true.`,
        )
      }
      const report = reportIn(job.progress)
      const progress = JSON.stringify(report)
      if (report && progress !== seen) {
        seen = progress
        onEpoch(report)
      }
      if (job.finishedOn !== undefined) {
        const outcome = outcomeOf(job)
        await this.#ask(() => job.remove())
        return outcome
      }
      if (signal.aborted) {
        await this.#ask(() => removeUnlessRunning(job))
        return { status: 'stopped' }
      }
      await wait(this.#options.pollSeconds * 1000, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Disconnects from Redis. */
  async close(): Promise<void> {
    // Closing the queue fails when Redis is away.
    const closed = this.#queue?.close().catch(() => undefined)
    if (closed) await Promise.race([closed, wait(closeTimeout)])
    this.#connection?.close()
  }

  async #add(id: string, data: TrialJob): Promise<void> {
    const queue = this.#queue as Queue<TrialJob, TrialJobResult>
    const there = await queue.getJob(id)
    // The result belongs to a run that is over; the trial continues from the files in its folder.
    if (there?.finishedOn !== undefined) await there.remove()
    // BullMQ ignores this when there is such a job already.
    await queue.add('trial', data, { jobId: id })
  }

  /** Asks Redis, repeatedly while it is away. @throws RedisError when it refuses or is away for too long */
  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const { outageSeconds, url } = this.#options
    for (;;) {
      try {
        const answer = await question()
        this.#lastAnswer = performance.now()
        return answer
      } catch (cause) {
        const reason = reasonOf(this.#connection?.lastError() ?? cause)
        const address = withoutPassword(url)
        if (isRefusal(cause)) {
          throw new RedisError(
            `Redis at ${address} refuses: ${reasonOf(cause)}. Results so far are kept; continue with skipExisting: true once it works again.`,
            { cause },
          )
        }
        if (performance.now() - this.#lastAnswer > outageSeconds * 1000) {
          throw new RedisError(
            `Redis at ${address} has been away for ${outageSeconds} s: ${reason}. Results so far are kept, and running trials continue; continue with skipExisting: true once it is back.`,
            { cause },
          )
        }
        await wait(200)
      }
    }
  }
}

/** Returns true for an error that Redis itself answered with. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'ReplyError' || /^[A-Z]+ [A-Za-z]/.test(error.message)) &&
    !/^LOADING /.test(error.message)
  )
}

function outcomeOf(job: Job<TrialJob, TrialJobResult>): TrialOutcome {
  if (!job.returnvalue) {
    const message = `The queue gave up the trial: ${job.failedReason ?? 'the reason is not known'}.`
    return { status: 'failed', failure: { kind: 'crash', message } }
  }
  try {
    return checkedResult(job.returnvalue)
  } catch (error) {
    if (!GnnRecError.isInstance(error)) throw error
    const { code, message } = error
    return { status: 'failed', failure: { kind: 'error', code, message } }
  }
}

async function removeUnlessRunning(job: Job<TrialJob, TrialJobResult>): Promise<void> {
  if (!(await job.isActive())) await job.remove()
}
