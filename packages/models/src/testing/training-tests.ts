import { type Batch, BatchIterator, Rng, samplers } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import type { Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { GraphModel } from '../graph-model.js'
import type { ModelClass } from '../registry/model-class.js'
import { check, checkError, checkFinite, checkSameBytes } from './check.js'
import type { ModelTest } from './model-test.js'
import { coldGraph, isColdItem, isColdUser, itemCount, testGraph, userCount } from './test-graph.js'

/** Returns the tests of models that train: tensors, losses, gradients, threads, samples, memory, leaks. */
export function trainingTests(
  Model: ModelClass,
  options: object,
  sampledOptions: object,
  hasParameters: boolean,
): ModelTest[] {
  const create = (changes: object = {}, graph = testGraph()): GraphModel =>
    new Model(graph as never, { ...options, ...changes } as never) as unknown as GraphModel

  async function withModel<Result>(
    use: (model: GraphModel) => Promise<Result>,
    changes?: object,
    graph?: ReturnType<typeof testGraph>,
  ): Promise<Result> {
    const model = create(changes, graph)
    try {
      await model.prepare()
      return await use(model)
    } finally {
      model.dispose()
      model.graph.dispose()
    }
  }
  const test = (
    name: string,
    use: (model: GraphModel) => Promise<void>,
    changes?: object,
  ): ModelTest => ({ name, run: () => withModel(use, changes) })

  const tests = [
    test(
      hasParameters ? 'has parameters to train' : 'has no parameters, as announced',
      async (model) => {
        const count = variablesOf(model).length
        check(count > 0 === hasParameters, `parameters() has ${count} tensors`)
      },
    ),
    test('gives final embeddings and layers of all nodes', checkShapes),
    test('describes its tensors as they are', checkDescription),
    test('gives the same loss by loss() and lossTerms(), with its terms', checkLoss),
    test('gives gradients that agree with differences of the loss', checkGradient),
    test('goes on training alike after saving and loading, and frees what it loaded', (model) =>
      checkLoaded(Model as unknown as LoadableClass, model)),
    test('refuses batches that do not fit, and stays usable', checkBadBatches),
    {
      name: 'trains on a graph with cold users and items',
      run: () => withModel(checkCold, {}, coldGraph()),
    },
    {
      name: 'trains to the same bytes on 1, 2 and 3 threads of simd',
      run: () => checkThreads(withModel),
    },
    {
      name: 'leaves no tensor behind, and none after dispose',
      run: () => checkLeaks(create),
    },
    {
      name: 'refuses to be made above maxMemory',
      run: () =>
        checkError(
          () => create({ maxMemory: 1 }),
          'MODEL_TOO_LARGE',
          Model.architecture,
          'maxMemory',
        ),
    },
    Model.capabilities.sampledGraphs
      ? test(
          'has the same loss on a sample of all neighbours as on the graph',
          checkSampled,
          sampledOptions,
        )
      : test('says that it needs the whole graph', (model) =>
          checkError(() => model.sampledPropagation(), 'SAMPLED_GRAPH_UNSUPPORTED')),
  ]
  const isTrained = () => withModel(async (model) => variablesOf(model).length > 0)
  const losses = Model.capabilities.losses.map((name) => ({
    name: `learns with the loss '${name}'`,
    run: async () => {
      if (await isTrained()) await withModel(checkLearning, { loss: { name } })
    },
  }))
  return [...tests, ...losses]
}

type WithModel = <Result>(use: (model: GraphModel) => Promise<Result>) => Promise<Result>

type LoadableClass = { load(files: Record<string, Uint8Array>): Promise<GraphModel> }

const variablesOf = (model: GraphModel): Variable[] => Object.values(model.parameters())

/** Returns the first batches of an epoch, drawn as the loss wants them. */
function batchesOf(model: GraphModel, count: number): Batch[] {
  const iterator = new BatchIterator(model.graph, {
    batchSize: 64,
    negativesPerPositive: 2,
    strategy: model.requiredSampling ?? 'interaction-shuffle',
    rng: Rng.fromSeed('batches'),
  })
  const batches: Batch[] = []
  for (let epoch = 0; batches.length < count; epoch++) {
    for (const batch of iterator.epoch(epoch)) {
      if (batches.length < count) batches.push(batch)
    }
  }
  return batches
}

/** Trains some steps with Adam; returns the losses. A model without parameters has none. */
function train(model: GraphModel, steps: number): number[] {
  const variables = variablesOf(model)
  if (variables.length === 0) return []
  const optimizer = tf.train.adam(0.02)
  model.beginEpoch(0, Rng.fromSeed('model'))
  const losses = batchesOf(model, steps).map((batch) => {
    const loss = optimizer.minimize(() => model.loss(batch), true, variables)
    const [value] = (loss as tf.Scalar).dataSync()
    loss?.dispose()
    return value
  })
  optimizer.dispose()
  return losses
}

/** Reads parameters and final embeddings by name. */
async function valuesOf(model: GraphModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>()
  for (const [name, { data }] of await model.weights()) values.set(name, data as Float32Array)
  const { users, items } = tf.tidy(() => model.forward())
  values.set('final users', await users.data<'float32'>())
  values.set('final items', await items.data<'float32'>())
  tf.dispose([users, items])
  return values
}

function checkSameValues(
  found: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
): void {
  for (const [name, values] of expected) {
    checkSameBytes(found.get(name) ?? new Float32Array(0), values, name)
  }
}

const lossOf = (model: GraphModel, batch: Batch): number =>
  tf.tidy(() => model.loss(batch, { training: false }).dataSync()[0])

async function checkShapes(model: GraphModel): Promise<void> {
  const all = tf.tidy(() => [model.forward(), ...model.layerOutputs()])
  for (const [at, { users, items }] of all.entries()) {
    const what = at === 0 ? 'forward()' : `layer ${at - 1}`
    const shapes = `${what}: got users [${users.shape}] and items [${items.shape}]`
    check(users.shape[0] === userCount && items.shape[0] === itemCount, shapes)
    check(users.shape[1] === items.shape[1], shapes)
    checkFinite(users.dataSync(), `${what} of users`)
    checkFinite(items.dataSync(), `${what} of items`)
  }
  check(all.length > 1, 'layerOutputs() gives no layer')
  tf.dispose(all.flatMap(({ users, items }) => [users, items]))
}

async function checkDescription(model: GraphModel): Promise<void> {
  const described = model.describe()
  const parameters = Object.entries(model.parameters())
  const count = parameters.reduce((sum, [, { size }]) => sum + size, 0)
  check(
    described.parameterCount === count && described.parameterBytes === 4 * count,
    `describe() says ${described.parameterCount} parameters; there are ${count}`,
  )
  for (const [name, { shape }] of parameters) {
    const found = described.tensors.find((tensor) => tensor.name === name)?.shape
    check(String(found) === String(shape), `describe() says [${found}] of ${name}, not [${shape}]`)
  }
}

async function checkLoss(model: GraphModel): Promise<void> {
  if (variablesOf(model).length === 0) return
  const [batch] = batchesOf(model, 1)
  const { total, terms } = model.lossTerms(batch, { training: false })
  const parts = Object.values(terms)
  checkFinite(
    [total, ...parts].map((scalar) => scalar.dataSync()[0]),
    'loss',
  )
  check(total.size === 1 && parts.length > 0, 'lossTerms() gives no scalar and terms')
  const [inTerms, alone] = [total.dataSync()[0], lossOf(model, batch)]
  check(inTerms === alone, `lossTerms() gives ${inTerms}, loss() ${alone}`)
  tf.dispose([total, ...parts])
}

/** Compares the gradient's norm with the slope of the loss along the gradient. */
async function checkGradient(model: GraphModel): Promise<void> {
  const variables = variablesOf(model)
  if (variables.length === 0) return
  train(model, 5)
  const [batch] = batchesOf(model, 1)
  const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: false }), variables)
  const norm = Math.sqrt(
    Object.values(grads).reduce(
      (sum, gradient) => sum + tf.tidy(() => tf.sum(tf.square(gradient)).dataSync()[0]),
      0,
    ),
  )
  check(norm > 0, 'the gradient is zero')
  const move = (distance: number) => {
    for (const variable of variables) {
      const gradient = grads[variable.name]
      if (!gradient) continue
      tf.tidy(() => variable.assign(tf.add(variable, tf.mul(gradient, distance / norm))))
    }
  }
  const distance = 0.02
  move(distance)
  const above = lossOf(model, batch)
  move(-2 * distance)
  const below = lossOf(model, batch)
  const slope = (above - below) / (2 * distance)
  tf.dispose([value, ...Object.values(grads)])
  check(
    Math.abs(slope - norm) < 0.02 * norm + 1e-4,
    `the loss rises by ${slope} along the gradient, whose norm is ${norm}`,
  )
}

async function checkLoaded(Model: LoadableClass, model: GraphModel): Promise<void> {
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

async function checkBadBatches(model: GraphModel): Promise<void> {
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
async function checkCold(model: GraphModel): Promise<void> {
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

async function checkThreads(withModel: WithModel): Promise<void> {
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

async function checkLeaks(create: () => GraphModel): Promise<void> {
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

async function checkSampled(model: GraphModel): Promise<void> {
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

async function checkLearning(model: GraphModel): Promise<void> {
  const losses = train(model, 40)
  checkFinite(losses, 'losses')
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
  const [early, late] = [mean(losses.slice(0, 8)), mean(losses.slice(-8))]
  check(late < early, `the mean loss went from ${early} to ${late}`)
}
