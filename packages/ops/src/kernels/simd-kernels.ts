import { elementGrain, rowGrain } from '@gnnrec/graph/kernels'
import type { SimdBackend } from '@gnnrec/tfjs-backend-simd'
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { DeviceMatrix, OpKernels, PairwiseSamples } from './kernel-interface.js'
import { rowAdam } from './row-adam.js'
import { runDrop } from './run-drop.js'

const simd = (backend: KernelBackend) => backend as unknown as SimdBackend
const columnsOf = (x: TensorInfo) => x.shape[1] as number

const rowEntries = ({ rows, values }: DeviceMatrix) =>
  Math.ceil(values.size / Math.max(rows, 1)) + 1

/** Chunks for each thread in a kernel that reads the neighbours of each row. */
const sparseChunksPerThread = 16

/**
 * Returns the rows per chunk of a kernel that reads the neighbours of each row. Chunks are few and long,
 * since rows beside each other share neighbours, which are then still in the thread's cache.
 */
function sparseGrain({ runtime }: SimdBackend, rows: number, workPerRow: number): number {
  const share = Math.ceil(rows / (sparseChunksPerThread * runtime.threads))
  return Math.max(rowGrain(workPerRow), share)
}

function matrixPointers(
  backend: SimdBackend,
  { rowPointers, columnIndices, values }: DeviceMatrix,
): [number, number, number] {
  const at = (tensor: TensorInfo) => backend.pointer(tensor)
  return [at(rowPointers), at(columnIndices), at(values)]
}

/** Chunks for each thread in a kernel whose threads each go through all samples. */
const scatterChunksPerThread = 2

function samplePointers(
  backend: SimdBackend,
  { users, items, userRows, positives, negatives }: PairwiseSamples,
): [number, number, number, number, number] {
  const at = (tensor: TensorInfo) => backend.pointer(tensor)
  return [at(users), at(items), at(userRows), at(positives), at(negatives)]
}

const noLoops = [0, 0] as const

