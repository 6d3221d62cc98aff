// As tfjs-node-gpu where it finds no GPU: registers its backend and makes it the active one.
import * as tf from '@tensorflow/tfjs-core'

class FakeBackend extends tf.KernelBackend {
  isUsingGpuDevice = false
  memory() {
    return { unreliable: true }
  }
}

tf.registerBackend('tensorflow', () => new FakeBackend(), 3)
await tf.setBackend('tensorflow')
export const Tensor = tf.Tensor
export const version = { 'tfjs-core': tf.version_core }
