import { Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { type GraphModel, models } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, largest, sameBytes } from '../support/compare.js'
import {
  blockGraph,
  type Edge,
  type EdgeList,
  graphOf,
  owned,
  randomGraph,
} from '../support/graphs.js'
import { layers, output, setWeights, trainSteps, weightValues } from '../support/training.js'

interface Common {
  readonly embeddingDim: number
  readonly seed: number
}

/** Options that the small graphs here need. */
const ownOptions: Readonly<Record<string, object>> = {
  dgr: { neighbours: 3 },
  'svd-gcn': { variant: 'M', rank: 4 },
  'group-shuffle': { blockSize: 4 },
}

/** Layers that a model shows whose options name no number of layers. */
const layerCounts: Readonly<Record<string, number>> = { 'bpr-mf': 1, 'svd-gcn': 2 }

const names = models.names({ isTrained: true })

const common = { embeddingDim: 16, seed: 1 }

async function prepared(name: string, list: EdgeList, changes: Partial<Common> = {}) {
  const options = { ...common, ...ownOptions[name], ...changes }
  const model = owned(models.createTrained(graphOf(list), { architecture: name, options }))
  await model.prepare()
  return model
}

const random = randomGraph({ users: 40, items: 30, degree: 5 })

for (const name of names) {
  describeEachBackend(`every architecture: ${name}`, () => {
    it('shows its layers, finite and of all nodes', async () => {
      const model = await prepared(name, random)
      const all = layers(model)
      expect(all).toHaveLength(layerCounts[name] ?? (model.options['layers'] as number) + 1)
      for (const layer of all) {
        expect(layer.length % 70).toBe(0)
        expect(layer.every(Number.isFinite)).toBe(true)
        expect(largest(layer)).toBeGreaterThan(0)
      }
    })

    it('gives the same bytes for the same seed, and others for another', async () => {
      const train = async (seed: number) => {
        const model = await prepared(name, random, { seed })
        trainSteps(model, { steps: 5, batchSize: 50 })
        return { ...(await weightValues(model)), ...output(model) }
      }
      const first = await train(3)
      expectSameBytes(await train(3), first)
      const other = await train(4)
      for (const key of ['users', 'items'] as const) {
        expect(sameBytes(other[key], first[key])).toBe(false)
      }
    })

    it('goes on with a user who has all items, and with nodes without edges', async () => {
      const list: EdgeList = {
        users: 22,
        items: 16,
        edges: [
          ...randomGraph({ users: 20, items: 15, degree: 3 }).edges,
          ...Array.from({ length: 15 }, (_, item): Edge => [20, item]),
        ],
      }
      const model = await prepared(name, list)
      trainSteps(model, { steps: 10, batchSize: 40 })
      const { users, items } = output(model)
      expect([...users, ...items].every(Number.isFinite)).toBe(true)
      await expect(model.save({})).resolves.toBeUndefined()
    })

    it('gives the same scores to nodes that are renamed', async () => {
      const moved = (count: number) => Array.from({ length: count }, (_, n) => (n * 7 + 3) % count)
      const [users, items] = [moved(40), moved(30)]
      const edges = random.edges.map(([u, i]): Edge => [users[u] as number, items[i] as number])
      const [model, other] = [
        await prepared(name, random),
        await prepared(name, { ...random, edges }),
      ]
      const tables: Record<string, readonly number[]> = {
        userEmbeddings: users,
        itemEmbeddings: items,
      }
      setWeights(
        other,
        Object.fromEntries(
          Object.entries(await weightValues(model)).map(([key, values]) => {
            const places = tables[key]
            return [key, places ? moveRows(values, places) : values]
          }),
        ),
      )
      const [here, there] = [scores(model), scores(other)]
      const expected = new Float64Array(here.length)
      for (let user = 0; user < 40; user++) {
        for (let item = 0; item < 30; item++) {
          const place = (users[user] as number) * 30 + (items[item] as number)
          expected[place] = here[user * 30 + item] as number
        }
      }
      // The official code of SVD-GCN weighs scores by up to exp(2βσ), so the error is relative.
      expectClose(there, expected, 1e-4 * largest(expected))
    })
  })
}

describe('the architectures', () => {
  beforeAll(() => useBackend('simd', { threads: 2 }))

  it('rank unlike each other once they are trained', async () => {
    const noisy = noisyBlocks()
    const lists: Record<string, Set<unknown>[]> = {}
    for (const name of names) {
      const model = await prepared(name, noisy)
      trainSteps(model, { steps: 60, batchSize: 200, learningRate: 0.02 })
      const recommender = await model.toRecommender()
      const answers = recommender.recommend(model.graph.users.ids as number[], { k: 10 })
      lists[name] = answers.map(({ items }) => new Set(items))
      const distinct = new Set(answers.map(({ items }) => items.join()))
      expect(distinct.size, `lists of ${name}`).toBeGreaterThan(answers.length / 2)
    }
    for (const [at, first] of names.entries()) {
      for (const second of names.slice(at + 1)) {
        const [a, b] = [lists[first], lists[second]] as [Set<unknown>[], Set<unknown>[]]
        const inOther = (item: unknown, user: number) => (b[user] as Set<unknown>).has(item)
        const shared = a.map(
          (list, user) => [...list].filter((item) => inOther(item, user)).length / 10,
        )
        const overlap = shared.reduce((x, y) => x + y) / shared.length
        expect(overlap, `${first} and ${second}`).toBeLessThanOrEqual(0.95)
      }
    }
  })
})

/** Communities of ten with half of their pairs, and a tenth of pairs to anybody. */
function noisyBlocks(): EdgeList {
  const rng = Rng.fromSeed('noise')
  const { users, items, edges } = blockGraph(6, 10)
  const kept = edges.filter(() => rng.uniform() < 0.5)
  const noise = Array.from(
    { length: kept.length / 5 },
    (): Edge => [rng.integer(users), rng.integer(items)],
  )
  return { users, items, edges: [...kept, ...noise] }
}

function moveRows(table: Float32Array, places: readonly number[]): Float32Array {
  const out = new Float32Array(table.length)
  const dim = table.length / places.length
  for (const [from, to] of places.entries()) {
    out.set(table.subarray(from * dim, (from + 1) * dim), to * dim)
  }
  return out
}

/** All scores, users × items. */
function scores(model: GraphModel): Float64Array {
  const { users, items } = output(model)
  const { userCount, itemCount } = model.graph
  const dim = users.length / userCount
  return Float64Array.from({ length: userCount * itemCount }, (_, place) => {
    const [user, item] = [Math.floor(place / itemCount) * dim, (place % itemCount) * dim]
    let sum = 0
    for (let c = 0; c < dim; c++) sum += (users[user + c] as number) * (items[item + c] as number)
    return sum
  })
}