/** Graph operators on the backend `simd`. */
export const simdKernels: OpKernels = {
  spmm(kernelBackend, matrix, x, scale, base, own, part) {
    const backend = simd(kernelBackend)
    const columns = columnsOf(x)
    const rows = part?.rows ? (part.rows.shape[0] as number) : matrix.rows
    const pointers = [...matrixPointers(backend, matrix), backend.pointer(x)] as const
    const basePointer = base ? backend.pointer(base.x) : 0
    const loops = own ? ([backend.pointer(own.loops), backend.pointer(own.x)] as const) : noLoops
    const selected = part?.rows ? backend.pointer(part.rows) : 0
    const flags = part?.nonZeroRows ? backend.pointer(part.nonZeroRows) : 0
    const out = backend.allocate([rows, columns])
    backend.runtime.run(
      'spmm',
      rows,
      sparseGrain(backend, rows, columns * rowEntries(matrix)),
      ...pointers,
      backend.pointer(out),
      columns,
      scale,
      basePointer,
      base?.scale ?? 0,
      ...loops,
      selected,
      flags,
    )
    return out
  },

  allocate: (backend, shape) => simd(backend).allocate(shape),

  cosineRefine(kernelBackend, matrix, x, { e, products, layer, floor }, out) {
    const backend = simd(kernelBackend)
    const columns = columnsOf(x)
    const { rows } = matrix
    const optional = (tensor: TensorInfo | undefined) => (tensor ? backend.pointer(tensor) : 0)
    backend.runtime.run(
      'cosineRefine',
      rows,
      sparseGrain(backend, rows, columns * rowEntries(matrix)),
      ...matrixPointers(backend, matrix),
      backend.pointer(x),
      backend.pointer(e),
      backend.pointer(products) + 4 * layer * rows * columns,
      optional(out.refined),
      optional(out.before),
      backend.pointer(out.sum),
      columns,
      floor,
    )
  },

  cosineRefineGradient(kernelBackend, { e, products, layer, floor }, dSum, out, next) {
    const backend = simd(kernelBackend)
    const [rows, columns] = e.shape as [number, number]
    const entries = next ? rowEntries(next.matrix) : 1
    const incoming = next
      ? ([...matrixPointers(backend, next.matrix), backend.pointer(next.x)] as const)
      : ([0, 0, 0, 0] as const)
    backend.runtime.run(
      'cosineRefineGradient',
      rows,
      sparseGrain(backend, rows, columns * entries),
      ...incoming,
      backend.pointer(dSum),
      backend.pointer(e),
      backend.pointer(products) + 4 * layer * rows * columns,
      backend.pointer(out.dProducts),
      backend.pointer(out.dE),
      columns,
      floor,
    )
  },

  gatherRows(backend, table, indices) {
    const { kernelFunc } = tf.getKernel(tf.GatherV2, 'simd')
    const inputs = { x: table, indices }
    return kernelFunc({ inputs, backend, attrs: { axis: 0, batchDims: 0 } }) as TensorInfo
  },

  scatterAddRows(backend, rows, indices, rowCount) {
    const { kernelFunc } = tf.getKernel(tf.UnsortedSegmentSum, 'simd')
    const inputs = { x: rows, segmentIds: indices }
    return kernelFunc({ inputs, backend, attrs: { numSegments: rowCount } }) as TensorInfo
  },

  rowDot(kernelBackend, a, b) {
    const backend = simd(kernelBackend)
    const [rows, columns] = a.shape as [number, number]
    const [left, right] = [backend.pointer(a), backend.pointer(b)]
    const out = backend.allocate([rows])
    backend.runtime.run(
      'rowDot',
      rows,
      rowGrain(columns),
      left,
      right,
      backend.pointer(out),
      columns,
    )
    return out
  },

  scaleRows(kernelBackend, scales, x) {
    const backend = simd(kernelBackend)
    const [rows, columns] = x.shape as [number, number]
    const [scalePointer, source] = [backend.pointer(scales), backend.pointer(x)]
    const out = backend.allocate(x.shape)
    backend.runtime.run(
      'scaleRows',
      rows,
      rowGrain(columns),
      scalePointer,
      source,
      backend.pointer(out),
      columns,
    )
    return out
  },

  crossEntropy(kernelBackend, { scores, offsets, next }, weights) {
    const backend = simd(kernelBackend)
    const n = scores.shape[0] as number
    const given = [scores, offsets, next].map((tensor) => (tensor ? backend.pointer(tensor) : 0))
    const losses = backend.allocate([n])
    backend.runtime.run(
      'crossEntropy',
      n,
      rowGrain(4 * n),
      ...(given as [number, number, number]),
      n,
      backend.pointer(losses),
      backend.pointer(weights),
    )
    return losses
  },

  pairwiseMargins(kernelBackend, samples) {
    const backend = simd(kernelBackend)
    const columns = columnsOf(samples.users)
    const count = samples.userRows.shape[0] as number
    const pointers = samplePointers(backend, samples)
    const margins = backend.allocate([count])
    const squares = backend.allocate([count])
    const out = [backend.pointer(margins), backend.pointer(squares)] as const
    const grain = rowGrain(3 * columns)
    backend.runtime.run('pairwiseMargins', count, grain, ...pointers, columns, ...out)
    return [margins, squares]
  },

  pairwiseGradient(kernelBackend, samples, { slopes, weights }, side) {
    const backend = simd(kernelBackend)
    const [rows, columns] = samples[side].shape as [number, number]
    const count = samples.userRows.shape[0] as number
    const pointers = samplePointers(backend, samples)
    const outer = [backend.pointer(slopes), backend.pointer(weights)] as const
    const out = backend.allocate([rows, columns])
    const share = Math.ceil(rows / (scatterChunksPerThread * backend.runtime.threads))
    backend.runtime.run(
      side === 'users' ? 'pairwiseUserGradient' : 'pairwiseItemGradient',
      rows,
      share,
      ...pointers,
      ...outer,
      count,
      columns,
      backend.pointer(out),
    )
    const { userRows, positives, negatives } = samples
    const filled = side === 'users' ? [userRows] : [positives, negatives]
    backend.noteFilledRows(out, ...filled)
    return out
  },

  dropNumbers(kernelBackend, x, drop) {
    const backend = simd(kernelBackend)
    const source = backend.pointer(x)
    const result = backend.allocate(x.shape)
    const size = tf.util.sizeFromShape(x.shape)
    runDrop(backend.runtime, drop, { size, source, out: backend.pointer(result) })
    return result
  },

  squaredNorm: (backend, x) => simd(backend).squaredNorm(x),

  adam(kernelBackend, x, gradient, m, v, step) {
    const backend = simd(kernelBackend)
    const { gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon } = step
    backend.runtime.run(
      'adam',
      tf.util.sizeFromShape(x.shape),
      elementGrain,
      backend.ownPointer(x),
      backend.pointer(gradient),
      backend.ownPointer(m),
      backend.ownPointer(v),
      gradientScale,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      stepSize,
      inverseRoot,
      epsilon,
    )
  },

  rowAdam(kernelBackend, x, gradient, m, v, step) {
    const backend = simd(kernelBackend)
    const own = (tensor: TensorInfo) => {
      backend.ownPointer(tensor)
      return backend.peek(tensor) as Float32Array
    }
    const numbers = {
      parameter: own(x),
      gradient: backend.peek(gradient) as Float32Array,
      first: own(m),
      second: own(v),
    }
    rowAdam({ rows: x.shape[0] ?? 1, ...numbers }, step)
  },
}
