import type { KernelBackend, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { OpKernels } from './kernel-interface.js'
import { activeKernels } from './op-kernels.js'

/** A differentiable operator, written once for all backends. */
export interface OpDefinition<Attributes extends object> {
  /** Name in TensorFlow.js's registry. */
  readonly name: string
  /** Which inputs the gradient needs. */
  readonly inputsToSave?: readonly string[]
  forward(
    kernels: OpKernels,
    backend: KernelBackend,
    inputs: Readonly<Record<string, TensorInfo>>,
    attributes: Attributes,
  ): TensorInfo | TensorInfo[]
  /** Gradients by input name. They must be tensors of their own: tfjs disposes what it sums. */
  gradient(
    outputGradients: readonly Tensor[],
    saved: readonly Tensor[],
    attributes: Attributes,
  ): Record<string, () => Tensor>
}

/** Makes an operator callable; its kernel is registered for a backend when it is first used there. */
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
      registered.add(backendName)
    }
    // tfjs hands attributes through unread, so they may hold a sparse matrix.
    const result = tf.engine().runKernel(name, inputs, attributes as unknown as NamedAttrMap)
    return Array.isArray(result) ? result : [result as Tensor]
  }
}

function registerGradient<Attributes extends object>(definition: OpDefinition<Attributes>): void {
  tf.registerGradient({
    kernelName: definition.name,
    inputsToSave: [...(definition.inputsToSave ?? [])],
    gradFunc: (dy, saved, attrs) =>
      definition.gradient(Array.isArray(dy) ? dy : [dy], saved, attrs as unknown as Attributes),
  })
}
