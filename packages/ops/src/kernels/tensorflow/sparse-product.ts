import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { DeviceMatrix, OpKernels } from '../kernel-interface.js'
import { Arithmetic } from './arithmetic.js'
import { type Handle, type Session, withSession } from './session.js'

/** The pattern of a matrix in TensorFlow's form. */
interface Coordinates {
  /** The row and the column of each entry, int64 [entries, 2]. */
  readonly places: Handle
  /** The numbers of rows and columns, int64 [2]. */
  readonly size: Handle
}

const coordinatesOf = new WeakMap<DeviceMatrix, Coordinates>()

/**
 * Returns the coordinates, which are made once for each matrix. They are int64, since TensorFlow leaves
 * int32 values in the memory of the CPU and would send them to a GPU for every product.
 */
function coordinates(session: Session, matrix: DeviceMatrix, columns: number): Coordinates {
  const known = coordinatesOf.get(matrix)
  if (known) return known
  const rowPointers = session.integersOf(matrix.rowPointers)
  const columnIndices = session.integersOf(matrix.columnIndices)
  const pairs = new Int32Array(4 * columnIndices.length)
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      pairs[4 * entry] = row
      pairs[4 * entry + 2] = columnIndices[entry]
    }
  }
  const size = Int32Array.of(matrix.rows, 0, columns, 0)
  const made = {
    places: session.keep(session.constant(pairs, [columnIndices.length, 2], 'int64')),
    size: session.keep(session.constant(size, [2], 'int64')),
  }
  coordinatesOf.set(matrix, made)
  return made
}

/** Computes A x, [rows, d]. */
export function product(session: Session, matrix: DeviceMatrix, x: Handle): Handle {
  const { places, size } = coordinates(session, matrix, x.shape[0] as number)
  return session.op(
    'SparseTensorDenseMatMul',
    { T: 'float32', Tindices: 'int64', adjoint_a: false, adjoint_b: false },
    places,
    session.take(matrix.values),
    size,
    x,
  )
}

export const spmm: OpKernels['spmm'] = (backend, matrix, x, scale, base, own, part) =>
  withSession(backend, (session) => {
    const take = (tensor: TensorInfo) => session.take(tensor)
    const math = new Arithmetic(session)
    let result = product(session, matrix, take(x))
    if (own) {
      const loops = session.reshape(take(own.loops), [matrix.rows, 1])
      result = math.add(result, math.multiply(loops, take(own.x)))
    }
    result = math.scale(result, scale)
    if (base) result = math.add(result, math.scale(take(base.x), base.scale))
    // TensorFlow has no product of some rows only, and none that skips rows of zeros.
    if (part?.rows) result = math.gather(result, take(part.rows))
    return session.give(result)
  })

export const releaseMatrix: NonNullable<OpKernels['releaseMatrix']> = (backend, matrix) => {
  const made = coordinatesOf.get(matrix)
  if (!made) return
  coordinatesOf.delete(matrix)
  withSession(backend, (session) => {
    session.free(made.places)
    session.free(made.size)
  })
}
