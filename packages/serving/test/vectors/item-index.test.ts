import { InvalidOptionsError, NonFiniteError, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EmbeddingRecommender, NotSupportedError, PopularityRecommender } from '../../src/index.js'
import { maxPerGroup } from '../../src/rules.js'
import { buildIndex, RecallError } from '../../src/vectors.js'
import { common, recommenderArbitrary } from '../support/recommenders.js'
import { listingEngine, randomEmbeddings } from '../support/search-engines.js'

const model = randomEmbeddings({ users: 150, items: 3000, dim: 16 })
const withoutMark = ({ search, ...list }: { search?: unknown }) => list

describe('buildIndex with usearch', () => {
  it.each([
    ['inner products', {}],
    ['biases and a scale', { scale: -0.5 }],
    ['cosines', { similarity: 'cosine' }],
  ] as const)('reaches the recall for %s, and measures what is served', async (_, options) => {
    const bias = new Float32Array(3000)
    Rng.fromSeed(3).fillNormal(bias, 2)
    const given = 'scale' in options ? { ...options, itemBias: bias } : options
    const recommender = randomEmbeddings({ users: 150, items: 3000, dim: 16 }, given)
    const index = await buildIndex(recommender, { recallAtLeast: 0.98, sample: 150 })
    expect(index).toMatchObject({ engine: 'usearch', itemCount: 3000 })
    expect(index.measured).toMatchObject({ k: 20, users: 150, seed: 1 })
    const fast = recommender.withIndex(index)
    let hits = 0
    let byIndex = 0
    for (const user of recommender.users.ids) {
      const exact = recommender.recommend(user, { k: 20 })
      const found = fast.recommend(user, { k: 20 })
      expect(found.items).toHaveLength(20)
      if (found.search === 'index') byIndex++
      hits += found.items.filter((item) => exact.items.includes(item)).length / 20
      // The scores are those of the model, to the same bytes.
      expect(found.scores).toEqual(recommender.score(user, found.items))
    }
    expect(byIndex).toBe(150)
    expect(hits / 150).toBeGreaterThanOrEqual(0.98)
    expect(hits / 150).toBeCloseTo(index.measured.recall, 10)
  })

  it('builds the same graph from the same model and seed', async () => {
    const lists = async () => {
      const index = await buildIndex(model, { sample: 20, recallAtLeast: 0.5, connectivity: 4 })
      return [index.measured, index.effort, model.withIndex(index).recommend(model.users.ids)]
    }
    expect(await lists()).toEqual(await lists())
  })
})

