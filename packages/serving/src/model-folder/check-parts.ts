import { GnnRecError, type InteractionLists, SparseMatrix, sizeLimits } from '@gnnrec/graph'
import type { ModelKind, ScoreDefinition } from './model-json.js'
import type { HostTensor, TensorMap } from './safetensors.js'

interface Counts {
  readonly users: number
  readonly items: number
  readonly embeddingDim?: number | undefined
}

/** Returns what does not fit in the tensors for answering, or undefined when all fits. */
export function servingProblem(
  kind: ModelKind,
  counts: Counts,
  score: ScoreDefinition,
  serving: TensorMap,
): string | undefined {
  const { embeddingDim } = counts
  const { itemBias, foldIn, similarity, scale } = score
  if (foldIn && (kind !== 'embeddings' || similarity !== 'dot' || scale !== 1 || itemBias)) {
    return `'foldIn' is for embeddings whose score is their plain dot product`
  }
  if (foldIn && embeddingDim !== undefined && embeddingDim > sizeLimits.foldInDim) {
    return `'foldIn' is for embeddings of up to ${sizeLimits.foldInDim} numbers, not ${embeddingDim}`
  }
  if (kind === 'embeddings' && embeddingDim === undefined) {
    return `embeddings need 'embeddingDim' among the counts`
  }
  if ((kind === 'user-similarity') !== (score.userSimilarity !== undefined)) {
    return `'score.userSimilarity' belongs to user-similarity, where it must not be missing`
  }
  if ((kind === 'spectral-filter') !== (score.filter !== undefined)) {
    return score.filter ? `'filter' does not belong to ${kind}` : `'filter' is missing in 'score'`
  }
  const rank = serving.get('vectors')?.shape[1]
  if (score.filter?.ideal && (counts.items === 0 || rank === 0)) {
    return `'filter.ideal' needs at least one item and one singular vector`
  }
  const expected = expectedTensors(kind, counts, score, serving)
  for (const [name, [type, shape]] of Object.entries(expected)) {
    const problem = tensorProblem(name, serving.get(name), type, shape)
    if (problem) return problem
  }
  const surplus = [...serving.keys()].find((name) => !Object.hasOwn(expected, name))
  if (surplus !== undefined) return `tensor '${surplus}' is not expected`
  if (!('rowPointers' in expected)) return undefined
  return sparseProblem(kind === 'user-similarity' ? counts.users : counts.items, serving)
}

type TensorType = readonly [
  type: typeof Float32Array | typeof Int32Array,
  shape: readonly (number | undefined)[],
]

function expectedTensors(
  kind: ModelKind,
  { users, items, embeddingDim }: Counts,
  { itemBias, filter }: ScoreDefinition,
  serving: TensorMap,
): Readonly<Record<string, TensorType>> {
  switch (kind) {
    case 'embeddings':
      return {
        users: [Float32Array, [users, embeddingDim]],
        items: [Float32Array, [items, embeddingDim]],
        ...(itemBias && { itemBias: [Float32Array, [items]] }),
      }
    case 'item-similarity':
      if (serving.has('weights')) return { weights: [Float32Array, [items, items]] }
      return sparseTensors(items, serving)
    case 'user-similarity':
      return sparseTensors(users, serving)
    case 'spectral-filter': {
      const rank = serving.get('vectors')?.shape[1]
      return filter?.ideal ? { vectors: [Float32Array, [items, rank]] } : {}
    }
    case 'popularity':
      return { scores: [Float32Array, [items]] }
    case 'random':
      return { key: [Int32Array, [2]] }
  }
}

/** Returns the tensors of a square matrix in compressed rows. */
function sparseTensors(order: number, serving: TensorMap): Readonly<Record<string, TensorType>> {
  const entries = serving.get('columnIndices')?.data.length
  return {
    rowPointers: [Int32Array, [order + 1]],
    columnIndices: [Int32Array, [entries]],
    values: [Float32Array, [entries]],
  }
}

function sparseProblem(order: number, serving: TensorMap): string | undefined {
  try {
    sparseWeights(order, serving)
    return undefined
  } catch (error) {
    if (error instanceof GnnRecError) return error.message.replace(/\.$/, '')
    throw error
  }
}

/** Makes the square matrix of tensors in compressed rows. */
export function sparseWeights(order: number, serving: TensorMap): SparseMatrix {
  return SparseMatrix.fromCsr({
    rows: order,
    columns: order,
    rowPointers: serving.get('rowPointers')?.data as Int32Array,
    columnIndices: serving.get('columnIndices')?.data as Int32Array,
    values: serving.get('values')?.data as Float32Array,
  })
}

/** Returns what does not fit in the seen items, or undefined when all fits. */
export function seenProblem(
  { pointers, items, weights }: InteractionLists,
  counts: Counts,
): string | undefined {
  if (pointers.length !== counts.users + 1) {
    return `'pointers' has ${pointers.length} entries; ${counts.users} users need ${counts.users + 1}`
  }
  if (pointers[0] !== 0 || pointers[counts.users] !== items.length) {
    return `'pointers' runs from ${pointers[0]} to ${pointers[counts.users]}; expected 0 to ${items.length}`
  }
  // All pointers are checked first, as a list that ends beyond the items must not be walked.
  for (let user = 0; user < counts.users; user++) {
    if (pointers[user + 1] < pointers[user]) return `'pointers' descends after user index ${user}`
  }
  for (let user = 0; user < counts.users; user++) {
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
  if (weights === undefined) return undefined
  if (weights.length !== items.length) {
    return `'weights' has ${weights.length} entries; ${items.length} items need one each`
  }
  const wrong = weights.findIndex((weight) => !(weight > 0 && weight < Number.POSITIVE_INFINITY))
  if (wrong >= 0) {
    return `'weights' has ${weights[wrong]} at place ${wrong}; expected finite numbers above 0`
  }
  return undefined
}

/** Returns what is wrong with a tensor, or undefined when it has the expected type and shape. */
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
  return undefined
}
