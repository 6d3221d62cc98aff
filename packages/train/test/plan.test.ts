import { BipartiteGraph, fromRecords, rowCount } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { BprMf, LightGcn, SvdGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { type PlanOptions, plan, Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { calibrate } from '../src/plan/calibrate.js'
import { calibrationSplit } from '../src/plan/calibration-split.js'
import { heapMeter } from '../src/plan/heap-meter.js'
import { isSameCourse, memoryOf } from '../src/plan/kernel-log.js'

const training = {
  ...{ epochs: 3, batchSize: 32, learningRate: 1e-3 },
  sampling: 'user-uniform',
} as const
const embeddingDim = 4
const small = { users: 300, items: 200, edges: 3000 }
const lightGcn = (graph: BipartiteGraph) => new LightGcn(graph, { embeddingDim, layers: 2 })
const train: Parameters<typeof calibrate>[0]['train'] = (options) => new Trainer(options).run()

beforeEach(() => useBackend('simd', { threads: 1 }))

describe('plan', () => {
  it('says what each part takes, and leaves nothing behind', async () => {
    await plan({ graph: small, model: lightGcn, training })
    const tensors = tf.memory().numTensors
    const { usedBytes } = defaultRuntime().statistics
    const found = await plan({ graph: small, model: lightGcn, training })
    const { parts, peakBytes, kernelBytes, stepsPerEpoch, secondsPerEpoch } = found
    expect(parts.parameters).toBe(500 * embeddingDim * 4)
    expect(Object.values(parts).every((bytes) => bytes >= 0)).toBe(true)
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(peakBytes)
    expect(parts.parameters + parts.kept + parts.step).toBe(kernelBytes)
    // Adam has two numbers for each parameter.
    expect(parts.kept).toBeGreaterThan(2 * parts.parameters)
    expect(parts.evaluation + parts.bestWeights).toBe(0)
    expect(stepsPerEpoch).toBe(Math.ceil(3000 / 32))
    expect(secondsPerEpoch).toBeGreaterThan(0)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
  })

  it('foretells kernel memory of a larger graph from smaller ones', async () => {
    const graph = { users: 70_000, items: 50_000, edges: 280_000 }
    for (const model of [lightGcn, (g: BipartiteGraph) => new BprMf(g, { embeddingDim })]) {
      const { kernelBytes, parts } = await plan({ graph, model, training })
      const { kernel, figures } = await calibrate({ model, training, train }, graph, heapMeter())
      expect(kernelBytes / memoryOf(kernel)).toBeGreaterThan(0.85)
      expect(kernelBytes / memoryOf(kernel)).toBeLessThan(1.15)
      expect(parts.kept / (figures.kept - figures.parameters)).toBeCloseTo(1, 1)
      const others = figures.training / (parts.interactions + parts.graph + parts.model)
      // Hash tables of ids grow by doubling.
      expect(others).toBeGreaterThan(0.75)
      expect(others).toBeLessThan(1.3)
    }
  })

  it('sees what a model makes and drops before it trains', async () => {
    const rank = 40
    const model = (graph: BipartiteGraph) => new SvdGcn(graph, { variant: 'B', rank })
    const graph = { users: 40_000, items: 20_000, edges: 200_000 }
    const { parts } = await plan({ graph, model, training })
    // Two sets of panels of float64, of the items, and one of the users.
    const panels = 8 * (rank + 10) * (2 * graph.items + graph.users)
    const found = parts.preparation + parts.model + parts.kept + parts.step
    expect(found).toBeGreaterThan(panels)
    expect(parts.model).toBeGreaterThan(4 * rank * (graph.items + graph.users))
  })

  it('plans the same training again from what it remembers', async () => {
    const options = { graph: { ...small, edges: 3001 }, model: lightGcn, training }
    let made = 0
    const counted = (graph: BipartiteGraph) => {
      made++
      return lightGcn(graph)
    }
    const first = await plan({ ...options, model: counted })
    const before = made
    const second = await plan({ ...options, model: counted })
    expect(made).toBe(before + 1)
    const { process: _, ...parts } = first.parts
    expect(second.parts).toMatchObject(parts)
    // Another batch size is another training.
    await plan({ ...options, model: counted, training: { ...training, batchSize: 64 } })
    expect(made).toBeGreaterThan(before + 3)
  })

  it('counts what a checkpoint copies, and writes none', async () => {
    const checkpoint = { folder: '/nowhere/to/be/written', everySteps: 1 }
    const options = { graph: small, model: lightGcn }
    const { parts } = await plan({ ...options, training: { ...training, checkpoint } })
    // Weights and two moments, more than twice.
    expect(parts.checkpoint).toBeGreaterThan(6 * parts.parameters)
    const sgd = { ...training, checkpoint, optimizer: { name: 'sgd' } as const }
    const less = await plan({ ...options, training: sgd })
    expect(less.parts.checkpoint).toBeCloseTo(parts.checkpoint / 3)
    const momentum = { ...training, checkpoint, optimizer: { name: 'sgd', momentum: 0.9 } as const }
    const more = await plan({ ...options, training: momentum })
    expect(more.parts.checkpoint).toBeCloseTo((parts.checkpoint * 2) / 3)
    expect((await plan({ ...options, training })).parts.checkpoint).toBe(0)
  })

  it('counts evaluations, and not a graph that is there already', async () => {
    const counts = { users: 6000, items: 4000, edges: 20_000 }
    const graph = BipartiteGraph.fromInteractions(calibrationSplit(counts).train)
    const judged = { ...training, metrics: ['ndcg@20'] }
    const { parts } = await plan({ graph, model: (g) => new BprMf(g), training: judged })
    expect(parts.interactions + parts.graph).toBe(0)
    expect(parts.bestWeights).toBe(parts.parameters)
    expect(parts.evaluation).toBeGreaterThan(0)
  })

  it('refuses what would take more than allowed, with the numbers and the choices', async () => {
    const options = { graph: small, model: lightGcn, training }
    await expect(plan({ ...options, maxMemory: 1e12 })).resolves.toBeDefined()
    const refused = plan({ ...options, maxMemory: 2e6 })
    await expect(refused).rejects.toMatchObject({
      code: 'TRAINING_TOO_LARGE',
      plan: { parts: { parameters: 8000 } },
    })
    await expect(refused).rejects.toThrow(
      /got 2 MB; the training would take \d+ MB .*batchSize.*fit: 'auto'/,
    )
  })

  it.each<[string, object, RegExp]>([
    ['a graph of nothing', { graph: { users: 0, items: 2, edges: 1 } }, /graph/],
    ['a model that is none', { model: 'LightGcn' }, /model: got "LightGcn"; expected a function/],
    ['a limit below 0', { maxMemory: -1 }, /maxMemory/],
    ['a misspelt option', { maxMemmory: 1 }, /maxMemmory/],
  ])('refuses %s', (_, wrong, message) => {
    const options = { graph: small, model: lightGcn, training, ...wrong } as PlanOptions
    expect(() => plan(options)).toThrow(message)
  })

  it('refuses another backend', async () => {
    await useBackend('cpu')
    const refused = plan({ graph: small, model: lightGcn, training })
    await expect(refused).rejects.toMatchObject({ code: 'PLAN_UNAVAILABLE' })
  })
})

describe('maxMemory of Trainer', () => {
  const split = calibrationSplit(small)
  const quiet = { progress: 'none', handleInterrupt: false } as const

  it('refuses before it trains, or trains', async () => {
    const model = lightGcn(BipartiteGraph.fromInteractions(split.train))
    const options = { model, split, ...training, epochs: 1, ...quiet }
    const before = await model.weights()
    const refused = new Trainer({ ...options, maxMemory: 1e6 }).fit()
    await expect(refused).rejects.toMatchObject({ code: 'TRAINING_TOO_LARGE' })
    expect(await model.weights()).toEqual(before)
    const { epochs } = await new Trainer({ ...options, maxMemory: 1e12 }).fit()
    expect(epochs).toHaveLength(1)
    model.dispose()
  })
})

describe('calibrationSplit', () => {
  it('has distinct pairs of the counts asked for', () => {
    const { train: table, validation } = calibrationSplit({ users: 40, items: 30, edges: 400 })
    const graph = BipartiteGraph.fromInteractions(table)
    expect([graph.userCount, graph.itemCount, graph.edgeCount]).toEqual([40, 30, 400])
    expect(rowCount(validation)).toBe(40)
    const pairs = (part: typeof table) =>
      Array.from(part.userIndex, (user, row) => `${user}/${part.itemIndex[row]}`)
    expect(new Set([...pairs(table), ...pairs(validation)]).size).toBe(440)
  })
})

describe('memoryOf', () => {
  it('has room for what is there at once, where it fits', () => {
    const sizes = [640, 640, 640]
    expect(memoryOf({ events: [0, 1, 2], sizes })).toBe(1920)
    expect(memoryOf({ events: [0, ~0, 1, ~1, 2], sizes })).toBe(640)
    // The gap that the first leaves is too small for the third.
    expect(memoryOf({ events: [0, 1, ~0, 2], sizes: [640, 640, 1280] })).toBe(2560)
  })

  it('compares what was done, not how large', () => {
    const course = { events: [0, ~0, 1], sizes: [64, 64] }
    expect(isSameCourse(course, { ...course, sizes: [1, 2] })).toBe(true)
    expect(isSameCourse(course, { ...course, events: [0, 1, ~0] })).toBe(false)
  })
})

it('a graph from records can be planned for', async () => {
  const records = Array.from({ length: 60 }, (_, i) => ({ user: i % 12, item: (i * 7) % 15 }))
  const graph = BipartiteGraph.fromInteractions(fromRecords(records))
  const { peakBytes } = await plan({ graph, model: lightGcn, training })
  expect(peakBytes).toBeGreaterThan(0)
})