describe('a recommender with an index', () => {
  it('gives the lists of one without where the engine misses nothing, for whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        recommenderArbitrary,
        fc.array(fc.nat(8), { maxLength: 9 }),
        fc.integer({ min: 1, max: 9 }),
        async (recommender, picked, wanted) => {
          fc.pre(recommender instanceof EmbeddingRecommender)
          const { users, items } = recommender
          const k = Math.min(wanted, items.size)
          const engine = listingEngine()
          const index = await buildIndex(recommender, { engine, k: 1 }).catch((error) => {
            expect(error).toBeInstanceOf(NotSupportedError)
          })
          if (!index) return
          const fast = recommender.withIndex(index)
          const some = picked.filter((item) => item < items.size).map((item) => items.idOf(item))
          for (const options of [
            { k },
            { k, excludeSeen: false },
            { k, candidates: some },
            { k, exclude: some },
            { k, candidates: recommender.filter(some) },
            { k, exclude: recommender.filter(some) },
          ]) {
            const lists = fast.recommend(users.ids, options)
            expect(lists.map(withoutMark)).toEqual(recommender.recommend(users.ids, options))
          }
        },
      ),
    )
  })

  it('answers for histories and for all users, and says how', async () => {
    const foldIn = { convention: 'propagated', regularization: 1 } as const
    const tensors = new Map([
      [
        'items',
        { shape: [3000, 16], data: new Float32Array(48_000).map((_, at) => (at % 13) - 6) },
      ],
    ])
    const whole = randomEmbeddings(
      { users: 150, items: 3000, dim: 16 },
      { foldIn, foldInTensors: tensors },
    )
    const fast = whole.withIndex(await buildIndex(whole, { engine: listingEngine(), sample: 5 }))
    const exact = whole.recommendFor(['i1', 'i2'])
    expect(exact).not.toHaveProperty('search')
    expect(fast.recommendFor(['i1', 'i2'])).toEqual({ ...exact, search: 'index' })
    expect(fast.recommend(3, { since: ['i9'] }).search).toBe('index')
    expect(fast.recommendFor([])).toEqual(whole.recommendFor([]))
    for await (const block of fast.recommendAll({ k: 3, users: [5, 6] })) {
      expect(block.map(({ search }) => search)).toEqual(['index', 'index'])
    }
    const rules = [maxPerGroup({ by: (item: string) => item.slice(0, 3), most: 1 })]
    expect(fast.recommend(3, { rules })).toEqual({
      ...whole.recommend(3, { rules }),
      search: 'exact',
    })
    expect(fast.withColdStart('model').recommend(3).search).toBe('index')
    expect(fast.withIndex(undefined).recommend(3)).toEqual(whole.recommend(3))
    expect(fast.whyNot(3, 'i5')).toEqual(whole.whyNot(3, 'i5'))
    expect(fast.similarItems('i5')).toEqual(whole.similarItems('i5'))
  })

  it('goes deeper for filters, and looks at all items where too few are left', async () => {
    const engine = listingEngine()
    const index = await buildIndex(model, { engine, sample: 5 })
    const fast = model.withIndex(index)
    const depthOf = (candidates: readonly string[]) => {
      engine.asked.length = 0
      const list = fast.recommend(3, { k: 10, candidates, excludeSeen: false })
      expect(withoutMark(list)).toEqual(
        model.recommend(3, { k: 10, candidates, excludeSeen: false }),
      )
      return [list.search, engine.asked.length > 0] as const
    }
    const ids = model.items.ids
    expect(depthOf(ids)).toEqual(['index', true])
    const all = engine.asked[0] as number
    expect(depthOf(ids.filter((_, item) => item % 2 === 0))).toEqual(['index', true])
    expect(engine.asked[0]).toBeGreaterThan(1.8 * all)
    expect(depthOf(ids.filter((_, item) => item % 100 === 0))).toEqual(['exact', false])
    expect(depthOf(ids.slice(0, 3))).toEqual(['exact', false])
    expect(depthOf([])).toEqual([undefined, false])
  })

  it('looks at all items where the engine finds too few, and never gives shorter lists', async () => {
    const poor = listingEngine((best) => best.slice(0, 2))
    const index = await buildIndex(model, { engine: poor, sample: 5 })
    expect(index.measured).toMatchObject({ recall: 1, exactShare: 1 })
    const list = model.withIndex(index).recommend(3, { k: 10 })
    expect(list).toEqual({ ...model.recommend(3, { k: 10 }), search: 'exact' })
  })

  it('lists an item once that the engine finds twice, and refuses rows that there are not', async () => {
    const twice = listingEngine((best) => [...best, ...best])
    const index = await buildIndex(model, { engine: twice, sample: 2 })
    expect(withoutMark(model.withIndex(index).recommend(3))).toEqual(model.recommend(3))
    const wrong = listingEngine((best) => [...best, 3000])
    await expect(buildIndex(model, { engine: wrong, sample: 2 })).rejects.toThrow(
      "'listing' found the row 3000; the index has the rows 0..2999",
    )
  })

  it('refuses the index of another model', async () => {
    const index = await buildIndex(model, { engine: listingEngine(), sample: 2 })
    const other = randomEmbeddings(
      { users: 150, items: 3000, dim: 16 },
      { itemBias: new Float32Array(3000) },
    )
    expect(() => other.withIndex(index)).toThrow(InvalidOptionsError)
    // One with the same items is as good, whatever its users.
    const same = randomEmbeddings({ users: 150, items: 3000, dim: 16 }, { scale: 3 })
    expect(same.withIndex(index).recommend(3).search).toBe('index')
  })
})

