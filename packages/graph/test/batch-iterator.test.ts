import {
  BatchIterator,
  type BatchIteratorOptions,
  BipartiteGraph,
  type EpochBatch,
  InvalidInteractionsError,
  InvalidOptionsError,
  Rng,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GraphCase, graphCases, readFixture, tableOf } from './support/graphs.js'

const graphOf = ({ users, items, pairs }: GraphCase): BipartiteGraph =>
  BipartiteGraph.fromInteractions(tableOf(users, items, pairs))

interface Sampling {
  positives: number[][]
  negatives: number[][]
  skippedNoTrain: number[]
  skippedNoNegative: number[]
  samplableUsers: number[]
  userUniformDrawsPerEpoch: number
  userUniformExpectedTriples: number
  interactionShufflePairs: [number, number][]
}

function sampling(name: string): { graph: BipartiteGraph; expected: Sampling } {
  const { graph, expected } = readFixture<Sampling>(name)
  return { graph: graphOf({ ...graph, pairs: graph.edges }), expected }
}

const fixtures = ['sampling--constraints-full', 'sampling--constraints-isolated']
const strategies = ['user-uniform', 'interaction-shuffle'] as const

const rng = (): Rng => Rng.fromSeed(6)

/** Plain arrays, so that batches compare by content. */
const plain = (batches: Iterable<EpochBatch>) =>
  Array.from(batches, ({ epoch, step, users, positives, negatives }) => ({
    epoch,
    step,
    users: [...users],
    positives: [...positives],
    negatives: [...negatives],
  }))

const pairsOf = (batches: Iterable<EpochBatch>): [number, number][] =>
  plain(batches).flatMap(({ users, positives }) =>
    users.map((user, n): [number, number] => [user, positives[n]]),
  )

const sorted = (pairs: [number, number][]): [number, number][] =>
  [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1])

/** Iterators over random graphs that have something to draw. */
const iterators = fc
  .record({
    given: graphCases,
    batchSize: fc.integer({ min: 1, max: 12 }),
    strategy: fc.constantFrom(...strategies),
    negativesPerPositive: fc.integer({ min: 1, max: 3 }),
    negatives: fc.constantFrom('uniform' as const, { popularityExponent: 1 }),
    seed: fc.nat(),
  })
  .map(({ given, seed, ...options }) => {
    const graph = graphOf(given)
    const make = () => new BatchIterator(graph, { ...options, rng: Rng.fromSeed(seed) })
    return { graph, options, make }
  })
  .filter(({ make }) => {
    try {
      return make().stepsPerEpoch > 0
    } catch (error) {
      if (error instanceof InvalidInteractionsError) return false
      throw error
    }
  })

