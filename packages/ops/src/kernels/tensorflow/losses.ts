import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OpKernels, PairwiseSamples } from '../kernel-interface.js'
import { Arithmetic } from './arithmetic.js'
import { checkedIndices } from './indices.js'
import { type Handle, type Session, withSession } from './session.js'

/** Returns the least place in the ring of each place. */
function labelsOfRings(next: Int32Array): Int32Array {
  const labels = new Int32Array(next.length).fill(-1)
  for (let start = 0; start < next.length; start++) {
    for (let place = start; labels[place] < 0; place = next[place]) labels[place] = start
  }
  return labels
}

export const crossEntropy: OpKernels['crossEntropy'] = (
  backend,
  { scores, offsets, next },
  weights,
) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const n = scores.shape[0] as number
    let x = session.take(scores)
    if (offsets) x = math.add(x, session.reshape(session.take(offsets), [1, n]))
    const identity = identityMatrix(session, n)
    const own = math.rowDots(x, identity)
    const isOther = isOtherLabel(session, next, n)
    const isOwn = session.op('Greater', { T: 'float32' }, identity, session.fixed(0))
    const counts = session.op('LogicalOr', {}, isOther, isOwn)
    const none = session.fixed(Number.NEGATIVE_INFINITY)
    const counted = session.op('SelectV2', { T: 'float32' }, counts, x, none)
    const most = math.rowMaxima(counted)
    const exponentials = session.op('Exp', { T: 'float32' }, math.subtract(counted, most))
    const sums = math.rowSums(exponentials)
    const losses = math.add(math.subtract(most, own), session.op('Log', { T: 'float32' }, sums))
    session.assign(weights, math.subtract(math.divide(exponentials, sums), identity))
    return session.give(session.reshape(losses, [n]))
  })

function identityMatrix(session: Session, n: number): Handle {
  const ones = session.op(
    'Fill',
    { T: 'float32', index_type: 'int32' },
    session.integers(n),
    session.fixed(1),
  )
  return session.op('MatrixDiag', { T: 'float32' }, ones)
}

/** Returns true for each place whose column has another label than its row, bool [n, n]. */
function isOtherLabel(session: Session, next: TensorInfo, n: number): Handle {
  const labels = labelsOfRings(session.integersOf(next))
  const column = session.constant(labels, [n, 1], 'int32')
  const row = session.constant(labels, [1, n], 'int32')
  return session.op('NotEqual', { T: 'int32', incompatible_shape_error: true }, column, row)
}

/** Gathers the rows of users, positives and negatives, each [B, d]. */
function sampledRows(session: Session, math: Arithmetic, samples: PairwiseSamples) {
  const rows = (table: TensorInfo, indices: TensorInfo) => {
    const checked = checkedIndices(session, indices, table.shape[0] as number)
    return math.gather(session.take(table), checked)
  }
  return {
    user: rows(samples.users, samples.userRows),
    positive: rows(samples.items, samples.positives),
    negative: rows(samples.items, samples.negatives),
  }
}

export const pairwiseMargins: OpKernels['pairwiseMargins'] = (backend, samples) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const { user, positive, negative } = sampledRows(session, math, samples)
    const count = samples.userRows.shape[0] as number
    const margins = math.rowDots(user, math.subtract(negative, positive))
    const squares = [user, positive, negative]
      .map((rows) => math.rowDots(rows, rows))
      .reduce((sum, next) => math.add(sum, next))
    return [margins, squares].map((found) => session.give(session.reshape(found, [count])))
  })

export const pairwiseGradient: OpKernels['pairwiseGradient'] = (backend, samples, outer, side) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const { user, positive, negative } = sampledRows(session, math, samples)
    const count = samples.userRows.shape[0] as number
    const column = (tensor: TensorInfo) => session.reshape(session.take(tensor), [count, 1])
    const slopes = column(outer.slopes)
    const weights = math.scale(column(outer.weights), 2)
    const rows = samples[side].shape[0] as number
    if (side === 'users') {
      const difference = math.multiply(slopes, math.subtract(negative, positive))
      const gradient = math.add(difference, math.multiply(weights, user))
      return session.give(math.scatterAdd(gradient, session.take(samples.userRows), rows))
    }
    const pull = math.multiply(slopes, user)
    const dPositive = math.subtract(math.multiply(weights, positive), pull)
    const dNegative = math.add(math.multiply(weights, negative), pull)
    const concatenated = (type: 'float32' | 'int32', a: Handle, b: Handle) =>
      session.op('ConcatV2', { N: 2, T: type, Tidx: 'int32' }, a, b, session.integer(0))
    const places = [samples.positives, samples.negatives].map((tensor) => session.take(tensor))
    const indices = concatenated('int32', places[0], places[1])
    const gradients = concatenated('float32', dPositive, dNegative)
    return session.give(math.scatterAdd(gradients, indices, rows))
  })
