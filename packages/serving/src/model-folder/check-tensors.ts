import { type HostTensor, sizeOf, type TensorMap } from './safetensors.js'

/** The sizes of a model. */
export interface Counts {
  readonly users: number
  readonly items: number
  readonly embeddingDim?: number | undefined
}

/** The type and the shape that a tensor is to have. */
export type TensorType = readonly [
  type: typeof Float32Array | typeof Int32Array,
  shape: readonly (number | undefined)[],
]

/** Returns what is wrong with tensors, or undefined when they are the expected ones. */
export function tensorsProblem(
  expected: Readonly<Record<string, TensorType>>,
  tensors: TensorMap,
): string | undefined {
  for (const [name, [type, shape]] of Object.entries(expected)) {
    const problem = tensorProblem(name, tensors.get(name), type, shape)
    if (problem) return problem
  }
  const surplus = [...tensors.keys()].find((name) => !Object.hasOwn(expected, name))
  return surplus === undefined ? undefined : `tensor '${surplus}' is not expected`
}

/** Returns what is wrong with a tensor, or undefined when it has the expected type and shape, and as many numbers. */
export function tensorProblem(
  name: string,
  tensor: HostTensor | undefined,
  type: typeof Float32Array | typeof Int32Array,
  shape?: readonly (number | undefined)[],
): string | undefined {
  if (!tensor) return `tensor '${name}' is missing`
  if (!(tensor.data instanceof type)) {
    return `tensor '${name}' is a ${tensor.data.constructor.name}; expected a ${type.name}`
  }
  if (shape && String(tensor.shape) !== String(shape)) {
    return `tensor '${name}' has the shape [${tensor.shape}]; expected [${shape}]`
  }
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    return `tensor '${name}' has ${tensor.data.length} elements; its shape [${tensor.shape}] needs ${sizeOf(tensor.shape)}`
  }
  return undefined
}
