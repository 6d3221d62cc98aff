import { Rng } from '@gnnrec/graph'
import {
  applyAdam,
  applyRowAdam,
  type BipartiteOperator,
  cosineRefine,
  crossEntropy,
  dropNumbers,
  gatherRows,
  globalNorm,
  graphFilter,
  graphFilterRows,
  graphSums,
  loopedStep,
  pairwiseMargins,
  rowDot,
  scaleRows,
  scatterAddRows,
  spmm,
} from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { KernelCheck } from './diagnosis.js'
import { generateGraph } from './generated-graph.js'

/** Largest difference that the order of a few hundred float32 numbers makes in their sum. */
const tolerance = 2e-5

/** The inputs of the kernels, which are the same on every backend. */
interface Inputs {
  readonly operator: BipartiteOperator
  readonly users: tf.Tensor2D
  readonly items: tf.Tensor2D
  readonly userRows: tf.Tensor1D
  readonly itemRows: tf.Tensor1D
}

const graphSize = { users: 300, items: 200, edges: 6000 }
const columns = 32
const batchRows = 128

function makeInputs(): Inputs {
  const rng = Rng.fromSeed(1).fork('doctor')
  const graph = generateGraph(graphSize, rng)
  const toUsers = graph.biadjacency({ normalization: 'symmetric' })
  const table = (rows: number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, () => rng.normal()),
      [rows, columns],
    )
  const draws = (count: number) =>
    tf.tensor1d(
      Int32Array.from({ length: batchRows }, () => rng.integer(count)),
      'int32',
    )
  return {
    operator: { toUsers, toItems: toUsers.transpose() },
    users: table(graphSize.users),
    items: table(graphSize.items),
    userRows: draws(graphSize.users),
    itemRows: draws(graphSize.items),
  }
}

/** Computes an operator and the gradient of Σ out² in both tables. */
function withGradient(
  { users, items }: Inputs,
  compute: (users: tf.Tensor2D, items: tf.Tensor2D) => readonly tf.Tensor[],
): tf.Tensor[] {
  const outputs = compute(users, items)
  const gradients = tf.grads((x: tf.Tensor, y: tf.Tensor) =>
    tf.addN(compute(x as tf.Tensor2D, y as tf.Tensor2D).map((out) => tf.sum(tf.square(out)))),
  )([users, items])
  return [...outputs, ...gradients]
}

const both = (nodes: { users: tf.Tensor2D; items: tf.Tensor2D }) => [nodes.users, nodes.items]

function adam(inputs: Inputs, apply: typeof applyAdam): tf.Tensor[] {
  const parameter = tf.variable(inputs.users)
  const moments = {
    first: tf.variable(tf.zerosLike(parameter)),
    second: tf.variable(tf.zerosLike(parameter)),
  }
  const gradient = scatterAddRows(
    gatherRows(inputs.users, inputs.userRows),
    inputs.userRows,
    graphSize.users,
  )
  for (let step = 1; step <= 3; step++) {
    apply(parameter, gradient, moments, {
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      step,
      gradientScale: 0.5,
    })
  }
  const all = [parameter, moments.first, moments.second]
  const results = all.map((variable) => tf.add(variable, 0))
  for (const variable of all) variable.dispose()
  return results
}

