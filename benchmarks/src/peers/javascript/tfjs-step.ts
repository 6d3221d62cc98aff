// Steps of LightGCN by Adam in plain TensorFlow.js, without this library's operators:
//   tfjs-step.ts FOLDER THREADS wasm | cpu | tensorflow [FOLDER WITH PACKAGES]
// It reads the same requests as the Python scripts, see python/peer.py.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type * as TensorFlow from '@tensorflow/tfjs-core'

const [folder, threads, backend, packages] = process.argv.slice(2)
const tf = await start()

const floats = (name: string) => new Float32Array(bytesOf(`${name}.f32`))
const integers = (name: string) => new Int32Array(bytesOf(`${name}.i32`))
const [layers, batchSize, dim, userCount] = integers('settings')
const [rate, l2] = floats('rates')
const graph = { columns: integers('matrix-columns'), values: floats('matrix-values') }
const pointers = integers('matrix-pointers')
const nodeCount = pointers.length - 1
const batches = {
  users: integers('users'),
  positives: integers('positives').map((item) => item + userCount),
  negatives: integers('negatives').map((item) => item + userCount),
}
const rows = new Int32Array(graph.columns.length)
for (let row = 0; row < nodeCount; row++) rows.fill(row, pointers[row], pointers[row + 1])
/** Returns D^-1/2, by which the unweighted matrix is multiplied on both sides. */
const roots = tf.tensor2d(
  Float32Array.from({ length: nodeCount }, (_, row) => (pointers[row + 1] - pointers[row]) ** -0.5),
  [nodeCount, 1],
)
const columns = tf.tensor1d(graph.columns, 'int32')
const rowOfEntry = tf.tensor1d(rows, 'int32')
const weights = tf.tensor2d(graph.values, [graph.values.length, 1])

/**
 * Multiplies the sparse matrix by a dense one. TensorFlow.js has no such product. Its sums over
 * segments do the same without an intermediate row for each edge; its runtime for Node.js lacks
 * them, so there the rows of all edges are gathered.
 */
const multiply = (x: TensorFlow.Tensor2D): TensorFlow.Tensor2D =>
  backend === 'tensorflow'
    ? tf.unsortedSegmentSum(tf.mul(tf.gather(x, columns), weights), rowOfEntry, nodeCount)
    : tf.mul(tf.sparse.sparseSegmentSum(tf.mul(x, roots), columns, rowOfEntry), roots)

/** Multiplies by the matrix; the matrix is symmetric, so the gradient is the same product. */
const propagate = tf.customGrad((x) => ({
  value: multiply(x as TensorFlow.Tensor2D),
  gradFunc: (dy) => multiply(dy as TensorFlow.Tensor2D),
}))

/**
 * Gathers rows with a gradient of its own, as the backend `wasm` has no kernel for that of
 * `tf.gather`.
 */
const gatherRows = tf.customGrad((x, indices, save) => {
  const keep = save as TensorFlow.GradSaveFunc
  keep([indices as TensorFlow.Tensor])
  return {
    value: tf.gather(x as TensorFlow.Tensor2D, indices as TensorFlow.Tensor1D),
    gradFunc: (dy, saved) => {
      const [nodes] = saved as [TensorFlow.Tensor1D]
      const shape = [nodeCount, dim]
      return [tf.scatterND(tf.expandDims(nodes, 1), dy, shape), tf.zerosLike(nodes)]
    },
  }
})

function makeModel() {
  const table = new Float32Array(nodeCount * dim)
  table.set(floats('user-table'))
  table.set(floats('item-table'), userCount * dim)
  return {
    table: tf.variable(tf.tensor2d(table, [nodeCount, dim])),
    optimizer: tf.train.adam(rate, 0.9, 0.999, 1e-8),
  }
}

type Model = ReturnType<typeof makeModel>

function lossOf(table: TensorFlow.Tensor2D, number: number): TensorFlow.Scalar {
  const of = (name: keyof typeof batches) => {
    const start = (number * batchSize) % batches[name].length
    return tf.tensor1d(batches[name].subarray(start, start + batchSize), 'int32')
  }
  const nodes = { users: of('users'), positives: of('positives'), negatives: of('negatives') }
  const outputs: TensorFlow.Tensor[] = [table]
  for (let layer = 0; layer < layers; layer++) outputs.push(propagate(outputs[layer]))
  const mean = tf.div(tf.addN(outputs), layers + 1)
  const rowsOf = (x: TensorFlow.Tensor, which: TensorFlow.Tensor1D) => gatherRows(x, which)
  const users = rowsOf(mean, nodes.users)
  const scores = (items: TensorFlow.Tensor1D) => tf.sum(tf.mul(users, rowsOf(mean, items)), 1)
  const behind = tf.sub(scores(nodes.negatives), scores(nodes.positives))
  const squares = Object.values(nodes).map((which) => tf.sum(tf.square(rowsOf(table, which))))
  // The backend `wasm` has no softplus.
  const ranking = tf.mean(tf.log(tf.add(tf.exp(behind), 1)))
  return tf.add(ranking, tf.mul(tf.addN(squares), (0.5 * l2) / batchSize))
}

function step({ table, optimizer }: Model, number: number): number {
  return tf.tidy(() => {
    const loss = () => lossOf(table as TensorFlow.Tensor2D, number)
    return optimizer.minimize(loss, true, [table])?.dataSync()[0] as number
  })
}

async function start(): Promise<typeof TensorFlow> {
  if (backend === 'tensorflow') {
    const { useBackend } = await import('@gnnrec/ops')
    await useBackend('tensorflow', { threads: Number(threads), gpu: 'forbid' })
    return import('@tensorflow/tfjs-core')
  }
  const require = createRequire(join(packages, 'package.json'))
  const whole: typeof TensorFlow = require('@tensorflow/tfjs')
  if (backend === 'wasm') require('@tensorflow/tfjs-backend-wasm')
  await whole.setBackend(backend)
  await whole.ready()
  return whole
}

function bytesOf(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(join(folder, name))).buffer
}

const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`)

let model: Model | undefined
let steps = 0
say({ about: `TensorFlow.js ${tf.version_core}, backend ${tf.getBackend()}` })
for await (const line of createInterface({ input: process.stdin })) {
  const { do: action, count } = JSON.parse(line) as { do: string; count?: number }
  if (action === 'losses') {
    model = makeModel()
    const losses: number[] = []
    for (steps = 0; steps < (count ?? 1); steps++) losses.push(step(model, steps))
    say({ losses })
  } else if (model) {
    const started = performance.now()
    step(model, steps++)
    say({ seconds: (performance.now() - started) / 1000 })
  }
}
