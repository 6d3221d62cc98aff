import { BatchIterator, Rng } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { applyAdam, spmm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { SpeedCheck } from './diagnosis.js'
import { generateGraph } from './generated-graph.js'

/** The size of Gowalla in the version of LightGCN's authors. */
const gowalla = { users: 29_858, items: 40_981, edges: 810_128 }
const columns = 64
const batchSize = 2048
const warmUpRuns = 3
const repetitions = 15

/** Times a sparse product and a training step on the active backend. */
export async function checkSpeed(): Promise<SpeedCheck> {
  const rng = Rng.fromSeed(1).fork('speed')
  const graph = generateGraph(gowalla, rng)
  const toUsers = graph.biadjacency({ normalization: 'symmetric' })
  const toItems = toUsers.transpose()
  const users = tf.randomUniform([gowalla.users, columns], -1, 1, 'float32', 1) as tf.Tensor2D
  const items = tf.randomUniform([gowalla.items, columns], -1, 1, 'float32', 2) as tf.Tensor2D
  const sparseProductMs = await medianMs(async () => {
    const results = [spmm(toUsers, items), spmm(toItems, users)]
    for (const result of results) await waitFor(result)
    tf.dispose(results)
  })
  tf.dispose([users, items])
  return { sparseProductMs, trainingStepMs: await stepMs(graph, rng) }
}

async function stepMs(graph: ReturnType<typeof generateGraph>, rng: Rng): Promise<number> {
  const model = new LightGcn(graph, { layers: 3, embeddingDim: columns, seed: 1 })
  const parameters = Object.values(model.parameters())
  const moments = parameters.map((parameter) => ({
    first: tf.variable(tf.zerosLike(parameter)),
    second: tf.variable(tf.zerosLike(parameter)),
  }))
  const batches = new BatchIterator(graph, { batchSize, rng }).epoch(0)
  let step = 0
  const median = await medianMs(async () => {
    const { value: batch } = batches.next()
    if (!batch) throw new Error('There are fewer batches than steps.')
    const { value, grads } = tf.variableGrads(() => model.loss(batch), parameters)
    step++
    for (const [place, parameter] of parameters.entries()) {
      applyAdam(parameter, grads[parameter.name], moments[place], {
        learningRate: 1e-3,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        step,
        gradientScale: 1,
      })
    }
    await waitFor(parameters[0])
    tf.dispose([value, grads])
  })
  for (const { first, second } of moments) tf.dispose([first, second])
  model.dispose()
  return median
}

/** Waits for a result: a GPU is done when a number of it has arrived. */
async function waitFor(matrix: tf.Tensor): Promise<void> {
  const corner = tf.slice(matrix, [0, 0], [1, 1])
  await corner.data()
  corner.dispose()
}

async function medianMs(work: () => Promise<void>): Promise<number> {
  for (let run = 0; run < warmUpRuns; run++) await work()
  const times: number[] = []
  for (let run = 0; run < repetitions; run++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[Math.floor(repetitions / 2)]
}