describe('BatchIterator', () => {
  it('draws triples of a train item and of items that are none', () => {
    fc.assert(
      fc.property(iterators, ({ graph, options, make }) => {
        const ratio = options.negativesPerPositive
        for (const batch of make().epoch(0)) {
          expect(batch.positives.length).toBe(batch.users.length)
          expect(batch.negatives.length).toBe(batch.users.length * ratio)
          batch.users.forEach((user, n) => {
            const met = graph.userItems(user)
            expect(met).toContain(batch.positives[n])
            for (const negative of batch.negatives.subarray(n * ratio, (n + 1) * ratio)) {
              expect(met).not.toContain(negative)
              expect(negative).toBeGreaterThanOrEqual(0)
              expect(negative).toBeLessThan(graph.itemCount)
            }
          })
        }
      }),
    )
  })

  it('goes on from any step as if it had made the steps before it', () => {
    fc.assert(
      fc.property(iterators, fc.nat(100), fc.nat(5), ({ make }, at, epoch) => {
        const whole = plain(make().epoch(epoch))
        const iterator = make()
        const startStep = at % (iterator.stepsPerEpoch + 1)
        expect(plain(iterator.epoch(epoch, { startStep }))).toEqual(
          whole.filter(({ step }) => step >= startStep),
        )
      }),
    )
  })

  it('gives the same batches for the same seed in any order of epochs', () => {
    fc.assert(
      fc.property(iterators, ({ make }) => {
        const iterator = make()
        const [second, first] = [plain(iterator.epoch(1)), plain(iterator.epoch(0))]
        const other = make()
        expect([plain(other.epoch(0)), plain(other.epoch(1))]).toEqual([first, second])
      }),
    )
  })

  it('has full batches but for the last one when nothing is skipped', () => {
    fc.assert(
      fc.property(iterators, ({ options, make }) => {
        const iterator = make()
        fc.pre(iterator.skippedUsers === 0 || options.strategy === 'interaction-shuffle')
        const sizes = plain(iterator.epoch(0)).map(({ users }) => users.length)
        expect(sizes.length).toBe(iterator.stepsPerEpoch)
        expect(sizes.reduce((a, b) => a + b)).toBe(iterator.drawsPerEpoch)
        for (const size of sizes.slice(0, -1)) expect(size).toBe(options.batchSize)
      }),
    )
  })

  it('takes every draw from the key alone: the stream it was given does not move', () => {
    const { graph } = sampling(fixtures[0])
    const used = rng()
    const moved = rng()
    moved.uniform()
    const [a, b] = [used, moved].map((stream) =>
      plain(new BatchIterator(graph, { batchSize: 4, rng: stream }).epoch(0)),
    )
    expect(a).toEqual(b)
    expect(used.state().position).toBe(0)
  })

  it('draws other batches for another seed and another epoch', () => {
    const { graph } = sampling(fixtures[0])
    for (const strategy of strategies) {
      const options = { batchSize: 100, strategy, rng: rng() }
      const iterator = new BatchIterator(graph, options)
      const other = new BatchIterator(graph, { ...options, rng: Rng.fromSeed(7) })
      expect(pairsOf(iterator.epoch(0))).not.toEqual(pairsOf(iterator.epoch(1)))
      expect(pairsOf(iterator.epoch(0))).not.toEqual(pairsOf(other.epoch(0)))
    }
  })

  it('draws every negative of an epoch for itself', () => {
    const pairs = Array.from({ length: 50 }, (_, item): [number, number] => [0, item])
    const graph = graphOf({ users: 1, items: 1e6, pairs })
    const iterator = new BatchIterator(graph, {
      batchSize: 50,
      negativesPerPositive: 4,
      rng: rng(),
    })
    const drawn = [0, 1].flatMap((epoch) =>
      plain(iterator.epoch(epoch)).flatMap(({ negatives }) => negatives),
    )
    expect(drawn).toHaveLength(400)
    expect(new Set(drawn).size).toBeGreaterThan(395)
  })

  it('hands out arrays that later batches do not write to', () => {
    const { graph } = sampling(fixtures[0])
    const iterator = new BatchIterator(graph, { batchSize: 3, rng: rng() })
    const kept = [...iterator.epoch(0)]
    const before = plain(kept)
    plain(iterator.epoch(1))
    expect(plain(kept)).toEqual(before)
    expect(new Set(kept.map(({ users }) => users.buffer)).size).toBe(kept.length)
  })

  it('makes one batch of everything when the batch is larger than the data', () => {
    for (const strategy of strategies) {
      const { graph } = sampling(fixtures[1])
      const iterator = new BatchIterator(graph, { batchSize: 1e6, strategy, rng: rng() })
      expect(iterator.stepsPerEpoch).toBe(1)
      expect([...iterator.epoch(0)]).toHaveLength(1)
    }
  })

  it('has nothing left to make after the last step', () => {
    const { graph } = sampling(fixtures[1])
    const iterator = new BatchIterator(graph, { batchSize: 2, rng: rng() })
    expect([...iterator.epoch(0, { startStep: iterator.stepsPerEpoch })]).toEqual([])
  })

  it('rejects a graph in which nobody has both a train item and a negative', () => {
    const graph = graphOf({ users: 2, items: 1, pairs: [[0, 0]] })
    for (const strategy of strategies) {
      expect(() => new BatchIterator(graph, { batchSize: 1, strategy, rng: rng() })).toThrow(
        InvalidInteractionsError,
      )
    }
  })

  it('rejects options that are wrong or misspelt', () => {
    const { graph } = sampling(fixtures[0])
    const bad: [Record<string, unknown>, RegExp][] = [
      [{ batchSize: 0 }, /batchSize: got 0/],
      [{ batchSize: -4 }, /batchSize: got -4/],
      [{ batchSize: 1.5 }, /batchSize: got 1.5/],
      [{ batchSize: undefined }, /batchSize: got undefined/],
      [{ negativesPerPositive: 0 }, /negativesPerPositive: got 0/],
      [{ strategy: 'shuffle' }, /strategy: got "shuffle"/],
      [{ negatives: 'popular' }, /negatives: got "popular"; expected 'uniform'/],
      [{ rng: 1 }, /rng: got 1/],
      [{ batchsize: 3 }, /did you mean 'batchSize'/],
      [{ negativesPerPositive: 2 ** 31 }, /negativesPerPositive: got 2147483648/],
    ]
    for (const [change, message] of bad) {
      const options = { batchSize: 4, rng: rng(), ...change } as BatchIteratorOptions
      expect(() => new BatchIterator(graph, options)).toThrow(InvalidOptionsError)
      expect(() => new BatchIterator(graph, options)).toThrow(message)
    }
  })

  it('rejects an epoch or step out of range at once, not at the first batch', () => {
    const { graph } = sampling(fixtures[0])
    const iterator = new BatchIterator(graph, { batchSize: 4, rng: rng() })
    for (const epoch of [-1, 0.5, 2 ** 31, Number.NaN]) {
      expect(() => iterator.epoch(epoch)).toThrow(InvalidOptionsError)
    }
    for (const startStep of [-1, 0.5, iterator.stepsPerEpoch + 1]) {
      expect(() => iterator.epoch(0, { startStep })).toThrow(/startStep/)
    }
    expect(() => iterator.epoch(0, { step: 1 } as never)).toThrow(/unknown option 'step'/)
  })
})

