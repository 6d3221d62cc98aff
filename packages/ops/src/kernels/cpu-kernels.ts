import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkIndices } from '../checks.js'
import type { OpKernels, PairwiseSamples, RefinedBlock } from './kernel-interface.js'
import { rowAdam } from './row-adam.js'

/** The part of TensorFlow.js's `MathBackendCPU` that is used. */
interface CpuBackend {
  readonly data: { get(dataId: object): { values: Float32Array | Int32Array; refCount: number } }
  makeTensorInfo(shape: number[], dtype: string, values: Float32Array): TensorInfo
}

const values = (backend: KernelBackend, tensor: TensorInfo) =>
  (backend as unknown as CpuBackend).data.get(tensor.dataId).values

const output = (backend: KernelBackend, shape: number[], result: Float32Array) =>
  (backend as unknown as CpuBackend).makeTensorInfo(shape, 'float32', result)

/**
 * Returns the values of a tensor that is about to change in place. They are copied first, because this
 * backend returns its own arrays from `dataSync` and keeps the arrays that tensors are made from.
 */
function ownValues(backend: KernelBackend, tensor: TensorInfo): Float32Array {
  const data = (backend as unknown as CpuBackend).data.get(tensor.dataId)
  if (data.refCount > 1) throw new Error('A tensor that shares its values cannot change in place.')
  const own = Float32Array.from(data.values)
  data.values = own
  return own
}

/** Returns the products of one layer as a view. */
function productsOf(backend: KernelBackend, { e, products, layer }: RefinedBlock) {
  const size = (e.shape[0] as number) * (e.shape[1] as number)
  return values(backend, products).subarray(layer * size, (layer + 1) * size)
}

/** Computes the sums that the cosine of two rows and its gradient need. */
function cosineParts(y: ArrayLike<number>, e: ArrayLike<number>, row: number, columns: number) {
  let [dot, squaredY, squaredE] = [0, 0, 0]
  for (let i = row * columns; i < (row + 1) * columns; i++) {
    dot += y[i] * e[i]
    squaredY += y[i] * y[i]
    squaredE += e[i] * e[i]
  }
  return { dot, squaredY, squaredE, norms: Math.sqrt(squaredY) * Math.sqrt(squaredE) }
}

function numbersOf(backend: KernelBackend, samples: PairwiseSamples) {
  const { users, items, userRows, positives, negatives } = samples
  const numbers = (tensor: TensorInfo) => values(backend, tensor)
  return {
    users: numbers(users),
    items: numbers(items),
    userRows: numbers(userRows),
    positives: numbers(positives),
    negatives: numbers(negatives),
  }
}

