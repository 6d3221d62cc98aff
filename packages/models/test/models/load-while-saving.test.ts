import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { LightGcn } from '../../src/index.js'
import { smallGraph } from '../support/small-graph.js'

const script = fileURLToPath(new URL('../support/save-in-loop.ts', import.meta.url))

it('loads a model with its weights while another process saves it again and again', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'gnnrec-load-'))
  const folder = join(parent, 'model')
  const saver = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', script, folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(saver, 'exit')
  onTestFinished(async () => {
    saver.kill('SIGKILL')
    await ended
    await rm(parent, { recursive: true, force: true })
  })
  await once(saver.stdout, 'data')
  const seeds = new Set<unknown>()
  for (let load = 0; load < 200; load++) {
    const model = await LightGcn.load(folder)
    const { seed } = model.options
    const expected = new LightGcn(smallGraph, { seed, embeddingDim: 8 })
    expect(await model.weights()).toEqual(await expected.weights())
    seeds.add(seed)
    model.dispose()
    expected.dispose()
  }
  expect(seeds.size).toBeGreaterThan(2)
})
