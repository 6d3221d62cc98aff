import { readFileSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ExperimentDefinition,
  ExperimentRunner,
  type ExperimentRunnerOptions,
  readResults,
} from '@gnnrec/experiments'
import { expect, it, vi } from 'vitest'
import type { RunnerEvent } from '../../src/runner/runner-events.js'
import { small } from '../support/definitions.js'
import { completed, RecordingPool } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const definition: ExperimentDefinition = {
  ...small,
  models: [
    { model: 'popularity' },
    { model: 'random' },
    {
      model: 'light-gcn',
      settings: [
        { label: 'flat', options: { layers: 1 } },
        { label: 'deep', options: { layers: 4 } },
      ],
    },
  ],
  seeds: [1, 2, 3],
}

function runner(options: Partial<ExperimentRunnerOptions> & { folder: string }): ExperimentRunner {
  return new ExperimentRunner({ definition, progress: 'none', ...options })
}

const answers = () => new RecordingPool(() => completed(0.5))

it('makes a trial of each model, setting and seed; one of a baseline without chance', async () => {
  const pool = answers()
  const { results } = await runner({ folder: await temporaryFolder(), pool }).run()
  expect(
    results.map(({ model, setting, seed }) => `${model} ${setting} ${seed}`.replace('  ', ' ')),
  ).toEqual([
    'popularity 1',
    'random 1',
    'random 2',
    'random 3',
    'light-gcn flat 1',
    'light-gcn flat 2',
    'light-gcn flat 3',
    'light-gcn deep 1',
    'light-gcn deep 2',
    'light-gcn deep 3',
  ])
  expect(pool.trials[4].model).toEqual({
    label: 'light-gcn',
    name: 'light-gcn',
    options: { layers: 1 },
    training: small.training,
  })
  expect(new Set(pool.trials.map(({ id }) => id)).size).toBe(10)
})

it('gives a data set the seeds that it names, and the first of them to its search', async () => {
  const pool = answers()
  const [dataset] = small.datasets
  const searched: ExperimentDefinition = {
    ...small,
    models: [{ model: 'light-gcn', search: { options: { layers: [1, 2] } } }],
    datasets: [dataset, { ...dataset, label: 'few seeds', seeds: [7] }],
    seeds: [1, 2],
    search: { method: 'grid' },
  }
  const folder = await temporaryFolder()
  await runner({ definition: searched, folder, pool }).run()
  const seedsOf = (label: string, phase: string) =>
    pool.trials
      .filter((trial) => trial.dataset.label === label && trial.phase === phase)
      .map(({ seed }) => seed)
  const label = dataset.label ?? dataset.dataset
  expect([seedsOf(label, 'search'), seedsOf(label, 'test')]).toEqual([
    [1, 1],
    [1, 2],
  ])
  expect([seedsOf('few seeds', 'search'), seedsOf('few seeds', 'test')]).toEqual([[7, 7], [7]])
})

it('runs no more trials at a time than the pool takes', async () => {
  for (const parallel of [1, 3]) {
    const pool: RecordingPool = new RecordingPool(async () => {
      // The first trials wait for each other.
      await vi.waitFor(() => expect(pool.mostRunning).toBe(parallel), { timeout: 600_000 })
      return completed(0.5)
    }, parallel)
    await runner({ folder: await temporaryFolder(), pool }).run()
    expect(pool.mostRunning).toBe(parallel)
  }
})

it('writes each result as it comes, a line of JSON each', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'results.jsonl')
  const lines: number[] = []
  const onEvent = (event: RunnerEvent) => {
    if (event.type !== 'start') return
    // At once, before the next result is written.
    lines.push(readFileSync(file, 'utf8').split('\n').length - 1)
  }
  const { results } = await runner({ folder, pool: answers(), onEvent }).run()
  expect(lines).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const text = await readFile(file, 'utf8')
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(results)
  expect(JSON.parse(await readFile(join(folder, 'experiment.json'), 'utf8'))).toMatchObject({
    definition: { name: 'small', seeds: [1, 2, 3] },
  })
})

