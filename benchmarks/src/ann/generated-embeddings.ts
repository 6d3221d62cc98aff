import { IdMap, type InteractionLists, Rng } from '@gnnrec/graph'
import { EmbeddingRecommender } from '@gnnrec/serving'

/** Items that each generated user has seen. */
const seenPerUser = 50
/** Number of dimensions after which the deviation of the numbers falls to 1/e, as in trained embeddings. */
const decay = 20
/** Deviation of the logarithm of the lengths: the longest of a million items is ten times the median. */
const lengthDeviation = 0.5

/**
 * Makes a recommender by generated embeddings. The numbers of a row are normal with deviations that fall along the
 * dimensions, and lengths of items are log-normal, as those of rare and popular items.
 */
export function generatedEmbeddings(
  sizes: { readonly users: number; readonly items: number; readonly dim: number },
  seed: number,
): EmbeddingRecommender<number, number> {
  const { users, items, dim } = sizes
  const rng = Rng.fromSeed(seed)
  const deviations = Float64Array.from({ length: dim }, (_, d) => Math.exp(-d / decay))
  const rowsOf = (count: number, name: string, lengthOf: (() => number) | undefined) => {
    const own = rng.fork(name)
    const rows = new Float32Array(count * dim)
    own.fillNormal(rows, 1)
    for (let start = 0; start < rows.length; start += dim) {
      let squares = 0
      for (let d = 0; d < dim; d++) {
        rows[start + d] *= deviations[d]
        squares += rows[start + d] ** 2
      }
      const factor = lengthOf ? lengthOf() / Math.sqrt(squares) : 1
      for (let d = 0; d < dim; d++) rows[start + d] *= factor
    }
    return rows
  }
  const lengths = rng.fork('lengths')
  return new EmbeddingRecommender<number, number>({
    users: idsTo(users),
    items: idsTo(items),
    seen: seenItems(users, items, rng.fork('seen')),
    embeddingDim: dim,
    userEmbeddings: rowsOf(users, 'users', undefined),
    itemEmbeddings: rowsOf(items, 'items', () => Math.exp(lengthDeviation * lengths.normal())),
    copy: false,
    coldStart: 'model',
  })
}

function idsTo(count: number): IdMap<number> {
  return IdMap.from(Array.from({ length: count }, (_, id) => id))
}

function seenItems(users: number, items: number, rng: Rng): InteractionLists {
  const pointers = new Int32Array(users + 1)
  const all: number[] = []
  for (let user = 0; user < users; user++) {
    const own = new Set(Array.from({ length: seenPerUser }, () => rng.integer(items)))
    all.push(...[...own].sort((a, b) => a - b))
    pointers[user + 1] = all.length
  }
  return { pointers, items: Int32Array.from(all) }
}
