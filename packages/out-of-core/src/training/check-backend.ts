import { InvalidOptionsError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'

/** @throws InvalidOptionsError when another backend than `simd` is active, also in the middle of a training */
export function checkBackend(): void {
  if (tf.getBackend() === 'simd') return
  throw new InvalidOptionsError(
    `Got the active backend '${tf.getBackend()}'; blocks are in the memory of 'simd': call useBackend('simd') and leave it until training has ended.`,
  )
}