it('gives results in the order of the definition, however long trials take', async () => {
  const folder = await temporaryFolder()
  let ended = 0
  let endFirst = () => {}
  const others = new Promise<void>((resolve) => {
    endFirst = resolve
  })
  const pool: RecordingPool = new RecordingPool(async ({ id }) => {
    if (id === pool.trials[0]?.id) await others
    else if (++ended === 3) endFirst()
    return completed(0.5)
  }, 4)
  const { results } = await runner({ folder, pool }).run()
  const planned = pool.trials.map(({ id }) => id)
  expect(results.map(({ trial }) => trial)).toEqual(planned)
  expect([...(await readResults(folder)).keys()]).not.toEqual(planned)
})

it('refuses a folder with results unless it is told to continue there', async () => {
  const folder = await temporaryFolder()
  await runner({ folder, pool: answers() }).run()
  await expect(runner({ folder, pool: answers() }).run()).rejects.toMatchObject({
    code: 'EXPERIMENT_FOLDER',
    message: expect.stringContaining(
      '10 results of an earlier run; continue there with skipExisting',
    ),
  })
  const pool = answers()
  const { results } = await runner({ folder, pool, skipExisting: true }).run()
  expect(pool.trials).toEqual([])
  expect(results).toHaveLength(10)
})

it('runs only what is new when the definition has grown', async () => {
  const folder = await temporaryFolder()
  await runner({ folder, pool: answers() }).run()
  const pool = answers()
  const grown = { ...definition, seeds: [1, 2, 3, 4] }
  await runner({ folder, pool, definition: grown, skipExisting: true }).run()
  expect(pool.trials.map(({ model, seed }) => `${model.label} ${seed}`)).toEqual([
    'random 4',
    'light-gcn 4',
    'light-gcn 4',
  ])
  const changed = { ...definition, training: { ...small.training, epochs: 3 } }
  const other = answers()
  await runner({ folder, pool: other, definition: changed, skipExisting: true }).run()
  expect(other.trials).toHaveLength(6)
})

it('runs failed trials again, or leaves them', async () => {
  const folder = await temporaryFolder()
  const failing = new RecordingPool(({ seed }) =>
    seed === 2
      ? { status: 'failed', failure: { kind: 'error', message: 'no luck' } }
      : completed(0.5),
  )
  const first = await runner({ folder, pool: failing }).run()
  expect(first.results.filter(({ status }) => status === 'failed')).toHaveLength(3)
  const left = answers()
  await runner({ folder, pool: left, skipExisting: true, retryFailed: false }).run()
  expect(left.trials).toEqual([])
  const again = answers()
  const { results } = await runner({ folder, pool: again, skipExisting: true }).run()
  expect(again.trials.map(({ seed }) => seed)).toEqual([2, 2, 2])
  expect(results.every(({ status }) => status === 'completed')).toBe(true)
  // The last result of a trial counts.
  const read = await readResults(folder)
  expect([...read.values()].every(({ status }) => status === 'completed')).toBe(true)
})

it('leaves a last line out that a kill cut short, and runs its trial again', async () => {
  const folder = await temporaryFolder()
  await runner({ folder, pool: answers() }).run()
  const file = join(folder, 'results.jsonl')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.slice(0, -20))
  const pool = answers()
  await runner({ folder, pool, skipExisting: true }).run()
  expect(pool.trials).toHaveLength(1)
  expect((await readResults(folder)).size).toBe(10)
})

it('names the line of results that is damaged', async () => {
  const folder = await temporaryFolder()
  await runner({ folder, pool: answers() }).run()
  await appendFile(join(folder, 'results.jsonl'), 'nonsense\n{"status":"completed"}\n')
  await expect(runner({ folder, pool: answers(), skipExisting: true }).run()).rejects.toThrow(
    /results\.jsonl:11: .*\n.*results\.jsonl:12: /,
  )
})