const kernels: Readonly<Record<string, (inputs: Inputs) => readonly tf.Tensor[]>> = {
  'sparse product': (inputs) =>
    withGradient(inputs, (users, items) => [
      spmm(inputs.operator.toUsers, items),
      spmm(inputs.operator.toItems, users),
    ]),
  'graph filter': (inputs) =>
    withGradient(inputs, (users, items) =>
      both(graphFilter(inputs.operator, { users, items }, [0.25, 0.25, 0.25, 0.25])),
    ),
  'graph filter of rows': (inputs) =>
    withGradient(inputs, (users, items) => {
      const rows = { users: inputs.userRows, items: inputs.itemRows }
      return both(graphFilterRows(inputs.operator, { users, items }, [0.5, 0.3, 0.2], rows))
    }),
  'sums of layers': (inputs) =>
    withGradient(inputs, (users, items) => {
      const rows = { users: inputs.userRows, items: inputs.itemRows }
      const settings = { layers: 2, weight: 0.5 }
      return graphSums(inputs.operator, { users, items }, settings, rows).flatMap(both)
    }),
  'layer refinement': (inputs) =>
    withGradient(inputs, (users, items) =>
      both(cosineRefine(inputs.operator, { users, items }, 2)),
    ),
  'step with loops': (inputs) =>
    withGradient(inputs, (users, items) => {
      const loops = {
        users: tf.fill([graphSize.users], 0.1),
        items: tf.fill([graphSize.items], 0.2),
      } as {
        users: tf.Tensor1D
        items: tf.Tensor1D
      }
      return both(loopedStep(inputs.operator, loops, { users, items }))
    }),
  'rows out of and into a table': (inputs) =>
    withGradient(inputs, (users, items) => [
      gatherRows(users, inputs.userRows),
      scatterAddRows(gatherRows(items, inputs.itemRows), inputs.itemRows, graphSize.items),
    ]),
  'row products': (inputs) =>
    withGradient(inputs, (users, items) => {
      const u = gatherRows(users, inputs.userRows)
      const i = gatherRows(items, inputs.itemRows)
      return [scaleRows(rowDot(u, i), i)]
    }),
  'pairwise margins': (inputs) =>
    withGradient(inputs, (users, items) => {
      const negatives = tf.reverse(inputs.itemRows) as tf.Tensor1D
      const { userRows, itemRows: positives } = inputs
      const found = pairwiseMargins({ users, items, userRows, positives, negatives })
      return [found.margins, found.squares]
    }),
  'cross-entropy': (inputs) =>
    withGradient(inputs, (users, items) => {
      const u = gatherRows(users, inputs.userRows)
      const i = gatherRows(items, inputs.itemRows)
      const labels = inputs.itemRows.dataSync() as Int32Array
      return [crossEntropy(tf.matMul(u, i, false, true) as tf.Tensor2D, labels)]
    }),
  dropout: (inputs) =>
    withGradient(inputs, (users, items) => {
      const rng = Rng.fromSeed(2).fork('dropout')
      return [dropNumbers(users, 0.3, rng, 0), dropNumbers(items, 0.3, rng, 1)]
    }),
  Adam: (inputs) => adam(inputs, applyAdam),
  'Adam by rows': (inputs) => adam(inputs, applyRowAdam),
  'global norm': ({ users, items }) => [tf.scalar(globalNorm([users, items]))],
}

/** The output of each kernel by name, or the message of its error. */
export type KernelResults = Readonly<Record<string, readonly Float32Array[] | string>>

/** Runs every kernel on the active backend of TensorFlow.js. */
export async function runKernels(): Promise<KernelResults> {
  const inputs = makeInputs()
  const results: Record<string, readonly Float32Array[] | string> = {}
  for (const [name, run] of Object.entries(kernels)) {
    try {
      const outputs = tf.tidy(() => run(inputs) as tf.Tensor[])
      results[name] = await Promise.all(outputs.map((out) => out.data<'float32'>()))
      tf.dispose(outputs)
    } catch (error) {
      results[name] = error instanceof Error ? error.message : String(error)
    }
  }
  tf.dispose([inputs.users, inputs.items, inputs.userRows, inputs.itemRows])
  inputs.operator.toUsers.dispose()
  inputs.operator.toItems.dispose()
  return results
}

/** Compares results with those of the reference. */
export function compareKernels(results: KernelResults, reference: KernelResults): KernelCheck[] {
  return Object.entries(reference).map(([name, expected]) => {
    const got = results[name]
    if (typeof expected === 'string' || typeof got === 'string') {
      const failure = typeof got === 'string' ? got : `The reference failed: ${expected}`
      return { name, error: Number.NaN, passed: false, failure }
    }
    const error = Math.max(...expected.map((numbers, place) => difference(got[place], numbers)))
    return { name, error, passed: error <= tolerance }
  })
}

/** Returns the largest difference, or NaN when a number is NaN or the lengths differ. */
function difference(got: Float32Array, expected: Float32Array): number {
  if (got.length !== expected.length) return Number.NaN
  let largest = 0
  let most = 0
  for (const [place, value] of expected.entries()) {
    most = Math.max(most, Math.abs(value))
    largest = Math.max(largest, Math.abs(got[place] - value))
  }
  return largest / (most || 1)
}
