import { IdMap, type InteractionLists, Rng, SparseMatrix } from '@gnnrec/graph'
import {
  EmbeddingRecommender,
  type EmbeddingRecommenderOptions,
  ItemSimilarityRecommender,
  PopularityRecommender,
  type Recommender,
  SpectralFilterRecommender,
  UserSimilarityRecommender,
} from '@gnnrec/serving'

/** Sizes of generated recommenders. */
export interface RecommenderSizes {
  readonly users: number
  readonly items: number
  readonly embeddingDim: number
  /** Items of each history, and neighbours of each item and user. */
  readonly length: number
}

type FoldInOptions = Pick<EmbeddingRecommenderOptions, 'foldIn' | 'foldInTensors'>

/** A generated recommender of every kind, by name, each made when it is asked for. */
export function madeRecommenders(
  sizes: RecommenderSizes,
  seed: number,
): Readonly<Record<string, () => Recommender<number, number>>> {
  const { users, items, embeddingDim, length } = sizes
  const rng = Rng.fromSeed(seed).fork('latency')
  const floats = (name: string, count: number) => {
    const values = new Float32Array(count)
    rng.fork(name).fillNormal(values, 0.3)
    return values
  }
  const parts = {
    users: IdMap.from(Array.from({ length: users }, (_, user) => user)),
    items: IdMap.from(Array.from({ length: items }, (_, item) => item)),
    seen: drawnLists(users, items, length, rng.fork('seen')),
  }
  const tensor = (name: string, shape: readonly number[]) => {
    const data = floats(
      name,
      shape.reduce((product, side) => product * side, 1),
    )
    return [name, { shape: [...shape], data }] as const
  }
  const embeddings = (way: FoldInOptions) => () =>
    new EmbeddingRecommender({
      ...parts,
      embeddingDim,
      userEmbeddings: floats('users', users * embeddingDim),
      itemEmbeddings: floats('items', items * embeddingDim),
      ...way,
    })
  const layers = 3
  const table = [items, embeddingDim]
  const neighbours = (count: number) => {
    const { pointers, items: columnIndices } = drawnLists(count, count, length, rng.fork('weights'))
    const values = floats('weights', columnIndices.length)
    const rows = { rows: count, columns: count, rowPointers: pointers, columnIndices, values }
    return SparseMatrix.fromCsr(rows)
  }
  return {
    'embeddings, one step of propagation': embeddings({
      foldIn: { convention: 'propagated', regularization: 0 },
      foldInTensors: new Map([tensor('items', table)]),
    }),
    'embeddings, three layers with maps': embeddings({
      foldIn: {
        convention: 'layered',
        neighbourShare: 0.9,
        activation: 'relu',
        layerResidual: false,
      },
      foldInTensors: new Map([
        tensor('items', [layers, ...table]),
        tensor('maps', [layers, embeddingDim, embeddingDim]),
      ]),
    }),
    'embeddings, least squares': embeddings({
      foldIn: {
        convention: 'rendle',
        unobservedWeight: 0.1,
        l2Weight: 0.003,
        regularizationExponent: 1,
      },
    }),
    'embeddings, pairs': embeddings({ foldIn: { convention: 'pairwise', l2Weight: 0.01 } }),
    'item-item weights': () =>
      new ItemSimilarityRecommender({ ...parts, weights: neighbours(items) }),
    'similar users': () =>
      new UserSimilarityRecommender({
        ...parts,
        similarities: neighbours(users),
        neighbours: length,
        shrinkage: 0,
      }),
    'linear filter': () => new SpectralFilterRecommender({ ...parts, polynomial: [0.5, -0.5] }),
    popularity: () => new PopularityRecommender({ ...parts, scores: floats('scores', items) }),
  }
}

/** Draws ascending, distinct items for each row, as many for each. */
function drawnLists(rows: number, items: number, length: number, rng: Rng): InteractionLists {
  const drawn = new Int32Array(rows * length)
  for (let row = 0; row < rows; row++) {
    const some = new Set<number>()
    while (some.size < length) some.add(rng.integer(items))
    drawn.set(Int32Array.from(some).sort(), row * length)
  }
  return { pointers: Int32Array.from({ length: rows + 1 }, (_, row) => row * length), items: drawn }
}
