import type { InteractionLists } from '@gnnrec/graph'
import type { ModelKind } from './model-json.js'
import type { HostTensor, TensorMap } from './safetensors.js'

interface Counts {
  readonly users: number
  readonly items: number
  readonly embeddingDim?: number | undefined
}

/** What does not fit in the tensors that answer, or undefined when all fits. */
export function servingProblem(
  kind: ModelKind,
  counts: Counts,
  itemBias: boolean,
  serving: TensorMap,
): string | undefined {
  const expected = new Map<string, readonly number[]>()
  if (kind === 'popularity') {
    expected.set('scores', [counts.items])
  } else {
    const { embeddingDim } = counts
    if (embeddingDim === undefined) return `embeddings need 'embeddingDim' among the counts`
    expected.set('users', [counts.users, embeddingDim]).set('items', [counts.items, embeddingDim])
    if (itemBias) expected.set('itemBias', [counts.items])
  }
  for (const [name, shape] of expected) {
    const problem = tensorProblem(name, serving.get(name), Float32Array, shape)
    if (problem) return problem
  }
  const surplus = [...serving.keys()].find((name) => !expected.has(name))
  return surplus === undefined ? undefined : `tensor '${surplus}' is not expected`
}

/** What does not fit in the seen items, or undefined when all fits. */
export function seenProblem(
  { pointers, items }: InteractionLists,
  counts: Counts,
): string | undefined {
  if (pointers.length !== counts.users + 1) {
    return `'pointers' has ${pointers.length} entries; ${counts.users} users need ${counts.users + 1}`
  }
  if (pointers[0] !== 0 || pointers[counts.users] !== items.length) {
    return `'pointers' runs from ${pointers[0]} to ${pointers[counts.users]}; expected 0 to ${items.length}`
  }
  for (let user = 0; user < counts.users; user++) {
    if (pointers[user + 1] < pointers[user]) return `'pointers' descends after user index ${user}`
    for (let p = pointers[user]; p < pointers[user + 1]; p++) {
      const item = items[p]
      if (item < 0 || item >= counts.items) {
        return `user index ${user} has the item index ${item}; expected 0..${counts.items - 1}`
      }
      if (p > pointers[user] && items[p - 1] >= item) {
        return `the items of user index ${user} are not ascending and distinct`
      }
    }
  }
  return undefined
}

/** What is wrong with one tensor, or undefined when it has the type and shape expected. */
export function tensorProblem(
  name: string,
  tensor: HostTensor | undefined,
  type: typeof Float32Array | typeof Int32Array,
  shape?: readonly number[],
): string | undefined {
  if (!tensor) return `tensor '${name}' is missing`
  if (!(tensor.data instanceof type)) {
    return `tensor '${name}' is a ${tensor.data.constructor.name}; expected a ${type.name}`
  }
  if (shape && String(tensor.shape) !== String(shape)) {
    return `tensor '${name}' has the shape [${tensor.shape}]; expected [${shape}]`
  }
  return undefined
}
