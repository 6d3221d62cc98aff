import { type IdMap, InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { EmbeddingModel, type GraphModel } from '@gnnrec/models'
import type { HostTensor } from '@gnnrec/serving/model-folder'

/** The index of each node of a model in an earlier one, or -1 for a new node. */
type EarlierIndices = Int32Array

/** Names of the tables with a row for each node of one kind. */
const userTables = ['userEmbeddings']
const itemTables = ['itemEmbeddings', 'itemBias']

/**
 * Starts a model from the vectors of an earlier one: the rows of users and items by their ids, and all other tensors
 * as they are. The row of a new user or item becomes the mean of the rows of its neighbours in the graph, stretched to
 * the mean length of the rows that were taken over on its own side. Without such neighbours it stays at random.
 *
 * @throws InvalidOptionsError when the models have no vectors of users and items, or differ in architecture
 * @throws ShapeMismatchError when the shapes of their tensors differ, as with another `embeddingDim`
 */
export async function takeOverVectors(model: GraphModel, from: GraphModel): Promise<void> {
  if (model.architecture !== from.architecture || !(model instanceof EmbeddingModel)) {
    const problem =
      model.architecture === from.architecture
        ? 'a model without vectors of its users and items'
        : `a model of the architecture '${from.architecture}'`
    throw new InvalidOptionsError(
      `from: got ${problem}; a ${model.architecture} cannot start from it. Leave out from.`,
    )
  }
  const { graph } = model
  const users = earlierIndices(graph.users, from.graph.users)
  const items = earlierIndices(graph.items, from.graph.items)
  const weights = await model.weights()
  const earlier = await from.weights()
  const started = new Map(
    [...weights].map(([name, own]) => {
      const old = earlier.get(name)
      if (old && userTables.includes(name)) return [name, rowsById(name, own, old, users)]
      if (old && itemTables.includes(name)) return [name, rowsById(name, own, old, items)]
      if (!old || String(old.shape) !== String(own.shape)) throw mismatch(name, own, old)
      return [name, old]
    }),
  )
  const [userRows, itemRows] = [started.get('userEmbeddings'), started.get('itemEmbeddings')]
  if (userRows && itemRows) {
    const { pointers, items: itemOf } = graph.interactions
    const pairs: [user: number, item: number][] = []
    for (let user = 0; user < graph.userCount; user++) {
      for (let at = pointers[user]; at < pointers[user + 1]; at++) pairs.push([user, itemOf[at]])
    }
    // Both are computed before either is changed, so that vectors that are made are not built on.
    const newUsers = means(userRows, users, itemRows, items, pairs)
    const reversed = pairs.map(([user, item]): [number, number] => [item, user])
    const newItems = means(itemRows, items, userRows, users, reversed)
    started.set('userEmbeddings', newUsers)
    started.set('itemEmbeddings', newItems)
  }
  model.restoreWeights(started)
}

function earlierIndices(now: IdMap, before: IdMap): EarlierIndices {
  return Int32Array.from({ length: now.size }, (_, index) => {
    const id = now.idOf(index)
    return now.type === before.type && before.has(id) ? before.indexOf(id) : -1
  })
}

function rowsById(
  name: string,
  own: HostTensor,
  old: HostTensor,
  earlier: EarlierIndices,
): HostTensor {
  if (String(own.shape.slice(1)) !== String(old.shape.slice(1))) throw mismatch(name, own, old)
  const width = own.data.length / earlier.length
  const data = Float32Array.from(own.data)
  earlier.forEach((index, row) => {
    if (index >= 0) data.set(old.data.subarray(index * width, (index + 1) * width), row * width)
  })
  return { shape: own.shape, data }
}

/** Returns a table whose new rows are means of the rows of earlier neighbours. */
function means(
  own: HostTensor,
  earlier: EarlierIndices,
  others: HostTensor,
  otherEarlier: EarlierIndices,
  pairs: readonly (readonly [row: number, neighbour: number])[],
): HostTensor {
  const width = own.data.length / Math.max(1, earlier.length)
  const sums = new Float64Array(own.data.length)
  for (const [row, neighbour] of pairs) {
    if (earlier[row] >= 0 || otherEarlier[neighbour] < 0) continue
    for (let at = 0; at < width; at++) sums[row * width + at] += others.data[neighbour * width + at]
  }
  const lengthOf = (values: ArrayLike<number>, row: number) => {
    let squares = 0
    for (let at = row * width; at < (row + 1) * width; at++) squares += values[at] ** 2
    return Math.sqrt(squares)
  }
  let total = 0
  let known = 0
  earlier.forEach((index, row) => {
    if (index < 0) return
    total += lengthOf(own.data, row)
    known++
  })
  const data = Float32Array.from(own.data)
  earlier.forEach((index, row) => {
    const length = lengthOf(sums, row)
    if (index >= 0 || length === 0 || known === 0) return
    const factor = total / known / length
    for (let at = row * width; at < (row + 1) * width; at++) data[at] = sums[at] * factor
  })
  return { shape: own.shape, data }
}

function mismatch(name: string, own: HostTensor, old: HostTensor | undefined): ShapeMismatchError {
  const got = old ? `the shape [${old.shape}]` : 'no such tensor'
  return new ShapeMismatchError(
    `from: '${name}' has ${got} there and [${own.shape}] here; give the model the options of the earlier one.`,
  )
}