describe('the recall', () => {
  /** An engine whose candidates are half of the best and otherwise noise, the more so the fewer are asked for. */
  const needsEffort = () =>
    listingEngine((best) => {
      const kept = best.filter((_, place) => place % 2 === 0 || best.length >= 200)
      return kept
    })

  it('makes the effort grow until it holds, and no further than needed', async () => {
    const index = await buildIndex(model, { engine: needsEffort(), sample: 20 })
    expect(index.measured.recall).toBeGreaterThanOrEqual(0.98)
    expect(index.effort).toBeGreaterThanOrEqual(180)
    expect(index.effort).toBeLessThanOrEqual(256)
    expect(index.connectivity).toBe(16)
  })

  it('holds less two standard errors, for lists of all items and by filters of other halves', async () => {
    const large = randomEmbeddings({ users: 400, items: 6000, dim: 16 })
    const index = await buildIndex(large, { recallAtLeast: 0.95, sample: 100 })
    const { recall, standardError, filtered } = index.measured
    expect(recall - 2 * standardError).toBeGreaterThanOrEqual(0.95)
    expect(filtered.recall - 2 * filtered.standardError).toBeGreaterThanOrEqual(0.95)
    const fast = large.withIndex(index)
    for (const rest of [0, 1]) {
      const candidates = large.filter((item) => Number(item.slice(1)) % 2 === rest)
      const users = large.users.ids
      const exact = large.recommend(users, { k: 20, candidates })
      const found = fast.recommend(users, { k: 20, candidates })
      const shares = exact.map(({ items }, at) => {
        const own = new Set(found[at]?.items)
        return items.filter((item) => own.has(item)).length / items.length
      })
      // These users and items are others than those that were drawn.
      expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.93)
    }
  })

  it('raises the candidates of filters alone where only these find too little', async () => {
    // Knows the first 60 of a short search, but of a longer one only every other until 300 are asked for.
    const engine = listingEngine((best) =>
      best.length <= 60 || best.length >= 300 ? best : best.filter((_, at) => at % 2 === 0),
    )
    const index = await buildIndex(model, { engine, sample: 20 })
    expect(index.effort).toBeLessThanOrEqual(40)
    expect(index.filterFactor).toBeGreaterThan(2)
    expect(index.measured.filtered.recall).toBeGreaterThanOrEqual(0.98)
    const fast = model.withIndex(index)
    const depthOf = (kept: number) => {
      engine.asked.length = 0
      fast.recommend(3, { k: 20, candidates: model.items.ids.slice(0, kept), excludeSeen: false })
      return engine.asked[0] as number
    }
    expect(depthOf(3000)).toBe(index.effort)
    expect(depthOf(1500)).toBe(Math.ceil(2 * index.filterFactor * index.effort))
    expect(depthOf(2250)).toBeGreaterThan(1.5 * index.effort)
    expect(depthOf(2250)).toBeLessThan(depthOf(1500))
  })

  const blind = () => listingEngine((best) => best.filter((row) => row % 3 > 0))

  it('is an error with what was reached when it does not, after graphs with more neighbours', async () => {
    const engine = blind()
    const create = vi.spyOn(engine, 'create')
    const failed = await buildIndex(model, { engine, sample: 10, connectivity: 16 }).catch((e) => e)
    expect(failed).toBeInstanceOf(RecallError)
    expect(failed.code).toBe('RECALL_NOT_REACHED')
    expect(failed.measured.recall).toBeGreaterThan(0.4)
    expect(failed.measured.recall).toBeLessThan(0.9)
    expect(failed.message).toMatch(
      /^The index finds 0\.\d{4} of the best 20 items of 10 users with \d+/,
    )
    expect(create.mock.calls.map(([settings]) => settings.connectivity)).toEqual([16, 32, 64])
  })

  it('is a warning when it may be', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    try {
      const options = { engine: blind(), sample: 10, connectivity: 64, shortfall: 'warn' } as const
      const index = await buildIndex(model, options)
      expect(index.measured.recall).toBeLessThan(0.9)
      expect(String(warned.mock.calls[0])).toMatch(/The index finds 0\.\d+ of the best 20/)
    } finally {
      warned.mockRestore()
    }
  })
})

describe('buildIndex', () => {
  it.each([
    [{ recallAtLeast: 0 }, /recallAtLeast: .*above 0 and at most 1/],
    [{ recallAtLeast: 1.1 }, /recallAtLeast/],
    [{ recallAtLeast: Number.NaN }, /recallAtLeast/],
    [{ k: 0 }, /k: .*integer from 1 up/],
    [{ k: 3001 }, /k: got 3001; expected an integer in 1\.\.3000/],
    [{ sample: 1.5 }, /sample/],
    [{ seed: -1 }, /seed/],
    [{ connectivity: 2 }, /connectivity/],
    [{ shortfall: 'ignore' }, /shortfall/],
    [{ engine: 'usearch' }, /engine: .*expected a SearchEngine/],
    [{ recal: 1 }, /recal/],
  ])('refuses %j', async (options, message) => {
    const built = buildIndex(model, options as never)
    await expect(built).rejects.toThrow(InvalidOptionsError)
    await expect(buildIndex(model, options as never)).rejects.toThrow(message)
  })

  it('refuses models without embeddings, without users, and with scores that are not finite', async () => {
    const popular = new PopularityRecommender({ ...common, scores: Float32Array.of(1, 2, 3, 4) })
    await expect(buildIndex(popular)).rejects.toThrow(NotSupportedError)
    const folder = {}
    await model.save(folder, { users: false, foldIn: false })
    const { Recommender } = await import('../../src/index.js')
    const nobody = await Recommender.load<number, string>(folder)
    await expect(buildIndex(nobody, { engine: listingEngine() })).rejects.toThrow(/has no users/)
    const huge = new EmbeddingRecommender({
      ...common,
      embeddingDim: 1,
      userEmbeddings: Float32Array.of(3e38, 3e38, 3e38),
      itemEmbeddings: Float32Array.of(3e38, -3e38, 3e38, 1),
      scale: 0,
    })
    const failing = buildIndex(huge, { engine: listingEngine(), k: 2 })
    await expect(failing).rejects.toThrow(NonFiniteError)
  })

  it('stops at the signal', async () => {
    const controller = new AbortController()
    const engine = listingEngine()
    const { create } = engine
    engine.create = (settings) => {
      controller.abort(new Error('enough'))
      return create(settings)
    }
    const { signal } = controller
    await expect(buildIndex(model, { engine, sample: 2, signal })).rejects.toThrow('enough')
  })
})
