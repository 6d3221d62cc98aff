import { InvalidOptionsError } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { type EmbeddingRecommender, NotSupportedError, Recommender } from '@gnnrec/serving'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  SvdGcn,
} from '../../src/index.js'
import { expectClose, largest } from '../support/compare.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 2 }))

const list = randomGraph({ users: 30, items: 25, degree: 4 })
const weighted = { ...list, weights: list.edges.map((_, edge) => 0.5 + (edge % 5)) }
const common = { embeddingDim: 8, seed: 'histories' }
const asked = 7

type Make = () => GraphModel
/** Models whose rows of users follow from the items alone once the user's layer 0 is 0. */
const linear: [string, Make][] = [
  ['LightGCN', () => new LightGcn(graphOf(list), { ...common, layers: 3 })],
  [
    'LightGCN with weights',
    () => new LightGcn(graphOf(list), { ...common, layers: 2, layerWeights: [0.2, 0.5, -1] }),
  ],
  ['DGR', () => new Dgr(graphOf(list), { ...common, neighbours: 2 })],
  [
    'DGR, exact',
    () =>
      new Dgr(graphOf(list), {
        ...common,
        layers: 2,
        desmoothing: [0.5, -0.3],
        projection: 'exact',
        neighbours: 2,
      }),
  ],
  [
    'GroupShuffle',
    () =>
      new GroupShuffle(graphOf(list), { ...common, blockSize: 4, blockDeviation: 0.5, layers: 3 }),
  ],
  [
    'GroupShuffle, random',
    () =>
      new GroupShuffle(graphOf(list), {
        ...common,
        blockSize: 4,
        blockDeviation: 0.5,
        shuffle: 'random',
      }),
  ],
  ['GCNII', () => new Gcnii(graphOf(list), { ...common, layers: 3 })],
  [
    'GCNII, identity',
    () => new Gcnii(graphOf(list), { ...common, layers: 4, activation: 'identity', head: 'none' }),
  ],
  [
    'GCNII*',
    () =>
      new Gcnii(graphOf(list), { ...common, layers: 2, variant: 'gcnii*', initialResidual: 0.4 }),
  ],
  ['LightGCN of weights', () => new LightGcn(graphOf(weighted), { ...common, layers: 2 })],
  ['DGR of weights', () => new Dgr(graphOf(weighted), { ...common, neighbours: 2 })],
  ['GCNII of weights', () => new Gcnii(graphOf(weighted), { ...common, layers: 3 })],
  [
    'GCNII with residuals',
    () => new Gcnii(graphOf(list), { ...common, layers: 3, layerResidual: true }),
  ],
]

/** Sets layer 0 of a user to 0, and the dense parameters to something else than they start with. */
async function withoutLayerZero(model: GraphModel): Promise<void> {
  const weights = await model.weights()
  for (const [name, { data }] of weights) {
    if (name === 'userEmbeddings') data.fill(0, asked * 8, (asked + 1) * 8)
    else if (name.startsWith('head'))
      for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) + 0.1 * Math.sin(at)
  }
  model.restoreWeights(weights)
}

function scoresOf(recommender: EmbeddingRecommender, user: number) {
  const { pointers, items, weights } = recommender.seen
  const [start, end] = [pointers[user], pointers[user + 1]]
  const history = {
    pointers: Int32Array.of(0, items.slice(start, end).length),
    items: items.slice(start, end),
    ...(weights && { weights: weights.slice(start, end) }),
  }
  const own = new Float32Array(recommender.itemCount)
  const folded = new Float32Array(recommender.itemCount)
  recommender.scoreUsers(Int32Array.of(user), own)
  recommender.scoreHistories(history, folded)
  return { own, folded }
}

