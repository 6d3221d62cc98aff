import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { Drop, OpKernels } from '../kernel-interface.js'
import { runDrop } from '../run-drop.js'
import { Arithmetic } from './arithmetic.js'
import { checkedIndices, indicesOrNone } from './indices.js'
import { withSession } from './session.js'

export const gatherRows: OpKernels['gatherRows'] = (backend, table, indices) =>
  withSession(backend, (session) => {
    const rows = checkedIndices(session, indices, table.shape[0] as number)
    return session.give(new Arithmetic(session).gather(session.take(table), rows))
  })

export const scatterAddRows: OpKernels['scatterAddRows'] = (backend, rows, indices, rowCount) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const targets = indicesOrNone(session, indices, rowCount)
    return session.give(math.scatterAdd(session.take(rows), targets, rowCount))
  })

export const rowDot: OpKernels['rowDot'] = (backend, a, b) =>
  withSession(backend, (session) => {
    const dots = new Arithmetic(session).rowDots(session.take(a), session.take(b))
    return session.give(session.reshape(dots, [a.shape[0] as number]))
  })

export const scaleRows: OpKernels['scaleRows'] = (backend, scales, x) =>
  withSession(backend, (session) => {
    const column = session.reshape(session.take(scales), [x.shape[0] as number, 1])
    return session.give(new Arithmetic(session).multiply(column, session.take(x)))
  })

export const dropNumbers: OpKernels['dropNumbers'] = (backend, x, drop) =>
  withSession(backend, (session) => {
    const mask = session.constant(dropFactors(x.shape, drop), x.shape, 'float32')
    return session.give(new Arithmetic(session).multiply(session.take(x), mask))
  })

/** Returns the factor of each number. The draws are ours, so that they are the same on every backend. */
function dropFactors(shape: readonly number[], drop: Drop): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1)
  const runtime = defaultRuntime()
  const pointer = runtime.allocate(4 * size)
  try {
    runtime.float32(pointer, size).fill(1)
    runDrop(runtime, drop, { size, source: pointer, out: pointer })
    return runtime.float32(pointer, size).slice()
  } finally {
    runtime.free(pointer)
  }
}

/** Makes a tensor of zeros; other backends leave its contents undefined. */
export const allocate: OpKernels['allocate'] = (backend, shape) =>
  withSession(backend, (session) => {
    const types = { T: 'float32', index_type: 'int32' } as const
    return session.give(session.op('Fill', types, session.integers(...shape), session.fixed(0)))
  })