/** Graph operators in plain TypeScript on TensorFlow.js's backend `cpu`: the reference for the others. */
export const cpuKernels: OpKernels = {
  spmm(backend, matrix, x, scale, base, own, part) {
    const columns = x.shape[1] as number
    const rowPointers = values(backend, matrix.rowPointers)
    const columnIndices = values(backend, matrix.columnIndices)
    const weights = values(backend, matrix.values)
    const source = values(backend, x)
    const baseValues = base && values(backend, base.x)
    const loops = own && { scales: values(backend, own.loops), x: values(backend, own.x) }
    const selected = part?.rows && values(backend, part.rows)
    const flags = part?.nonZeroRows && values(backend, part.nonZeroRows)
    const rows = selected?.length ?? matrix.rows
    const out = new Float32Array(rows * columns)
    const row = new Float64Array(columns)
    for (let place = 0; place < rows; place++) {
      const r = selected?.[place] ?? place
      for (let c = 0; c < columns; c++) {
        row[c] = loops ? loops.scales[r] * loops.x[r * columns + c] : 0
      }
      for (let entry = rowPointers[r]; entry < rowPointers[r + 1]; entry++) {
        if (flags?.[columnIndices[entry]] === 0) continue
        const weight = weights[entry]
        const from = columnIndices[entry] * columns
        for (let c = 0; c < columns; c++) row[c] += weight * source[from + c]
      }
      for (let c = 0; c < columns; c++) {
        const added = baseValues ? base.scale * baseValues[r * columns + c] : 0
        out[place * columns + c] = scale * row[c] + added
      }
    }
    return output(backend, [rows, columns], out)
  },

  allocate: (backend, shape) =>
    output(backend, [...shape], new Float32Array(shape.reduce((size, length) => size * length, 1))),

  cosineRefine(backend, matrix, x, block, out) {
    const [rows, columns] = block.e.shape as [number, number]
    const product = this.spmm(backend, matrix, x, 1)
    const y = productsOf(backend, block)
    y.set(values(backend, product))
    backend.disposeData(product.dataId)
    const e = values(backend, block.e)
    const refined = out.refined && values(backend, out.refined)
    const before = out.before && values(backend, out.before)
    const sum = values(backend, out.sum)
    for (let r = 0; r < rows; r++) {
      const { dot, norms } = cosineParts(y, e, r, columns)
      const cosine = dot / Math.max(norms, block.floor)
      for (let i = r * columns; i < (r + 1) * columns; i++) {
        const value = cosine * y[i]
        if (refined) refined[i] = value
        sum[i] = (before ? before[i] : 0) + value
      }
    }
  },

  cosineRefineGradient(backend, block, dSum, out, next) {
    const [rows, columns] = block.e.shape as [number, number]
    const added = next && { x: dSum, scale: 1 }
    const incoming = next ? this.spmm(backend, next.matrix, next.x, 1, added) : dSum
    const d = values(backend, incoming)
    const y = productsOf(backend, block)
    const e = values(backend, block.e)
    const dProducts = values(backend, out.dProducts)
    const dE = values(backend, out.dE)
    for (let r = 0; r < rows; r++) {
      const { dot, norms, squaredY, squaredE } = cosineParts(y, e, r, columns)
      const divisor = Math.max(norms, block.floor)
      const cosine = dot / divisor
      let through = 0
      for (let i = r * columns; i < (r + 1) * columns; i++) through += d[i] * y[i]
      const isFloored = norms <= block.floor
      const yShare = isFloored ? 0 : cosine / squaredY
      const eShare = isFloored ? 0 : cosine / squaredE
      for (let i = r * columns; i < (r + 1) * columns; i++) {
        dProducts[i] = cosine * d[i] + through * (e[i] / divisor - yShare * y[i])
        const share = through * (y[i] / divisor - eShare * e[i])
        dE[i] = next ? dE[i] + share : share
      }
    }
    if (next) backend.disposeData(incoming.dataId)
  },

  gatherRows(backend, table, indices) {
    checkIndices(backend.readSync(indices.dataId) as Int32Array, table.shape[0] as number)
    const { kernelFunc } = tf.getKernel(tf.GatherV2, 'cpu')
    const inputs = { x: table, indices }
    return kernelFunc({ inputs, backend, attrs: { axis: 0, batchDims: 0 } }) as TensorInfo
  },

  scatterAddRows(backend, rows, indices, rowCount) {
    const columns = rows.shape[1] as number
    const source = values(backend, rows)
    const targets = values(backend, indices)
    const out = new Float32Array(rowCount * columns)
    for (let k = 0; k < targets.length; k++) {
      const target = targets[k] * columns
      for (let c = 0; c < columns; c++) out[target + c] += source[k * columns + c]
    }
    return output(backend, [rowCount, columns], out)
  },

  rowDot(backend, a, b) {
    const [rows, columns] = a.shape as [number, number]
    const left = values(backend, a)
    const right = values(backend, b)
    const out = new Float32Array(rows)
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let i = r * columns; i < (r + 1) * columns; i++) sum += left[i] * right[i]
      out[r] = sum
    }
    return output(backend, [rows], out)
  },

  scaleRows(backend, scales, x) {
    const [rows, columns] = x.shape as [number, number]
    const factors = values(backend, scales)
    const source = values(backend, x)
    const out = new Float32Array(rows * columns)
    for (let i = 0; i < out.length; i++) out[i] = factors[Math.floor(i / columns)] * source[i]
    return output(backend, [rows, columns], out)
  },

  crossEntropy(backend, { scores, offsets, next }, weights) {
    const n = scores.shape[0] as number
    const given = values(backend, scores)
    const shift = offsets && values(backend, offsets)
    const ring = values(backend, next)
    const out = values(backend, weights)
    const losses = new Float32Array(n)
    for (let r = 0; r < n; r++) {
      const row = Float64Array.from({ length: n }, (_, j) => given[r * n + j] + (shift?.[j] ?? 0))
      const own = row[r]
      for (let j = ring[r]; j !== r; j = ring[j]) row[j] = Number.NEGATIVE_INFINITY
      const most = row.reduce((a, b) => Math.max(a, b))
      const exponentials = row.map((x) => Math.exp(x - most))
      const sum = exponentials.reduce((a, b) => a + b)
      for (let j = 0; j < n; j++) out[r * n + j] = exponentials[j] / sum - (j === r ? 1 : 0)
      losses[r] = most - own + Math.log(sum)
    }
    return output(backend, [n], losses)
  },

  pairwiseMargins(backend, samples) {
    const columns = samples.users.shape[1] as number
    const { users, items, userRows, positives, negatives } = numbersOf(backend, samples)
    const [margins, squares] = [
      new Float32Array(userRows.length),
      new Float32Array(userRows.length),
    ]
    for (let b = 0; b < userRows.length; b++) {
      for (let c = 0; c < columns; c++) {
        const p = users[userRows[b] * columns + c]
        const positive = items[positives[b] * columns + c]
        const negative = items[negatives[b] * columns + c]
        margins[b] += p * (negative - positive)
        squares[b] += p * p + positive * positive + negative * negative
      }
    }
    return [margins, squares].map((found) => output(backend, [found.length], found))
  },

  pairwiseGradient(backend, samples, outer, side) {
    const [rows, columns] = samples[side].shape as [number, number]
    const { users, items, userRows, positives, negatives } = numbersOf(backend, samples)
    const [slopes, weights] = [values(backend, outer.slopes), values(backend, outer.weights)]
    const out = new Float32Array(rows * columns)
    for (let b = 0; b < userRows.length; b++) {
      for (let c = 0; c < columns; c++) {
        const user = userRows[b] * columns + c
        const positive = positives[b] * columns + c
        const negative = negatives[b] * columns + c
        const weight = 2 * weights[b]
        if (side === 'users') {
          out[user] += slopes[b] * (items[negative] - items[positive]) + weight * users[user]
        } else {
          out[positive] += weight * items[positive] - slopes[b] * users[user]
          out[negative] += weight * items[negative] + slopes[b] * users[user]
        }
      }
    }
    return output(backend, [rows, columns], out)
  },

  dropNumbers(backend, x, { rng, block, rate }) {
    const kept = Math.fround(1 / (1 - rate))
    const out = Float32Array.from(values(backend, x), (value, place) =>
      rng.uniformAt(block, place) >= rate ? value * kept : 0,
    )
    return output(backend, x.shape, out)
  },

  squaredNorm(backend, x) {
    let sum = 0
    for (const value of values(backend, x)) sum += value * value
    return sum
  },

  adam(backend, x, gradient, m, v, step) {
    const parameters = ownValues(backend, x)
    const first = ownValues(backend, m)
    const second = ownValues(backend, v)
    const gradients = values(backend, gradient)
    const { gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon } = step
    for (let i = 0; i < parameters.length; i++) {
      const g = gradientScale * gradients[i]
      first[i] = beta1 * first[i] + (1 - beta1) * g
      second[i] = beta2 * second[i] + (1 - beta2) * g * g
      parameters[i] -= (stepSize * first[i]) / (Math.sqrt(second[i]) * inverseRoot + epsilon)
    }
  },

  rowAdam(backend, x, gradient, m, v, step) {
    const numbers = {
      parameter: ownValues(backend, x),
      gradient: values(backend, gradient) as Float32Array,
      first: ownValues(backend, m),
      second: ownValues(backend, v),
    }
    rowAdam({ rows: x.shape[0] ?? 1, ...numbers }, step)
  },
}
