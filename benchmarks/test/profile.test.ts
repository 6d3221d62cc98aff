import { type Batch, BatchIterator, BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Adam } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { CallTree } from '../src/profile/call-tree.js'
import { flameGraph } from '../src/profile/flame-graph.js'
import { kernelTimes } from '../src/profile/kernel-times.js'
import { profileTraining } from '../src/profile/profile-training.js'
import { speedscopeFile } from '../src/profile/speedscope-file.js'

/** 100 ms: forward 60 (Sum twice, 10 and 20, the second with rowSum 15), backward 40 (rowSum 30). */
function knownTree(): CallTree {
  let now = 0
  const tree = new CallTree(() => now)
  const wait = (milliseconds: number) => {
    now += milliseconds
  }
  tree.enter('forward', 'part')
  tree.enter('Sum', 'tfjs')
  wait(10)
  tree.leave()
  tree.enter('Sum', 'tfjs')
  wait(5)
  tree.enter('rowSum', 'kernel', 2)
  wait(15)
  tree.leave()
  tree.leave()
  wait(30)
  tree.leave()
  tree.enter('backward', 'part')
  tree.enter('rowSum', 'kernel', 1)
  wait(30)
  tree.leave()
  wait(10)
  tree.leave()
  return tree
}

describe('a profile', () => {
  it('gives each kernel its own time, for any caller', () => {
    expect(kernelTimes(knownTree().roots)).toEqual([
      { name: 'rowSum', kind: 'kernel', calls: 2, milliseconds: 45, share: 0.45, threads: 2 },
      { name: 'forward', kind: 'part', calls: 1, milliseconds: 30, share: 0.3, threads: 1 },
      { name: 'Sum', kind: 'tfjs', calls: 2, milliseconds: 15, share: 0.15, threads: 1 },
      { name: 'backward', kind: 'part', calls: 1, milliseconds: 10, share: 0.1, threads: 1 },
    ])
  })

  it('refuses to leave a frame that was not entered', () => {
    expect(() => new CallTree().leave()).toThrow('No frame is open')
  })

  it('is written as stacks with their own time', () => {
    const { shared, profiles } = speedscopeFile('a name', knownTree().roots)
    const [{ samples, weights, endValue }] = profiles
    const stacks = samples.map((path) => path.map((place) => shared.frames[place].name).join(';'))
    expect(Object.fromEntries(stacks.map((stack, i) => [stack, weights[i]]))).toEqual({
      forward: 30,
      'forward;Sum': 15,
      'forward;Sum;rowSum': 15,
      backward: 10,
      'backward;rowSum': 30,
    })
    expect(endValue).toBe(100)
  })

  it('is drawn with widths proportional to time', async () => {
    const svg = await flameGraph('a <title>', knownTree().roots)
    expect(svg).toContain('a &lt;title&gt;')
    expect(svg).toContain('forward 60.0 %')
    expect(svg).toContain('rowSum 30.0 %')
    expect(svg).not.toMatch(/(href|src)=/)
  })
})

describe('profileTraining', () => {
  beforeEach(() => useBackend('simd', { threads: 1 }))

  const graph = BipartiteGraph.fromInteractions(
    fromRecords(
      Array.from({ length: 60 }, (_, i) => ({ user: i % 12, item: (i * 7 + (i >> 3)) % 15 })),
    ),
  )

  function* batches(): Generator<Batch, never> {
    const iterator = new BatchIterator(graph, { batchSize: 16, rng: Rng.fromSeed(1) })
    for (let epoch = 0; ; epoch++) yield* iterator.epoch(epoch)
  }

  it('finds the kernels of all steps and leaves backend and memory unchanged', () => {
    const model = new LightGcn(graph, { embeddingDim: 8, layers: 2, seed: 1 })
    model.parameters()
    const before = tf.memory().numTensors
    const kernels = tf.getKernelsForBackend('simd').length
    const { run } = defaultRuntime()
    const optimizer = new Adam()
    const steps = 3
    const training = { batches: batches(), model, optimizer, learningRate: 1e-3 }
    const { parts } = profileTraining(training, steps)
    expect(parts.map(({ name, calls }) => [name, calls])).toEqual([
      ['sampling', steps],
      ['forward', steps],
      ['backward', steps],
      ['optimizer', steps],
    ])
    const times = kernelTimes(parts)
    const calls = (name: string) => times.find((time) => time.name === name)?.calls
    // There are two tables, and two layers of two blocks each, forward and backward.
    expect(calls('adam')).toBe(2 * steps)
    expect(calls('spmm')).toBe(8 * steps)
    expect(times.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10)
    expect(defaultRuntime().run).toBe(run)
    expect(tf.getKernelsForBackend('simd').length).toBeGreaterThanOrEqual(kernels)
    optimizer.dispose()
    graph.biadjacency({ normalization: 'symmetric' }).dispose()
    model.dispose()
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before)
  })
})
