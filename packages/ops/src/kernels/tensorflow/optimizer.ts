import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import type { AdamStep, OpKernels } from '../kernel-interface.js'
import { Arithmetic } from './arithmetic.js'
import { type Handle, type Session, withSession } from './session.js'

/** Computes Σ x² in double precision, in TensorFlow's order. */
export const squaredNorm: OpKernels['squaredNorm'] = (backend, x) =>
  withSession(backend, (session) => {
    const double = session.op('Cast', { SrcT: 'float32', DstT: 'float64' }, session.take(x))
    const squares = session.op('Square', { T: 'float64' }, double)
    const axes = Int32Array.from(x.shape, (_, axis) => axis)
    const sum = session.op(
      'Sum',
      { T: 'float64', Tidx: 'int32', keep_dims: false },
      squares,
      session.constant(axes, [axes.length], 'int32'),
    )
    // The binding cannot read float64, so the sum is read as two int32.
    const halves = session.op('Bitcast', { T: 'float64', type: 'int32' }, sum)
    const [low, high] = session.read(halves) as Int32Array
    const bytes = new DataView(new ArrayBuffer(8))
    bytes.setInt32(0, low, true)
    bytes.setInt32(4, high, true)
    return bytes.getFloat64(0, true)
  })

/** New values of a parameter and of its moments; formulas in `optimizer-ops.ts`. */
function adamValues(
  session: Session,
  math: Arithmetic,
  [x, gradient, m, v]: readonly [Handle, Handle, Handle, Handle],
  { gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon }: AdamStep,
): [Handle, Handle, Handle] {
  const times = (value: Handle, factor: number) =>
    factor === 1 ? value : math.multiply(value, session.scalar(factor))
  const g = times(gradient, gradientScale)
  const first = math.add(math.scale(m, beta1), math.scale(g, 1 - beta1))
  const second = math.add(math.scale(v, beta2), math.scale(math.multiply(g, g), 1 - beta2))
  const roots = times(math.root(second), inverseRoot)
  const divisor = math.add(roots, session.fixed(epsilon))
  const change = math.divide(times(first, stepSize), divisor)
  return [math.subtract(x, change), first, second]
}

/** Replaces all three tensors or, when anything fails, none. */
function apply(
  backend: KernelBackend,
  tensors: readonly [TensorInfo, TensorInfo, TensorInfo, TensorInfo],
  step: AdamStep,
  select: (session: Session, updated: Handle, old: Handle, gradient: Handle) => Handle,
): void {
  withSession(backend, (session) => {
    const [x, , m, v] = tensors
    const taken = tensors.map((tensor) => session.take(tensor)) as [Handle, Handle, Handle, Handle]
    const updated = adamValues(session, new Arithmetic(session), taken, step)
    const old = [taken[0], taken[2], taken[3]]
    const chosen = updated.map((value, place) => select(session, value, old[place], taken[1]))
    for (const [place, target] of [x, m, v].entries()) session.assign(target, chosen[place])
  })
}

export const adam: OpKernels['adam'] = (backend, x, gradient, m, v, step) =>
  apply(backend, [x, gradient, m, v], step, (_session, updated) => updated)

export const rowAdam: OpKernels['rowAdam'] = (backend, x, gradient, m, v, step) =>
  apply(backend, [x, gradient, m, v], step, (session, updated, old, dx) => {
    const isOther = session.op(
      'NotEqual',
      { T: 'float32', incompatible_shape_error: true },
      dx,
      session.fixed(0),
    )
    // A vector's rows are its numbers.
    const axes = dx.shape.slice(1).map((_, place) => place + 1)
    const isTouched = session.op(
      'Any',
      { Tidx: 'int32', keep_dims: true },
      isOther,
      session.constant(Int32Array.from(axes), [axes.length], 'int32'),
    )
    return session.op('SelectV2', { T: 'float32' }, isTouched, updated, old)
  })