describe('the row of a history', () => {
  it.each(linear)('is that of a user whose layer 0 is 0: %s', async (_, make) => {
    const model = owned(make())
    await model.prepare()
    await withoutLayerZero(model)
    const recommender = await model.toRecommender()
    const { own, folded } = scoresOf(recommender, asked)
    expect(largest(own)).toBeGreaterThan(0)
    expectClose(folded, own, 1e-5 * largest(own))
    const files = {}
    await model.save(files)
    const loaded = (await Recommender.load(files)) as EmbeddingRecommender
    expect(scoresOf(loaded, asked)).toEqual({ own, folded })
  })

  it.each([
    ['S', list],
    ['M', list],
    ['S', weighted],
  ] as const)('is that of every user of SVD-GCN %s', async (variant, edges) => {
    const model = owned(new SvdGcn(graphOf(edges), { variant, rank: 6, seed: 1 }))
    await model.prepare()
    const recommender = await model.toRecommender()
    for (let user = 0; user < recommender.userCount; user++) {
      const { own, folded } = scoresOf(recommender, user)
      expectClose(folded, own, 1e-4 * largest(own))
    }
  })

  it('has the direction of that of a user in a LayerGCN of one layer', async () => {
    const model = owned(new LayerGcn(graphOf(list), { ...common, layers: 1 }))
    const { own, folded } = scoresOf(await model.toRecommender(), asked)
    const factor = (folded[0] as number) / (own[0] as number)
    expectClose(
      folded,
      own.map((score) => factor * score),
      1e-5 * largest(folded),
    )
  })

  it('changes a user by what is new', async () => {
    const model = owned(new LightGcn(graphOf(list), { ...common, layers: 2 }))
    const recommender = await model.toRecommender()
    const { pointers, items } = recommender.seen
    const met = items.slice(pointers[asked], pointers[asked + 1])
    const [user] = recommender.users.ids.slice(asked)
    const unseen = recommender.items.ids.find((_, item) => !met.includes(item)) as number
    const since = recommender.recommend(user as number, { since: [unseen], k: 20 })
    expect(since.source).toBe('folded-in')
    expect(since.items).not.toContain(unseen)
    // Nothing new changes nothing, and what changes is small beside what is known of the user.
    const seenAgain = recommender.items.idOf(met[0] as number)
    expect(recommender.recommend(user as number, { since: [seenAgain] })).toEqual(
      recommender.recommend(user as number),
    )
  })

  it('is left out of a folder on demand, which then says how to get it', async () => {
    const model = owned(new LightGcn(graphOf(list), common))
    const [whole, less]: Record<string, Uint8Array>[] = [{}, {}]
    await model.save(whole as Record<string, Uint8Array>)
    await model.save(less as Record<string, Uint8Array>, { foldIn: false })
    const names = (files: object) => Object.keys(files).map((name) => name.split('-')[0])
    expect(names(whole as object)).toContain('foldin')
    expect(names(less as object)).not.toContain('foldin')
    const loaded = await Recommender.load(less as Record<string, Uint8Array>)
    const [item] = loaded.items.ids
    expect(() => loaded.recommendFor([item as never])).toThrow(NotSupportedError)
    expect(() => loaded.recommendFor([item as never])).toThrow('save it again without this option')
  })

  it.each([
    [{ foldin: false }, "did you mean 'foldIn'"],
    [{ foldIn: 0 }, 'expected true or false'],
    [{ users: false }, "unknown option 'users'"],
  ])('is never kept or left out by an option that nothing reads: %o', async (options, message) => {
    const model = owned(new LightGcn(graphOf(list), common))
    const files = {}
    for (const ask of [
      model.save(files, options as never),
      model.toRecommender(options as never),
    ]) {
      await expect(ask).rejects.toThrow(InvalidOptionsError)
      await expect(ask).rejects.toThrow(message)
    }
    expect(files).toEqual({})
  })

  it('is all that a folder without users answers with', async () => {
    const model = owned(new LightGcn(graphOf(list), common))
    const recommender = await model.toRecommender()
    const files: Record<string, Uint8Array> = {}
    await recommender.save(files, { users: false })
    const loaded = await Recommender.load(files)
    expect(loaded.userCount).toBe(0)
    expect(loaded.seen.items).toHaveLength(0)
    const history = recommender.items.ids.slice(3, 6) as never[]
    expect(loaded.recommendFor(history)).toEqual(recommender.recommendFor(history))
    expect(loaded.recommendFor([])).toEqual(recommender.recommendFor([]))
    const text = Object.values(files)
      .map((bytes) => Buffer.from(bytes).toString('latin1'))
      .join()
    for (const id of recommender.users.ids) {
      if (typeof id === 'string') expect(text).not.toContain(JSON.stringify(id))
    }
    expect(loaded.recommend('nobody', { unknownUser: 'popularity' }).source).toBe('popularity')
    const again = {}
    await loaded.save(again)
    expect(Object.keys(again).sort()).toEqual(Object.keys(files).sort())
  })
})
