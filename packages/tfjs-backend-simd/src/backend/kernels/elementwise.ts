import { elementGrain, rowGrain } from '@gnnrec/graph/kernels'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import type { SimdBackend } from '../simd-backend.js'
import { type FastPath, isFloat, shareValues, sizeOf } from './kernel-context.js'

type BinaryKernel = 'add' | 'subtract' | 'multiply' | 'divide'
type UnaryKernel = 'softplus' | 'sigmoid' | 'exponential' | 'squareRoot' | 'rectify'

function runBinary(
  backend: SimdBackend,
  kernel: BinaryKernel,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo {
  const [left, right] = [backend.pointer(a), backend.pointer(b)]
  const out = backend.allocate(a.shape)
  backend.runtime.run(kernel, sizeOf(a), elementGrain, left, right, backend.pointer(out))
  return out
}

// Adding -0 changes nothing, whereas adding +0 would turn -0 into +0.
const nothing = -0

/** Computes scale · x + offset. */
function runAffine(backend: SimdBackend, x: TensorInfo, scale: number, offset: number): TensorInfo {
  const source = backend.pointer(x)
  const out = backend.allocate(x.shape)
  backend.runtime.run(
    'affine',
    sizeOf(x),
    elementGrain,
    source,
    scale,
    offset,
    backend.pointer(out),
  )
  return out
}

/**
 * Returns the number in `tensor` when it has just one and combining it with `other` keeps other's shape.
 * TensorFlow.js's gradients of means and sums do that all the time.
 */
function scalarOf(backend: SimdBackend, tensor: TensorInfo, other: TensorInfo): number | undefined {
  const spreads = sizeOf(tensor) === 1 && tensor.shape.length <= other.shape.length
  return spreads ? (backend.peek(tensor) as Float32Array)[0] : undefined
}

/** The forms of a binary kernel in which one input is a number. */
interface ScalarPaths {
  /** Computes a ∘ scalar. */
  readonly right?: (backend: SimdBackend, a: TensorInfo, scalar: number) => TensorInfo
  /** Computes scalar ∘ b. */
  readonly left?: (backend: SimdBackend, b: TensorInfo, scalar: number) => TensorInfo
}

function binary(
  kernel: BinaryKernel,
  scalarPaths: ScalarPaths,
  otherwise?: (backend: SimdBackend, a: TensorInfo, b: TensorInfo) => TensorInfo | undefined,
): FastPath {
  return ({ backend, inputs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo }
    if (!isFloat(a) || !isFloat(b)) return undefined
    if (util.arraysEqual(a.shape, b.shape)) return runBinary(backend, kernel, a, b)
    const right = scalarPaths.right && scalarOf(backend, b, a)
    if (right !== undefined) return scalarPaths.right?.(backend, a, right)
    const left = scalarPaths.left && scalarOf(backend, a, b)
    if (left !== undefined) return scalarPaths.left?.(backend, b, left)
    return otherwise?.(backend, a, b)
  }
}

export const add = binary('add', {
  right: (backend, a, scalar) => runAffine(backend, a, 1, scalar),
  left: (backend, b, scalar) => runAffine(backend, b, 1, scalar),
})

export const subtract = binary('subtract', {
  right: (backend, a, scalar) => runAffine(backend, a, 1, -scalar),
  left: (backend, b, scalar) => runAffine(backend, b, -1, scalar),
})

export const multiply = binary(
  'multiply',
  {
    right: (backend, a, scalar) => runAffine(backend, a, scalar, nothing),
    left: (backend, b, scalar) => runAffine(backend, b, scalar, nothing),
  },
  (backend, a, b) => scaleRows(backend, a, b) ?? scaleRows(backend, b, a),
)

// Division by a number cannot be multiplication by its reciprocal, which rounds differently.
export const divide = binary('divide', {
  right(backend, a, scalar) {
    const source = backend.pointer(a)
    const out = backend.allocate(a.shape)
    const target = backend.pointer(out)
    backend.runtime.run('divideBy', sizeOf(a), elementGrain, source, scalar, target)
    return out
  },
})

/** Multiplies [n, 1] by [n, d]. */
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
    backend.runtime.run(kernel, sizeOf(x), elementGrain, source, backend.pointer(out))
    return out
  }
}

export const softplus = unary('softplus')
export const sigmoid = unary('sigmoid')
export const exponential = unary('exponential')
export const squareRoot = unary('squareRoot')
export const relu = unary('rectify')

/** Computes the gradient of relu. */
export const step: FastPath = ({ backend, inputs, attributes }) => {
  const { x } = inputs as { x: TensorInfo }
  const { alpha } = attributes as { alpha: number }
  if (!isFloat(x)) return undefined
  const source = backend.pointer(x)
  const out = backend.allocate(x.shape)
  backend.runtime.run('step', sizeOf(x), elementGrain, source, alpha, backend.pointer(out))
  return out
}

export const square: FastPath = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo }
  return isFloat(x) ? runBinary(backend, 'multiply', x, x) : undefined
}

export const negate: FastPath = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo }
  return isFloat(x) ? runAffine(backend, x, -1, nothing) : undefined
}

export const addMany: FastPath = ({ backend, inputs }) => {
  const terms = Object.values(inputs)
  const [first, second, ...rest] = terms
  if (!terms.every(isFloat) || first === undefined) return undefined
  if (second === undefined) return shareValues(backend, first, first.shape)
  // Inputs move to kernel memory first: if memory ran out after the sum is allocated, the sum would leak.
  const added = rest.map((term) => backend.pointer(term))
  const out = runBinary(backend, 'add', first, second)
  const sum = backend.pointer(out)
  for (const term of added) backend.runtime.run('add', sizeOf(out), elementGrain, sum, term, sum)
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
  backend.runtime.run('fill', sizeOf(out), elementGrain, value, backend.pointer(out))
  return out
}

/**
 * Casts to a wider type with new values. The inherited kernel would share them, and this backend's
 * kernels would read the bytes of an integer as a float.
 */
export const cast: FastPath = ({ backend, inputs, attributes }) => {
  const { x } = inputs as { x: TensorInfo }
  const { dtype } = attributes as unknown as { dtype: string }
  if (x.dtype !== 'int32' && x.dtype !== 'bool') return undefined
  const values = backend.peek(x) as Int32Array | Uint8Array
  if (dtype === 'float32') return backend.makeTensorInfo(x.shape, dtype, Float32Array.from(values))
  if (dtype !== 'int32' || x.dtype === 'int32') return undefined
  return backend.makeTensorInfo(x.shape, dtype, Int32Array.from(values))
}
