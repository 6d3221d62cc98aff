import type { TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import { ELEMENT_GRAIN, rowGrain } from '../../kernels.js'
import type { SimdBackend } from '../simd-backend.js'
import {
  type FastPath,
  isFloat,
  type KernelContext,
  shareValues,
  sizeOf,
} from './kernel-context.js'

type BinaryKernel = 'add' | 'subtract' | 'multiply' | 'divide'
type UnaryKernel = 'softplus' | 'sigmoid' | 'exponential' | 'squareRoot'

function runBinary(
  backend: SimdBackend,
  kernel: BinaryKernel,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo {
  const [left, right] = [backend.pointer(a), backend.pointer(b)]
  const out = backend.allocate(a.shape)
  backend.runtime.run(kernel, sizeOf(a), ELEMENT_GRAIN, left, right, backend.pointer(out))
  return out
}

/** scale · x + offset */
function runAffine(backend: SimdBackend, x: TensorInfo, scale: number, offset: number): TensorInfo {
  const source = backend.pointer(x)
  const out = backend.allocate(x.shape)
  backend.runtime.run(
    'affine',
    sizeOf(x),
    ELEMENT_GRAIN,
    source,
    scale,
    offset,
    backend.pointer(out),
  )
  return out
}

/** The number in a tensor of rank 0. */
function scalarOf({ backend }: KernelContext, tensor: TensorInfo): number | undefined {
  return tensor.shape.length === 0 ? (backend.peek(tensor) as Float32Array)[0] : undefined
}

function binary(
  kernel: BinaryKernel,
  withScalar: (context: KernelContext) => TensorInfo | undefined,
): FastPath {
  return (context) => {
    const { a, b } = context.inputs as { a: TensorInfo; b: TensorInfo }
    if (!isFloat(a) || !isFloat(b)) return undefined
    if (util.arraysEqual(a.shape, b.shape)) return runBinary(context.backend, kernel, a, b)
    return withScalar(context)
  }
}

export const add = binary('add', (context) => {
  const { a, b } = context.inputs as { a: TensorInfo; b: TensorInfo }
  const [left, right] = [scalarOf(context, a), scalarOf(context, b)]
  if (right !== undefined) return runAffine(context.backend, a, 1, right)
  return left === undefined ? undefined : runAffine(context.backend, b, 1, left)
})

export const subtract = binary('subtract', (context) => {
  const { a, b } = context.inputs as { a: TensorInfo; b: TensorInfo }
  const [left, right] = [scalarOf(context, a), scalarOf(context, b)]
  if (right !== undefined) return runAffine(context.backend, a, 1, -right)
  return left === undefined ? undefined : runAffine(context.backend, b, -1, left)
})

export const multiply = binary('multiply', (context) => {
  const { a, b } = context.inputs as { a: TensorInfo; b: TensorInfo }
  const [left, right] = [scalarOf(context, a), scalarOf(context, b)]
  if (right !== undefined) return runAffine(context.backend, a, right, 0)
  if (left !== undefined) return runAffine(context.backend, b, left, 0)
  return scaleRows(context.backend, a, b) ?? scaleRows(context.backend, b, a)
})

// Division by a scalar is no multiplication by its reciprocal: that rounds differently.
export const divide = binary('divide', () => undefined)

/** [n, 1] times [n, d] */
function scaleRows(
  backend: SimdBackend,
  scales: TensorInfo,
  x: TensorInfo,
): TensorInfo | undefined {
  const [rows, columns] = x.shape
  const fits = x.shape.length === 2 && scales.shape.length === 2 && scales.shape[0] === rows
  if (!fits || scales.shape[1] !== 1 || rows === undefined || columns === undefined)
    return undefined
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
}

function unary(kernel: UnaryKernel): FastPath {
  return ({ backend, inputs }) => {
    const { x } = inputs as { x: TensorInfo }
    if (!isFloat(x)) return undefined
    const source = backend.pointer(x)
    const out = backend.allocate(x.shape)
    backend.runtime.run(kernel, sizeOf(x), ELEMENT_GRAIN, source, backend.pointer(out))
    return out
  }
}

export const softplus = unary('softplus')
export const sigmoid = unary('sigmoid')
export const exponential = unary('exponential')
export const squareRoot = unary('squareRoot')

export const square: FastPath = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo }
  return isFloat(x) ? runBinary(backend, 'multiply', x, x) : undefined
}

export const negate: FastPath = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo }
  return isFloat(x) ? runAffine(backend, x, -1, 0) : undefined
}

export const addMany: FastPath = ({ backend, inputs }) => {
  const terms = Object.values(inputs)
  const [first, second, ...rest] = terms
  if (!terms.every(isFloat) || first === undefined) return undefined
  if (second === undefined) return shareValues(backend, first, first.shape)
  const out = runBinary(backend, 'add', first, second)
  for (const term of rest) {
    const sum = backend.pointer(out)
    backend.runtime.run('add', sizeOf(out), ELEMENT_GRAIN, sum, backend.pointer(term), sum)
  }
  return out
}

export const fill: FastPath = ({ backend, attributes }) => {
  const { shape, value, dtype } = attributes as unknown as {
    shape: number[]
    value: number
    dtype?: string
  }
  if (typeof value !== 'number' || (dtype ?? 'float32') !== 'float32') return undefined
  const out = backend.allocate(shape)
  backend.runtime.run('fill', sizeOf(out), ELEMENT_GRAIN, value, backend.pointer(out))
  return out
}
