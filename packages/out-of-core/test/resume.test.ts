import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rowCount, splitRows } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { madeSplit } from './support/made-split.ts'
import { outcome, smallOptions, train } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let whole: Awaited<ReturnType<typeof train>>

beforeAll(async () => {
  await useBackend('simd', { threads: 1 })
  whole = await train(smallOptions(join(folder, 'whole')))
})

it('goes on to the same bytes after aborts at many steps, with other limits of memory', async () => {
  for (const steps of [[1], [7, 19], [18, 19, 40, 55], [3, 60]]) {
    const options = { ...smallOptions(join(folder, `run-${steps}`)), resume: true }
    for (const [turn, stop] of steps.entries()) {
      const controller = new AbortController()
      let total = 0
      const given = { ...options, maxMemory: options.maxMemory * (1 + turn * 20) }
      const model = await new OutOfCoreTrainer(given).fit({
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'start') total = event.resumedAfter?.totalSteps ?? 0
          if (event.type === 'step' && ++total === stop) controller.abort()
        },
      })
      expect(model.history.stopReason).toBe('aborted')
      await model.close()
    }
    expect(await train(options)).toEqual(whole)
  }
})

it('goes on to the same bytes in the middle of an epoch with edges of its own', async () => {
  const layerGcn = (name: string) => ({
    ...smallOptions(join(folder, name)),
    model: { architecture: 'layer-gcn', options: { embeddingDim: 16, layers: 2 } } as const,
  })
  const options = { ...layerGcn('layer-gcn'), resume: true }
  const controller = new AbortController()
  let steps = 0
  const model = await new OutOfCoreTrainer(options).fit({
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'step' && ++steps === 29) controller.abort()
    },
  })
  await model.close()
  expect(await train(options)).toEqual(await train(layerGcn('layer-gcn-whole')))
})

it('goes on to the same bytes when a metric has been undefined', async () => {
  const { train: table } = madeSplit({ users: 200, items: 150 })
  const rows = Array.from({ length: rowCount(table) }, (_, row) => row)
  // Of one list of one item, hardly any is a hit.
  const split = splitRows(
    table,
    { train: rows.slice(1), validation: [0], test: [] },
    { name: 'one' },
  )
  const settings = { split, metrics: ['serendipity@1'] }
  const wholly = await train({ ...smallOptions(join(folder, 'undefined-whole')), ...settings })
  expect(wholly.epochs[0]).toHaveProperty('undefinedMetrics')
  const options = { ...smallOptions(join(folder, 'undefined')), ...settings, resume: true }
  const controller = new AbortController()
  const model = await new OutOfCoreTrainer(options).fit({
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'epoch' && event.record.epoch === 2) controller.abort()
    },
  })
  await model.close()
  expect(await train(options)).toEqual(wholly)
})

it('gives what a finished training ended with when it is resumed', async () => {
  const options = { ...smallOptions(join(folder, 'whole')), resume: true }
  expect(await train(options)).toEqual(whole)
})

it('leaves nothing in memory, and no work in files', async () => {
  const before = { tensors: tf.memory().numTensors, bytes: defaultRuntime().statistics.usedBytes }
  const options = smallOptions(join(folder, 'clean'))
  const model = await new OutOfCoreTrainer(options).fit()
  await outcome(model)
  await model.close()
  const { usedBytes } = defaultRuntime().statistics
  expect({ tensors: tf.memory().numTensors, bytes: usedBytes }).toEqual(before)
  expect(readdirSync(options.folder).sort()).toEqual(['checkpoints', 'graph'])
})
