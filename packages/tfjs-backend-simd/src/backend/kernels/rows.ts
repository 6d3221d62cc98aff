import { InvalidOptionsError } from '@gnnrec/graph'
import { rowGrain } from '@gnnrec/graph/kernels'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import type { SimdBackend } from '../simd-backend.js'
import { type FastPath, isFloat, shareValues, sizeOf } from './kernel-context.js'
import { scatterAddRows } from './scatter-add-rows.js'

/** Gathers rows of `x` [n, ...] at int32 `indices`: [indices.length, ...]. */
export const gather: FastPath = ({ backend, inputs, attributes }) => {
  const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo }
  const { axis, batchDims } = attributes as { axis?: number; batchDims?: number }
  const onRows = (axis ?? 0) === 0 && (batchDims ?? 0) === 0 && x.shape.length >= 2
  if (!onRows || !isFloat(x) || indices.dtype !== 'int32' || indices.shape.length !== 1)
    return undefined
  const rows = x.shape[0] as number
  checkIndices(backend.peek(indices) as Int32Array, rows)
  const columns = sizeOf(x) / Math.max(rows, 1)
  const count = sizeOf(indices)
  const [table, index] = [backend.pointer(x), backend.pointer(indices)]
  const out = backend.allocate([count, ...x.shape.slice(1)])
  backend.runtime.run(
    'gatherRows',
    count,
    rowGrain(columns),
    table,
    index,
    backend.pointer(out),
    columns,
  )
  return out
}

export const unsortedSegmentSum: FastPath = ({ backend, inputs, attributes }) => {
  const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo }
  const { numSegments } = attributes as { numSegments: number }
  const onRows = segmentIds.shape.length === 1 && segmentIds.shape[0] === x.shape[0]
  if (!isFloat(x) || segmentIds.dtype !== 'int32' || !onRows) return undefined
  return scatterAddRows(backend, x, segmentIds, numSegments)
}

/** Concatenates tensors of one type along the first axis that has more than one place. */
export const concat: FastPath = ({ backend, inputs, attributes }) => {
  const tensors = Object.values(inputs)
  const [{ dtype, shape }] = tensors as [TensorInfo]
  if (dtype !== 'float32' && dtype !== 'int32') return undefined
  const [axis] = util.parseAxisParam((attributes as { axis: number }).axis, shape) as [number]
  const isFirst = shape.slice(0, axis).every((size) => size === 1)
  if (!isFirst || tensors.some((tensor) => tensor.dtype !== dtype)) return undefined
  const places = tensors.reduce((sum, tensor) => sum + (tensor.shape[axis] as number), 0)
  const whole = shape.map((size, at) => (at === axis ? places : size))
  const out = backend.allocate(whole, dtype)
  const values = backend.peek(out) as Float32Array | Int32Array
  let start = 0
  for (const tensor of tensors) {
    values.set(backend.peek(tensor) as Float32Array | Int32Array, start)
    start += sizeOf(tensor)
  }
  return out
}

/** Shares the values for a permutation that moves nothing; others are inherited. */
export const transpose: FastPath = ({ backend, inputs, attributes }) => {
  const { x } = inputs as { x: TensorInfo }
  const { perm } = attributes as unknown as { perm: number[] }
  return perm.every((axis, i) => axis === i) ? shareValues(backend, x, x.shape) : undefined
}

/** Sums over everything or over the last axis. */
export const sum: FastPath = ({ backend, inputs, attributes }) => {
  const { x } = inputs as { x: TensorInfo }
  const { axis, keepDims } = attributes as { axis?: number | number[]; keepDims?: boolean }
  if (!isFloat(x)) return undefined
  const axes = util.parseAxisParam(axis as number | number[], x.shape)
  const kept = x.shape.filter((_, dimension) => !axes.includes(dimension))
  const shape = keepDims ? x.shape.map((size, d) => (axes.includes(d) ? 1 : size)) : kept
  if (kept.length === 0)
    return backend.makeTensorInfo(shape, 'float32', Float32Array.of(total(backend, x)))
  if (axes.length !== 1 || axes[0] !== x.shape.length - 1) return undefined
  const columns = x.shape.at(-1) as number
  const source = backend.pointer(x)
  const out = backend.allocate(shape)
  backend.runtime.run(
    'rowSum',
    sizeOf(out),
    rowGrain(columns),
    source,
    backend.pointer(out),
    columns,
  )
  return out
}

/** Computes the mean over everything; other means are inherited. */
export const mean: FastPath = ({ backend, inputs, attributes }) => {
  const { x } = inputs as { x: TensorInfo }
  const { axis, keepDims } = attributes as { axis?: number | number[]; keepDims?: boolean }
  if (!isFloat(x)) return undefined
  const axes = util.parseAxisParam(axis as number | number[], x.shape)
  if (axes.length !== x.shape.length || sizeOf(x) === 0) return undefined
  const shape = keepDims ? x.shape.map(() => 1) : []
  return backend.makeTensorInfo(shape, 'float32', Float32Array.of(total(backend, x) / sizeOf(x)))
}

function total(backend: SimdBackend, x: TensorInfo): number {
  return backend.runtime.reduce('blockSum', backend.pointer(x), sizeOf(x))
}

function checkIndices(indices: Int32Array, rows: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number
    if (index < 0 || index >= rows) {
      throw new InvalidOptionsError(
        `gather: index ${index} at position ${i} is not in 0..${rows - 1}.`,
      )
    }
  }
}
