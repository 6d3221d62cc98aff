import type { KernelBackend, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { OpKernels } from './kernel-interface.js'
import { activeKernels } from './op-kernels.js'

/** A differentiable operator, written once for all backends. */
export interface OpDefinition<Attributes extends object> {
  /** Name in TensorFlow.js's registry. */
  readonly name: string
  /** Names of the inputs that the gradient needs. */
  readonly inputsToSave?: readonly string[]
  /** Computes the outputs. */
  forward(
    kernels: OpKernels,
    backend: KernelBackend,
    inputs: Readonly<Record<string, TensorInfo>>,
    attributes: Attributes,
  ): TensorInfo | TensorInfo[]
  /** Returns gradients by input name. They must be new tensors, as TensorFlow.js disposes of what it sums. */
  gradient(
    outputGradients: readonly Tensor[],
    saved: readonly Tensor[],
    attributes: Attributes,
  ): Record<string, () => Tensor>
}

/** Makes a function of an operator. Its kernel is registered for a backend at the first use there. */
export function defineOp<Attributes extends object>(
  definition: OpDefinition<Attributes>,
): (inputs: Record<string, Tensor>, attributes: Attributes) => Tensor[] {
  const registered = new Set<string>()
  const { name } = definition
  return (inputs, attributes) => {
    const kernels = activeKernels()
    const backendName = tf.getBackend()
    if (!registered.has(backendName)) {
      if (registered.size === 0) registerGradient(definition)
      // Another copy of the package, of the same version, may have registered the operator.
      if (!tf.getKernel(name, backendName)) {
        tf.registerKernel({
          kernelName: name,
          backendName,
          kernelFunc: ({ inputs: given, backend, attrs }) =>
            definition.forward(
              kernels,
              backend as KernelBackend,
              given as Record<string, TensorInfo>,
              attrs as unknown as Attributes,
            ),
        })
      }
      registered.add(backendName)
    }
    // TensorFlow.js passes attributes on unread, so they may hold a sparse matrix.
    const result = tf.engine().runKernel(name, inputs, attributes as unknown as NamedAttrMap)
    return Array.isArray(result) ? result : [result as Tensor]
  }
}

function registerGradient<Attributes extends object>(definition: OpDefinition<Attributes>): void {
  if (tf.getGradient(definition.name)) return
  tf.registerGradient({
    kernelName: definition.name,
    inputsToSave: [...(definition.inputsToSave ?? [])],
    gradFunc: (dy, saved, attrs) =>
      definition.gradient(Array.isArray(dy) ? dy : [dy], saved, attrs as unknown as Attributes),
  })
}