describe("BatchIterator 'interaction-shuffle'", () => {
  it.each(fixtures)('visits the pairs of the fixture %s once each', (name) => {
    const { graph, expected } = sampling(name)
    const strategy = 'interaction-shuffle'
    const iterator = new BatchIterator(graph, { batchSize: 3, strategy, rng: rng() })
    expect(iterator.drawsPerEpoch).toBe(expected.interactionShufflePairs.length)
    for (const epoch of [0, 1, 2]) {
      expect(sorted(pairsOf(iterator.epoch(epoch)))).toEqual(expected.interactionShufflePairs)
    }
    expect(iterator.skippedDraws).toBe(0)
  })

  it('puts every pair at every place equally often', () => {
    const pairs = [0, 1, 2, 3, 4].map((user): [number, number] => [user, user])
    const graph = graphOf({ users: 5, items: 5, pairs })
    const strategy = 'interaction-shuffle'
    const iterator = new BatchIterator(graph, { batchSize: 5, strategy, rng: rng() })
    const counts = new Array<number>(25).fill(0)
    const epochs = 5000
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { users } of iterator.epoch(epoch)) {
        for (let n = 0; n < 5; n++) counts[5 * n + users[n]]++
      }
    }
    for (const count of counts) {
      expect(Math.abs(count - epochs / 5)).toBeLessThan(5 * Math.sqrt(epochs * 0.2 * 0.8))
    }
  })
})

describe("BatchIterator 'user-uniform'", () => {
  it.each(fixtures)('draws what the fixture %s admits', (name) => {
    const { graph, expected } = sampling(name)
    const iterator = new BatchIterator(graph, { batchSize: 4, rng: rng() })
    expect(iterator.drawsPerEpoch).toBe(expected.userUniformDrawsPerEpoch)
    expect(iterator.skippedUsers).toBe(
      new Set([...expected.skippedNoTrain, ...expected.skippedNoNegative]).size,
    )
    const epochs = 3000
    const userCounts = new Array<number>(graph.userCount).fill(0)
    const pairCounts = new Map<string, number>()
    let triples = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const [user, item] of pairsOf(iterator.epoch(epoch))) {
        triples++
        userCounts[user]++
        pairCounts.set(`${user},${item}`, (pairCounts.get(`${user},${item}`) ?? 0) + 1)
      }
    }
    const draws = epochs * iterator.drawsPerEpoch
    expect(iterator.skippedDraws).toBe(draws - triples)
    const p = 1 / graph.userCount
    userCounts.forEach((count, user) => {
      if (!expected.samplableUsers.includes(user)) {
        expect(count).toBe(0)
        return
      }
      const limit = 5 * Math.sqrt(draws * p * (1 - p))
      expect(Math.abs(count - draws * p)).toBeLessThan(limit)
      for (const item of expected.positives[user]) {
        const share = p / expected.positives[user].length
        const drawn = pairCounts.get(`${user},${item}`) ?? 0
        expect(Math.abs(drawn - draws * share)).toBeLessThan(5 * Math.sqrt(draws * share))
      }
    })
    const triplesPerEpoch = expected.userUniformExpectedTriples
    expect(Math.abs(triples / epochs / triplesPerEpoch - 1)).toBeLessThan(0.01)
  })

  it('leaves out a step whose draws were all skipped, and keeps the numbers of the others', () => {
    const { graph } = sampling(fixtures[0])
    const iterator = new BatchIterator(graph, { batchSize: 1, rng: rng() })
    const steps = plain(iterator.epoch(0)).map(({ step }) => step)
    expect(iterator.stepsPerEpoch).toBe(20)
    expect(iterator.skippedDraws).toBeGreaterThan(0)
    expect(steps.length).toBe(20 - iterator.skippedDraws)
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
  })

  it('draws negatives by popularity when asked to', () => {
    const pairs: [number, number][] = [
      [0, 0],
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
    ]
    const graph = graphOf({ users: 5, items: 4, pairs })
    const iterator = new BatchIterator(graph, {
      batchSize: 64,
      negativesPerPositive: 40,
      negatives: { popularityExponent: 1 },
      rng: rng(),
    })
    const counts = [0, 0, 0, 0]
    for (let epoch = 0; epoch < 200; epoch++) {
      for (const { users, negatives } of iterator.epoch(epoch)) {
        users.forEach((user, n) => {
          if (user !== 0) return
          for (const item of negatives.subarray(40 * n, 40 * n + 40)) counts[item]++
        })
      }
    }
    // Item 1 has three users, item 2 one, item 3 none; item 0 is what user 0 has met.
    const total = counts[1] + counts[2]
    expect([counts[0], counts[3]]).toEqual([0, 0])
    expect(total).toBeGreaterThan(4000)
    expect(Math.abs(counts[1] / total - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / total))
  })
})
