import { GnnRecError, type InteractionLists, SparseMatrix } from '@gnnrec/graph'
import { type Counts, type TensorType, tensorsProblem } from './check-tensors.js'
import type { ModelKind, ScoreDefinition } from './model-json.js'
import type { TensorMap } from './safetensors.js'

/** Returns what does not fit in the tensors for answering, or undefined when all fits. */
export function servingProblem(
  kind: ModelKind,
  counts: Counts,
  score: ScoreDefinition,
  serving: TensorMap,
): string | undefined {
  const { embeddingDim } = counts
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
  const problem = tensorsProblem(expected, serving)
  if (problem) return problem
  if (!('rowPointers' in expected)) return undefined
  return sparseProblem(kind === 'user-similarity' ? counts.users : counts.items, serving)
}

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

/** Returns what is wrong with the numbers of training users of the items, or undefined when all fits. */
export function popularityProblem(
  popularity: Float32Array | undefined,
  items: number,
): string | undefined {
  if (!popularity) return undefined
  if (popularity.length !== items) {
    return `'popularity' has ${popularity.length} numbers; expected one for each of ${items} items`
  }
  const wrong = popularity.findIndex((count) => !(count >= 0 && count < Number.POSITIVE_INFINITY))
  if (wrong === -1) return undefined
  return `'popularity' has ${popularity[wrong]} at place ${wrong}; expected finite numbers from 0 up`
}
