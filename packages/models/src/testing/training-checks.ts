import { type Batch, Rng, samplers } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { GraphModel } from '../graph-model.js'
import { check, checkError, checkFinite, checkSameBytes } from './check.js'
import { isColdItem, isColdUser, itemCount, userCount } from './test-graph.js'
import { batchesOf, lossOf, train, valuesOf, variablesOf } from './train-steps.js'

type WithModel = <Result>(use: (model: GraphModel) => Promise<Result>) => Promise<Result>

export type LoadableClass = { load(files: Record<string, Uint8Array>): Promise<GraphModel> }

export async function checkLoaded(Model: LoadableClass, model: GraphModel): Promise<void> {
  train(model, 3)
  const files: Record<string, Uint8Array> = {}
  await model.save(files)
  const before = tf.memory().numTensors
  const disposed = await Model.load(files)
  await disposed.prepare()
  train(disposed, 1)
  tf.dispose(Object.values(disposed.forward()))
  disposed.dispose()
  const left = tf.memory().numTensors - before
  check(left === 0, `dispose() of a loaded model leaves ${left} tensors`)
  const loaded = await Model.load(files)
  try {
    check(loaded.constructor === model.constructor, 'load() gives a model of another class')
    const [found, expected] = [sorted(loaded.options), sorted(model.options)]
    check(found === expected, `options: got ${found}, expected ${expected}`)
    checkSameValues(await valuesOf(loaded), await valuesOf(model))
    await loaded.prepare()
    const [there, here] = [train(loaded, 3), train(model, 3)]
    check(String(there) === String(here), `losses: got ${there}, expected ${here}`)
    checkSameValues(await valuesOf(loaded), await valuesOf(model))
  } finally {
    loaded.dispose()
  }
}

/** Writes options as JSON with their names in order. */
function sorted(options: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function checkSameValues(
  found: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
): void {
  for (const [name, values] of expected) {
    checkSameBytes(found.get(name) ?? new Float32Array(0), values, name)
  }
}

export async function checkBadBatches(model: GraphModel): Promise<void> {
  if (variablesOf(model).length === 0) return
  const batch = (users: number[], positives: number[], negatives: number[]): Batch => ({
    users: Int32Array.from(users),
    positives: Int32Array.from(positives),
    negatives: Int32Array.from(negatives),
  })
  await checkError(() => model.loss(batch([], [], [])), 'SHAPE_MISMATCH')
  await checkError(() => model.loss(batch([0, 1], [1], [2, 3])), 'SHAPE_MISMATCH')
  await checkError(() => model.loss(batch([userCount], [1], [2])), 'UNKNOWN_ID', `${userCount}`)
  await checkError(() => model.loss(batch([0], [-1], [2])), 'UNKNOWN_ID', '-1')
  checkFinite([lossOf(model, batchesOf(model, 1)[0])], 'loss')
}

/**
 * Trains on a graph with cold nodes, and on batches of these nodes. Batches of a split have cold items as
 * negatives only, but guards exchange positives and negatives, and batches of one's own may have any node.
 */
export async function checkCold(model: GraphModel): Promise<void> {
  const variables = variablesOf(model)
  if (variables.length === 0) return
  checkFinite(train(model, 5), 'losses')
  const nodesOf = (count: number, isCold: (node: number) => boolean) => {
    const all = Int32Array.from({ length: count }, (_, node) => node)
    return { cold: all.filter(isCold), warm: all.filter((node) => !isCold(node)) }
  }
  const [users, items] = [nodesOf(userCount, isColdUser), nodesOf(itemCount, isColdItem)]
  for (const user of ['warm', 'cold'] as const) {
    for (const positive of ['warm', 'cold'] as const) {
      for (const negative of ['warm', 'cold'] as const) {
        const cycle = (nodes: Int32Array) =>
          Int32Array.from({ length: 12 }, (_, place) => nodes[place % nodes.length])
        const batch = {
          users: cycle(users[user]),
          positives: cycle(items[positive]),
          negatives: cycle(items[negative]).reverse(),
        }
        const what = `a ${user} user, a ${positive} positive and a ${negative} negative`
        const { value, grads } = tf.variableGrads(() => model.loss(batch), variables)
        checkFinite(value.dataSync(), `loss of ${what}`)
        for (const [name, gradient] of Object.entries(grads)) {
          checkFinite(gradient.dataSync(), `gradient of ${name} for ${what}`)
        }
        tf.dispose([value, ...Object.values(grads)])
      }
    }
  }
  const { userEmbeddings, itemEmbeddings } = tf.tidy(() => {
    const { users: own, items: others } = model.forward()
    return { userEmbeddings: own.dataSync(), itemEmbeddings: others.dataSync() }
  })
  checkFinite(userEmbeddings, 'final users')
  checkFinite(itemEmbeddings, 'final items')
}

export async function checkThreads(withModel: WithModel): Promise<void> {
  const backend = tf.getBackend() as 'simd' | 'cpu'
  const { threads: threadsBefore } = defaultRuntime()
  let first: ReadonlyMap<string, Float32Array> | undefined
  try {
    for (const threads of [1, 2, 3]) {
      await useBackend('simd', { threads })
      const values = await withModel(async (model) => {
        train(model, 4)
        return valuesOf(model)
      })
      first ??= values
      checkSameValues(values, first)
    }
  } finally {
    await useBackend('simd', { threads: threadsBefore })
    if (backend !== 'simd') await useBackend(backend)
  }
}

export async function checkLeaks(create: () => GraphModel): Promise<void> {
  const inUse = () => tf.memory().numTensors
  const before = inUse()
  const model = create()
  await model.prepare()
  const use = async () => {
    train(model, 3)
    tf.dispose(
      [model.forward(), ...model.layerOutputs()].flatMap(({ users, items }) => [users, items]),
    )
    await model.toRecommender()
    await model.save({})
    model.restoreWeights(await model.weights())
  }
  await use()
  const once = inUse()
  await use()
  await use()
  const later = inUse()
  check(later <= once, `${later - once} tensors more after each use is repeated`)
  model.dispose()
  model.graph.dispose()
  const left = inUse()
  check(left <= before, `${left - before} tensors are left after dispose`)
}

export async function checkSampled(model: GraphModel): Promise<void> {
  const { steps, regularization, otherItems } = model.sampledPropagation()
  const sampler = new samplers.NeighbourSampler(model.graph, {
    fanOuts: new Array<'all'>(steps).fill('all'),
    regularization,
    rng: Rng.fromSeed('samples'),
  })
  const [batch] = batchesOf(model, 1)
  const { users, positives, negatives } = batch
  const items = new Set([...positives, ...negatives])
  const others = otherItems?.()
  for (const item of others ? positives : []) {
    const { perItem = 0, items: all } = others ?? { items: new Int32Array(0) }
    for (const other of all.subarray(item * perItem, (item + 1) * perItem)) {
      if (other >= 0) items.add(other)
    }
  }
  const sampled = sampler.sample({ users, items: Int32Array.from(items) }, { epoch: 0, step: 0 })
  const [whole, sample] = [lossOf(model, batch), lossOf(model, { ...batch, sampled })]
  sampled.dispose()
  check(
    Math.abs(whole - sample) <= 1e-5 * Math.abs(whole),
    `the loss is ${sample} on the sample, ${whole} on the graph`,
  )
}

export async function checkLearning(model: GraphModel): Promise<void> {
  const losses = train(model, 40)
  checkFinite(losses, 'losses')
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
  const [early, late] = [mean(losses.slice(0, 8)), mean(losses.slice(-8))]
  check(late < early, `the mean loss went from ${early} to ${late}`)
}
