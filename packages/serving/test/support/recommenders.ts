import {
  fromRecords,
  type Id,
  type InteractionLists,
  interactionLists,
  Rng,
  SparseMatrix,
} from '@gnnrec/graph'
import fc from 'fast-check'
import {
  EmbeddingRecommender,
  type EmbeddingRecommenderOptions,
  ItemSimilarityRecommender,
  PopularityRecommender,
  RandomRecommender,
  type Recommender,
  SpectralFilterRecommender,
  UserSimilarityRecommender,
} from '../../src/index.js'

/** anna saw a and b, ben saw b, cleo saw c and d. */
const table = fromRecords<string, string>([
  { user: 'anna', item: 'a' },
  { user: 'anna', item: 'b' },
  { user: 'ben', item: 'b' },
  { user: 'cleo', item: 'c' },
  { user: 'cleo', item: 'd' },
])
export const common = { users: table.users, items: table.items, seen: interactionLists(table) }

export const embeddings = {
  ...common,
  embeddingDim: 2,
  userEmbeddings: Float32Array.of(1, 0, 0, 1, 1, 1),
  itemEmbeddings: Float32Array.of(1, 2, 3, 1, 0, 0, 2, 2),
} satisfies EmbeddingRecommenderOptions<string, string>

/** A random model of any kind with up to 6 users and 9 items, and its options. */
export const recommenderArbitrary: fc.Arbitrary<Recommender<number, string>> = fc
  .record({
    userCount: fc.integer({ min: 1, max: 6 }),
    itemCount: fc.integer({ min: 1, max: 9 }),
    embeddingDim: fc.integer({ min: 1, max: 5 }),
    similarity: fc.constantFrom('dot' as const, 'cosine' as const),
    scale: fc.constantFrom(1, -2, 0.1),
    withBias: fc.boolean(),
    isWeighted: fc.boolean(),
    kind: fc.constantFrom(
      'embeddings',
      'popularity',
      'random',
      'dense',
      'sparse',
      'users',
      'filter',
    ),
    // Few distinct values make many ties.
    values: fc.array(fc.constantFrom(-1, 0, 0, 1, 2, 0.1), { minLength: 100, maxLength: 100 }),
    pairs: fc.array(fc.tuple(fc.nat(5), fc.nat(8)), { maxLength: 20 }),
  })
  .map(({ userCount, itemCount, values, pairs, withBias, isWeighted, kind, ...options }) => {
    const everything = fromRecords([
      ...Array.from({ length: userCount }, (_, user) => ({ user: user * 3, item: 'i0' })),
      ...Array.from({ length: itemCount }, (_, item) => ({ user: 0, item: `i${item}` })),
    ])
    const kept = pairs.filter(([user, item]) => user < userCount && item < itemCount)
    const rows = [...kept].sort(([a, x], [b, y]) => a - b || x - y)
    const { users, items } = everything
    const lists = listsOf(rows, userCount)
    const weights = Float32Array.from(lists.items, (_, place) => 0.5 + (place % 3))
    const seen = isWeighted ? { ...lists, weights } : lists
    if (kind === 'popularity') {
      const scores = Float32Array.from(values.slice(0, itemCount))
      return new PopularityRecommender({ users, items, seen, scores })
    }
    if (kind === 'random') {
      return new RandomRecommender({ users, items, seen, rng: Rng.fromSeed(String(values)) })
    }
    if (kind === 'dense' || kind === 'sparse') {
      const dense = Float32Array.from(values.slice(0, itemCount ** 2))
      const ofItems = kind === 'dense' ? dense : sparse(dense, itemCount)
      return new ItemSimilarityRecommender({ users, items, seen, weights: ofItems })
    }
    if (kind === 'users') {
      const similarities = sparse(Float32Array.from(values.slice(0, userCount ** 2)), userCount)
      const settings = { neighbours: options.embeddingDim, shrinkage: 0.1 }
      return new UserSimilarityRecommender({ users, items, seen, similarities, ...settings })
    }
    const dim = options.embeddingDim
    if (kind === 'filter') {
      return new SpectralFilterRecommender({
        users,
        items,
        seen,
        polynomial: values.slice(0, dim),
        sharpening: values.slice(10, 10 + dim),
        degreeExponent: withBias ? 0.4 : 0,
        ...(options.scale !== 1 && {
          ideal: { weight: options.scale, exponent: 0.5, merge: withBias ? 'early' : 'late' },
          vectors: Float32Array.from(values.slice(30, 30 + itemCount * dim)),
        }),
      })
    }
    return new EmbeddingRecommender({
      ...options,
      users,
      items,
      seen,
      userEmbeddings: Float32Array.from(values.slice(0, userCount * dim)),
      itemEmbeddings: Float32Array.from(values.slice(30, 30 + itemCount * dim)),
      ...(withBias && { itemBias: Float32Array.from(values.slice(80, 80 + itemCount)) }),
    })
  })

/** The places of a square matrix that are not zero. */
export function sparse(dense: Float32Array, size: number): SparseMatrix {
  const places = Array.from(dense.keys()).filter((place) => dense[place] !== 0)
  return SparseMatrix.fromCoordinates({
    rows: size,
    columns: size,
    rowIndices: places.map((place) => Math.floor(place / size)),
    columnIndices: places.map((place) => place % size),
    values: places.map((place) => dense[place] as number),
  })
}

function listsOf(
  rows: readonly (readonly [number, number])[],
  userCount: number,
): InteractionLists {
  const perUser = Array.from({ length: userCount }, (_, user) => [
    ...new Set(rows.filter(([row]) => row === user).map(([, item]) => item)),
  ])
  const pointers = new Int32Array(userCount + 1)
  perUser.forEach((items, user) => {
    pointers[user + 1] = (pointers[user] as number) + items.length
  })
  return { pointers, items: Int32Array.from(perUser.flat()) }
}

/** A subset of a map's ids in any order, with repetition. */
export const someOf = <T extends Id>(ids: readonly T[]): fc.Arbitrary<T[]> =>
  fc.array(fc.constantFrom(...ids), { maxLength: 12 })
