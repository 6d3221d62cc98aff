import type { TensorInfo } from '@tensorflow/tfjs-core'
import { checkIndices } from '../../checks.js'
import type { Handle, Session } from './session.js'

/**
 * Checks that int32 indices are all in 0..count-1. TensorFlow checks them on a CPU only; on a GPU a wrong
 * one reads zeros. The numbers are in the CPU's memory anyway.
 *
 * @throws InvalidOptionsError when an index is out of range
 */
export function checkedIndices(session: Session, indices: TensorInfo, count: number): Handle {
  checkIndices(session.integersOf(indices), count)
  return session.take(indices)
}

/** Replaces indices outside of 0..count-1 by -1, which TensorFlow drops. */
export function indicesOrNone(session: Session, indices: TensorInfo, count: number): Handle {
  const given = session.integersOf(indices)
  if (given.every((index) => index < count)) return session.take(indices)
  const kept = given.map((index) => (index < count ? index : -1))
  return session.constant(kept, indices.shape, 'int32')
}
