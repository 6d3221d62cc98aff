import { InvalidOptionsError, Rng } from '@gnnrec/graph'
import { NotSupportedError, RandomRecommender, Recommender } from '@gnnrec/serving'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/random/random.js'
import { graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import { fitted, savedFiles, scoresOf } from './support.js'

const graph = graphOf(randomGraph({ users: 60, items: 50, degree: 5 }))

describe('Random', () => {
  it('gives the same scores for the same seed, and others for another', async () => {
    const scores = scoresOf(await fitted(Random, graph, { seed: 3 }))
    expect(scoresOf(await fitted(Random, graph, { seed: 3 }))).toEqual(scores)
    for (const seed of [4, '3'])
      expect(scoresOf(await fitted(Random, graph, { seed }))).not.toEqual(scores)
    expect(scoresOf(await fitted(Random, graph))).toEqual(
      scoresOf(await fitted(Random, graph, { seed: 0 })),
    )
  })

  it('gives a pair its score whatever else is in the graph', async () => {
    const small = scoresOf(await fitted(Random, graphOf(smallGraph)))
    const large = scoresOf(await fitted(Random, graph))
    expect(small).toEqual(large.slice(0, 7).map((row) => row.slice(0, 5)))
  })

  it('ranks every item as often as chance does', async () => {
    const lists = (await fitted(Random, graph)).recommend(graph.users.ids, {
      k: 1,
      excludeSeen: false,
    })
    expect(new Set(lists.map(({ items }) => items[0])).size).toBeGreaterThan(25)
    const scores = scoresOf(await fitted(Random, graph)).flat()
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...scores)).toBeLessThanOrEqual(1)
    const mean = scores.reduce((sum, score) => sum + score) / scores.length
    // 3,000 draws: six standard errors of .0053.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.032)
    expect(new Set(scores).size).toBeGreaterThan(2990)
  })

  it('leaves out what the user has seen', async () => {
    const [list] = (await fitted(Random, graph)).recommend([3], { k: 50 })
    const items = list?.items ?? []
    expect(items).toHaveLength(50 - graph.userItems(3).length)
    for (const item of graph.userItems(3)) expect(items).not.toContain(item)
  })

  it.each([7, 'seven', -1.5])(
    'answers alike when saved with the seed %s and loaded',
    async (seed) => {
      const model = await fitted(Random, graph, { seed, splitHash: 'ab' })
      const files = await savedFiles(model)
      const loaded = await Recommender.load(files)
      expect(loaded).toBeInstanceOf(RandomRecommender)
      expect(scoresOf(loaded)).toEqual(scoresOf(model))
      expect(loaded.origin).toEqual({ architecture: 'random', options: { seed }, splitHash: 'ab' })
      expect(await savedFiles(loaded)).toEqual(files)
    },
  )

  it('takes no notice of what was drawn from its stream', () => {
    const rng = Rng.fromSeed(1)
    const common = { users: graph.users, items: graph.items, seen: graph.interactions }
    const before = scoresOf(new RandomRecommender({ ...common, rng }))
    rng.uniform()
    expect(scoresOf(new RandomRecommender({ ...common, rng }))).toEqual(before)
    expect(() => new RandomRecommender({ ...common, rng: 1 } as never)).toThrow(
      'rng: got 1; expected an Rng',
    )
  })

  it('knows nothing similar', async () => {
    const model = await fitted(Random, graph)
    expect(() => model.similarItems(0)).toThrow(NotSupportedError)
    expect(() => model.similarUsers(0)).toThrow(NotSupportedError)
  })

  it.each<[string, object, string]>([
    ['a seed of another type', { seed: null }, 'seed: got null; expected a number or a string'],
    ['a misspelt option', { sed: 5 }, "did you mean 'seed'?"],
  ])('rejects %s', (_, options, message) => {
    const fit = () => new Random(graph, options as never)
    expect(fit).toThrow(InvalidOptionsError)
    expect(fit).toThrow(message)
  })
})
