import type { OpKernels, RefinedBlock } from '../kernel-interface.js'
import { Arithmetic } from './arithmetic.js'
import { type Handle, type Session, withSession } from './session.js'
import { product } from './sparse-product.js'

const slice = { T: 'float32', Index: 'int32' } as const
/** Takes a slice from one place to another, in every axis. */
const plainSlice = {
  begin_mask: 0,
  end_mask: 0,
  ellipsis_mask: 0,
  new_axis_mask: 0,
  shrink_axis_mask: 0,
} as const

/** The sums that the cosine of two rows and its gradient need, each [n, 1]. */
function cosineParts(session: Session, math: Arithmetic, y: Handle, e: Handle, floor: number) {
  const squaredY = math.rowDots(y, y)
  const squaredE = math.rowDots(e, e)
  const norms = math.multiply(math.root(squaredY), math.root(squaredE))
  const divisor = math.maximum(norms, session.fixed(floor))
  const cosine = math.divide(math.rowDots(y, e), divisor)
  return { squaredY, squaredE, norms, divisor, cosine }
}

export const cosineRefine: OpKernels['cosineRefine'] = (backend, matrix, x, block, out) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const [rows, columns] = block.e.shape as [number, number]
    const y = product(session, matrix, session.take(x))
    const from = session.integers(block.layer * rows, 0)
    const to = session.integers((block.layer + 1) * rows, columns)
    const products = session.op(
      'TensorStridedSliceUpdate',
      { ...slice, ...plainSlice },
      session.take(block.products),
      from,
      to,
      session.integers(1, 1),
      y,
    )
    const { cosine } = cosineParts(session, math, y, session.take(block.e), block.floor)
    const refined = math.multiply(cosine, y)
    const before = out.before && session.take(out.before)
    const sum = before
      ? math.add(before, refined)
      : session.op('Identity', { T: 'float32' }, refined)
    session.assign(block.products as typeof x, products)
    if (out.refined) session.assign(out.refined, refined)
    session.assign(out.sum, sum)
  })

export const cosineRefineGradient: OpKernels['cosineRefineGradient'] = (
  backend,
  block,
  dSum,
  out,
  next,
) =>
  withSession(backend, (session) => {
    const math = new Arithmetic(session)
    const e = session.take(block.e)
    const y = productsOf(session, block)
    let d = session.take(dSum)
    if (next) d = math.add(product(session, next.matrix, session.take(next.x)), d)
    const parts = cosineParts(session, math, y, e, block.floor)
    const { squaredY, squaredE, norms, divisor, cosine } = parts
    const through = math.rowDots(d, y)
    const isAbove = session.op('Greater', { T: 'float32' }, norms, session.fixed(block.floor))
    const zero = session.fixed(0)
    const share = (squares: Handle) =>
      session.op('SelectV2', { T: 'float32' }, isAbove, math.divide(cosine, squares), zero)
    const towards = (a: Handle, b: Handle, shareOfB: Handle) =>
      math.multiply(through, math.subtract(math.divide(a, divisor), math.multiply(shareOfB, b)))
    const dProducts = math.add(math.multiply(cosine, d), towards(e, y, share(squaredY)))
    const added = towards(y, e, share(squaredE))
    const dE = next ? math.add(session.take(out.dE), added) : added
    session.assign(out.dProducts, dProducts)
    session.assign(out.dE, dE)
  })

/** Returns the products of one layer. */
function productsOf(session: Session, block: RefinedBlock): Handle {
  const [rows, columns] = block.e.shape as [number, number]
  const from = session.integers(block.layer * rows, 0)
  return session.op(
    'Slice',
    slice,
    session.take(block.products),
    from,
    session.integers(rows, columns),
  )
}
