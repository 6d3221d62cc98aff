import { appendFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  BullMqPool,
  BullMqWorker,
  type CompletedTrial,
  ExperimentRunner,
  type ExperimentRunnerOptions,
  readResults,
  type TrialResult,
} from '@gnnrec/experiments'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { checkExperiment } from '../../src/definition/read-definition.js'
import { configurationsOf, trialOf } from '../../src/plan/configurations.js'
import { withId } from '../../src/plan/trial.js'
import type { RunnerEvent } from '../../src/runner/runner-events.js'
import { writeCsv } from '../support/csv-data.js'
import { long, small } from '../support/definitions.js'
import { startScript } from '../support/processes.js'
import { freePort, RedisServer, redisMissing } from '../support/redis-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { checkpointsOf, resumptionsOf, untilCheckpoint } from '../support/training-log.js'

const workerScript = new URL('../support/worker-script.ts', import.meta.url)

const definition = { ...small, models: [{ model: 'popularity' }, { model: 'random' }] }

async function startRedis(...options: readonly string[]): Promise<RedisServer> {
  const redis = await RedisServer.start(...options)
  onTestFinished(() => redis.stop())
  return redis
}

/** A worker of this process, until the test is over. */
function startWorker(url: string): void {
  const controller = new AbortController()
  const options = { url, threads: 1, lostSeconds: 10, stopSeconds: 1, progress: 'none' } as const
  const ended = new BullMqWorker(options).run({ signal: controller.signal })
  onTestFinished(() => {
    controller.abort()
    return ended
  })
}

function runner(
  url: string,
  options: Partial<ExperimentRunnerOptions> & { readonly folder: string },
  poolOptions: object = {},
): ExperimentRunner {
  const pool = new BullMqPool({ url, pollSeconds: 0.1, ...poolOptions })
  return new ExperimentRunner({ definition, progress: 'none', pool, ...options })
}

function onlyResult(results: readonly TrialResult[]): CompletedTrial {
  expect(results).toHaveLength(1)
  expect(results[0].status, JSON.stringify(results[0])).toBe('completed')
  return results[0] as CompletedTrial
}