it('refuses a folder in which another run works', async () => {
  const folder = await temporaryFolder()
  let release = () => {}
  const started = new Promise<void>((start) => {
    release = start
  })
  const blocked = new RecordingPool(async () => {
    await started
    return completed(0.5)
  })
  const first = runner({ folder, pool: blocked }).run()
  await vi.waitFor(() => expect(blocked.running).toBe(1), { timeout: 600_000 })
  await expect(runner({ folder, pool: answers(), skipExisting: true }).run()).rejects.toMatchObject(
    {
      code: 'EXPERIMENT_LOCKED',
      message: expect.stringMatching(/^Two runs cannot share a folder: .*process \d+/),
    },
  )
  release()
  expect((await first).results).toHaveLength(10)
})

it('says when the folder cannot be written', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(
    runner({ folder: join(folder, 'file'), pool: answers() }).run(),
  ).rejects.toMatchObject({ code: 'EXPERIMENT_FOLDER' })
  await mkdir(join(folder, 'run', 'results.jsonl'), { recursive: true })
  await expect(
    runner({ folder: join(folder, 'run'), pool: answers() }).run(),
  ).rejects.toMatchObject({
    message: expect.stringContaining('results.jsonl: cannot be read: EISDIR'),
  })
})

it('ends with the error of the pool, and keeps what was found before', async () => {
  const folder = await temporaryFolder()
  let calls = 0
  const pool = new RecordingPool(() => {
    if (++calls === 4) throw new Error('The place burns.')
    return completed(0.5)
  })
  await expect(runner({ folder, pool }).run()).rejects.toThrow('The place burns.')
  expect((await readResults(folder)).size).toBe(3)
  expect(calls).toBe(4)
})

it('stops when its signal is aborted, and starts nothing more', async () => {
  const folder = await temporaryFolder()
  const controller = new AbortController()
  const pool = new RecordingPool((trial, { signal }) => {
    if (trial.seed === 2) controller.abort()
    return signal.aborted ? { status: 'stopped' } : completed(0.5)
  })
  const { results, stopped } = await runner({ folder, pool }).run({ signal: controller.signal })
  expect(stopped).toBe(true)
  expect(results).toHaveLength(2)
  expect(pool.trials).toHaveLength(3)
})

it('refuses wrong options', () => {
  expect(() => runner({ folder: '' })).toThrow('folder')
  expect(() => runner({ folder: 'x', pool: {} as never })).toThrow('expected a pool')
  expect(() => runner({ folder: 'x', skipExisiting: true } as never)).toThrow(
    "did you mean 'skipExisting'?",
  )
})

it('waits for an asynchronous onEvent, and ends with its error once trials have stopped', async () => {
  const told: string[] = []
  const slow = async ({ type }: RunnerEvent) => {
    told.push(`${type} begins`)
    await new Promise((resolve) => setTimeout(resolve, 1))
    told.push(`${type} ends`)
  }
  await runner({ folder: await temporaryFolder(), pool: answers(), onEvent: slow }).run()
  expect(told.length).toBeGreaterThan(20)
  for (let at = 0; at < told.length; at += 2) {
    expect(told[at + 1]).toBe(told[at]?.replace('begins', 'ends'))
  }
  const problem = new Error('The dashboard is away.')
  const fail = async ({ type }: RunnerEvent) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (type === 'result') throw problem
  }
  const pool = answers()
  const folder = await temporaryFolder()
  await expect(runner({ folder, pool, onEvent: fail }).run()).rejects.toMatchObject({
    code: 'CALLBACK',
    cause: problem,
  })
  expect(pool.trials.length).toBeLessThan(10)
  const { results } = await runner({ folder, pool, skipExisting: true }).run()
  expect(results).toHaveLength(10)
})
