import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ExperimentRunner, LocalPool, readResults } from '@gnnrec/experiments'
import { expect, it, vi } from 'vitest'
import { startClock } from '../../src/pool/fork-program.js'
import { small } from '../support/definitions.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const module = fileURLToPath(new URL('../support/misbehaving-models.ts', import.meta.url))

it('records each failure with its cause, and runs the others', async () => {
  const names = ['Throwing', 'Crashing', 'FillingHeap', 'Hoarding']
  const folder = await temporaryFolder()
  const { results, stopped } = await new ExperimentRunner({
    definition: {
      ...small,
      seeds: [1],
      models: [...names.map((model) => ({ model, module })), ...small.models],
      budget: { megabytesPerTrial: 600 },
    },
    folder,
    progress: 'none',
    pool: new LocalPool({ parallel: 2, threads: 1 }),
  }).run()
  expect(stopped).toBe(false)
  const failures = Object.fromEntries(
    results.flatMap((result) => (result.status === 'failed' ? [[result.model, result]] : [])),
  )
  expect(Object.keys(failures).sort()).toEqual([...names].sort())
  expect(failures['Throwing'].failure).toMatchObject({
    kind: 'error',
    message: 'This model never works.',
    stack: expect.stringContaining('misbehaving-models'),
  })
  expect(failures['Crashing'].failure).toMatchObject({
    kind: 'crash',
    exitCode: 7,
    output: expect.stringContaining('about to crash'),
    message: expect.stringContaining('exited with code 7'),
  })
  expect(failures['FillingHeap'].failure.kind).toBe('out-of-memory')
  expect(failures['Hoarding'].failure).toMatchObject({
    kind: 'out-of-memory',
    message: expect.stringContaining('600 MB of its budget'),
  })
  for (const { peakRssMb } of Object.values(failures)) expect(peakRssMb).toBeGreaterThan(10)
  const completed = results.filter(({ status }) => status === 'completed')
  expect(completed.map(({ model }) => model).sort()).toEqual(['light-gcn', 'popularity'])
  expect((await readResults(folder)).size).toBe(6)
})

it('ends a trial that hangs when its time is over', async () => {
  const { results } = await new ExperimentRunner({
    definition: {
      ...small,
      seeds: [1],
      models: [{ model: 'Hanging', module }],
      budget: { secondsPerTrial: 20 },
    },
    folder: await temporaryFolder(),
    progress: 'none',
  }).run()
  expect(results).toEqual([
    expect.objectContaining({
      status: 'failed',
      failure: {
        kind: 'time-limit',
        message: 'The trial did not end within the 20 s of its budget.',
      },
    }),
  ])
})

it('counts the time of a trial from when its program has loaded', () => {
  vi.useFakeTimers()
  try {
    const child = new EventEmitter() as ChildProcess
    const ends = vi.fn()
    const stop = startClock(child, 3, ends)
    vi.advanceTimersByTime(60_000)
    child.emit('message', { type: 'ready' })
    vi.advanceTimersByTime(2900)
    expect(ends).not.toHaveBeenCalled()
    vi.advanceTimersByTime(200)
    expect(ends).toHaveBeenCalledOnce()
    stop()
    startClock(child, 3, ends)()
    child.emit('message', { type: 'ready' })
    vi.advanceTimersByTime(60_000)
    expect(ends).toHaveBeenCalledOnce()
  } finally {
    vi.useRealTimers()
  }
})
