import * as tf from '@tensorflow/tfjs-core'

/**
 * Frees the tensors that a failed gradient kept for its backward pass. TensorFlow.js frees them only at the end of
 * the pass.
 */
export function releaseTape(): void {
  const { state } = tf.engine()
  // Within another gradient the tape belongs to that one.
  if (state.gradientDepth > 0) return
  const tape: typeof state.activeTape | null = state.activeTape
  for (const { saved } of tape ?? []) tf.dispose(saved ?? [])
  state.activeTape = []
}