describe.skipIf(redisMissing)(`on Redis${redisMissing ? ` (${redisMissing})` : ''}`, () => {
  it('gives what the local pool gives', async () => {
    const redis = await startRedis()
    startWorker(redis.url)
    const folder = await temporaryFolder()
    const models = [...definition.models, { model: 'bpr-mf', options: { embeddingDim: 4 } }]
    const events: RunnerEvent[] = []
    const shared = { definition: { ...definition, models, seeds: [1] } }
    const onRedis = await runner(redis.url, {
      ...shared,
      folder: join(folder, 'redis'),
      onEvent: (event) => events.push(event),
    }).run()
    const local = await new ExperimentRunner({
      ...shared,
      folder: join(folder, 'local'),
      progress: 'none',
    }).run()
    const values = (results: readonly TrialResult[]) =>
      results.map((result) => [result.trial, (result as CompletedTrial).test]).sort()
    expect(values(onRedis.results)).toEqual(values(local.results))
    expect(onRedis.results).toHaveLength(3)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'epoch', report: expect.objectContaining({ epochs: 2 }) }),
    )
  })

  it('lets another worker take up the trial of one that is killed', async () => {
    const folder = await temporaryFolder()
    const undisturbed = await new ExperimentRunner({
      definition: long,
      folder: join(folder, 'undisturbed'),
      progress: 'none',
    }).run()
    const redis = await startRedis()
    const first = startScript(workerScript, redis.url)
    const disturbed = join(folder, 'disturbed')
    const run = runner(redis.url, {
      definition: long,
      folder: disturbed,
      checkpointSeconds: 0.2,
    }).run()
    await untilCheckpoint(disturbed, await checkpointsOf(disturbed))
    const second = startScript(workerScript, redis.url)
    expect(first.errors()).toContain('starts movietweetings--light-gcn')
    first.child.kill('SIGKILL')
    const { results } = await run
    expect(second.errors()).toContain('continues movietweetings--light-gcn')
    const [found, expected] = [onlyResult(results), onlyResult(undisturbed.results)]
    expect(found.test).toEqual(expected.test)
    expect(found.validation).toEqual(expected.validation)
    expect(found.epochs).toBe(expected.epochs)
    expect(await resumptionsOf(disturbed)).toBe(1)
    // It ends cleanly when it is asked to.
    second.child.kill('SIGINT')
    expect((await second.end).code).toBe(0)
  })

  it('takes nothing from the queue that writes elsewhere or loads what is not allowed', async () => {
    const redis = await startRedis()
    startWorker(redis.url)
    const outside = await temporaryFolder()
    const folder = join(outside, 'a', 'run')
    await writeFile(
      join(outside, 'evil.mjs'),
      `process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(join(outside, 'ran.txt'))}, '')`,
    )
    const { definition: checked } = await checkExperiment(definition, outside)
    const source = {
      definition: checked,
      baseFolder: outside,
      inputsOf: () => ({ splitHash: 'x', libraryVersion: 'y' }),
    }
    const [configuration] = configurationsOf(checked)
    const setting = { label: '', options: {}, training: {} }
    const trial = trialOf(source, configuration, { setting, seed: 1, phase: 'test' })
    const { id: _id, folder: _folder, ...content } = trial
    const module = './evil.mjs'
    const dataset = { ...trial.dataset, module }
    const common = { folder, checkpointSeconds: 30, saveModels: false }
    const results = await answersOf(redis.url, [
      { ...common, trial: { ...trial, folder: '../../../x' } },
      { ...common, trial: { ...trial, id: '../../../x', folder: '../../../x' } },
      { ...common, trial: withId({ ...content, dataset }) },
      { ...common, trial: withId({ ...content, model: { ...trial.model, module } }) },
      { ...common, trial: null },
      'nonsense',
    ])
    expect(results).toHaveLength(6)
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'failed',
        failure: { kind: 'error', code: 'INVALID_OPTIONS' },
      })
    }
    expect(await readdir(outside)).toEqual(['evil.mjs'])
  })

  it('fails a trial whose data are not those of the runner', async () => {
    const redis = await startRedis()
    const [here, there] = [await temporaryFolder(), await temporaryFolder()]
    const dataset = await writeCsv(here)
    await writeCsv(there)
    await appendFile(join(there, 'camps.csv'), '0,1,5,2000\n')
    const controller = new AbortController()
    const options = { url: redis.url, threads: 1, progress: 'none', baseFolder: there } as const
    const worker = new BullMqWorker(options).run({ signal: controller.signal })
    const only = { ...definition, models: [{ model: 'popularity' }], datasets: [dataset] }
    const run = runner(redis.url, { folder: join(here, 'run'), baseFolder: here, definition: only })
    const { results } = await run.run()
    controller.abort()
    await worker
    expect(results).toMatchObject([
      {
        status: 'failed',
        failure: {
          code: 'INVALID_OPTIONS',
          message: expect.stringContaining(
            "The data set 'camps' is not the one that this run was planned with",
          ),
        },
      },
    ])
  })

  it('says where Redis was looked for when it is down', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    const folder = await temporaryFolder()
    const error = {
      code: 'REDIS',
      message: expect.stringContaining(`${url}: connect ECONNREFUSED`),
    }
    await expect(runner(url, { folder }).run()).rejects.toMatchObject(error)
    await expect(new BullMqWorker({ url, progress: 'none' }).run()).rejects.toMatchObject(error)
    // The folder is free again.
    const { results } = await new ExperimentRunner({
      definition: { ...definition, seeds: [1] },
      folder,
      progress: 'none',
    }).run()
    expect(results).toHaveLength(2)
  })

  it('says what Redis answers when it refuses, without the password', async () => {
    const redis = await startRedis('--requirepass', 'right')
    const folder = await temporaryFolder()
    await expect(runner(redis.url, { folder }).run()).rejects.toThrow(
      /^Cannot use Redis at redis:\/\/127.0.0.1:\d+: NOAUTH /,
    )
    const wrong = redis.url.replace('//', '//:wrong@')
    await expect(runner(wrong, { folder }).run()).rejects.toThrow(
      /^Cannot use Redis at redis:\/\/\*\*\*@127.0.0.1:\d+: WRONGPASS/,
    )
    const full = await startRedis('--maxmemory', '1mb', '--maxmemory-policy', 'noeviction')
    await expect(runner(full.url, { folder }).run()).rejects.toMatchObject({
      code: 'REDIS',
      message: expect.stringMatching(/refuses: .*OOM command not allowed/),
    })
  })

  it('ends when Redis goes away for too long, keeps its results, and goes on later', async () => {
    const redis = await startRedis()
    startWorker(redis.url)
    const folder = await temporaryFolder()
    const patience = { outageSeconds: 1, parallel: 1 }
    const stopAtFirst = (event: RunnerEvent) => {
      if (event.type === 'result') void redis.stop()
    }
    await expect(
      runner(redis.url, { folder, onEvent: stopAtFirst }, patience).run(),
    ).rejects.toMatchObject({
      code: 'REDIS',
      message: expect.stringMatching(/has been away for 1 s: .*continue with skipExisting/),
    })
    const before = await readResults(folder)
    expect(before.size).toBeGreaterThan(0)
    await redis.startAgain()
    const { results } = await runner(redis.url, { folder, skipExisting: true }).run()
    expect(results).toHaveLength(3)
    for (const [trial, result] of before) {
      expect(results.find((each) => each.trial === trial)).toEqual(result)
    }
  })

  it('waits while Redis is away for a moment', async () => {
    const folder = await temporaryFolder()
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder]
    const redis = await startRedis(...kept)
    startWorker(redis.url)
    let restarted: Promise<void> | undefined
    const onEvent = (event: RunnerEvent) => {
      if (event.type === 'epoch') restarted ??= redis.stop().then(() => redis.startAgain())
    }
    const { results } = await runner(redis.url, {
      folder: join(folder, 'run'),
      definition: long,
      onEvent,
      checkpointSeconds: 0.2,
    }).run()
    await restarted
    onlyResult(results)
  })

  it('puts a trial back into the queue when its worker is stopped', async () => {
    const redis = await startRedis()
    const folder = await temporaryFolder()
    const stop = new AbortController()
    const options = { url: redis.url, threads: 1, progress: 'none' } as const
    const first = new BullMqWorker(options).run({ signal: stop.signal })
    const run = runner(redis.url, { folder, definition: long, checkpointSeconds: 0.2 }).run()
    await untilCheckpoint(folder, 0)
    stop.abort()
    await first
    expect(await waiting(redis.url)).toBe(1)
    startWorker(redis.url)
    onlyResult((await run).results)
    expect(await resumptionsOf(folder)).toBe(1)
  })

  it('takes what has not begun out of the queue when the run is stopped', async () => {
    const redis = await startRedis()
    const folder = await temporaryFolder()
    const controller = new AbortController()
    const run = runner(redis.url, { folder }).run({ signal: controller.signal })
    await vi.waitFor(async () => expect(await waiting(redis.url)).toBe(3), { timeout: 600_000 })
    controller.abort()
    expect(await run).toMatchObject({ stopped: true, results: [] })
    expect(await waiting(redis.url)).toBe(0)
  })
})

/** Puts jobs into the queue, and returns what comes of them. */
async function answersOf(url: string, jobs: readonly unknown[]): Promise<unknown[]> {
  const { Queue, QueueEvents } = await import('bullmq')
  const { Redis } = await import('ioredis')
  const clients = [0, 1].map(() => new Redis(url, { maxRetriesPerRequest: null }))
  const queue = new Queue('gnnrec-trials', { connection: clients[0] })
  const events = new QueueEvents('gnnrec-trials', { connection: clients[1] })
  try {
    await events.waitUntilReady()
    const added = await Promise.all(jobs.map((data) => queue.add('trial', data)))
    return await Promise.all(added.map((job) => job.waitUntilFinished(events)))
  } finally {
    await events.close()
    await queue.close()
    for (const client of clients) client.disconnect()
  }
}

async function waiting(url: string): Promise<number> {
  const { Queue } = await import('bullmq')
  const { Redis } = await import('ioredis')
  const client = new Redis(url, { maxRetriesPerRequest: null })
  const queue = new Queue('gnnrec-trials', { connection: client })
  try {
    return await queue.getWaitingCount()
  } finally {
    await queue.close()
    client.disconnect()
  }
}
