import * as tf from '@tensorflow/tfjs-core'

/**
 * Frees what a gradient that failed had put aside for its way back: TensorFlow.js lets go of that at the end
 * of the way only.
 */
export function releaseTape(): void {
  const { state } = tf.engine()
  // Within another gradient the tape is not ours.
  if (state.gradientDepth > 0) return
  const tape: typeof state.activeTape | null = state.activeTape
  for (const { saved } of tape ?? []) tf.dispose(saved ?? [])
  state.activeTape = []
}
