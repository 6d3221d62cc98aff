import {
  BatchIterator,
  BipartiteGraph,
  type EpochBatch,
  InvalidInteractionsError,
  Rng,
} from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type GraphCase, graphCases, type Pair, tableOf } from '../../graph/test/support/graphs.js'
import { drawByKernels, spmm, useBackend } from '../src/index.js'
import { describeEachBackend, memoryInUse } from './support/describe-each-backend.js'

const graphOf = ({ users, items, pairs }: GraphCase): BipartiteGraph =>
  BipartiteGraph.fromInteractions(tableOf(users, items, pairs))

/** Rows from empty to full, long enough to be searched. */
const longRows: fc.Arbitrary<GraphCase> = fc
  .record({ users: fc.integer({ min: 1, max: 6 }), items: fc.integer({ min: 2, max: 90 }) })
  .chain(({ users, items }) =>
    fc
      .array(fc.integer({ min: 0, max: items }), { minLength: users, maxLength: users })
      .filter((degrees) => degrees.some((degree) => degree > 0))
      .map((degrees) => ({
        users,
        items,
        pairs: degrees.flatMap((degree, user) =>
          Array.from({ length: degree }, (_, n): Pair => [user, (7 * user + n) % items]),
        ),
      })),
  )

const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 70 }),
  strategy: fc.constantFrom('user-uniform' as const, 'interaction-shuffle' as const),
  negativesPerPositive: fc.integer({ min: 1, max: 4 }),
  negatives: fc.constantFrom('uniform' as const, { popularityExponent: 0.75 }),
})

const collected = (iterator: BatchIterator, epoch: number, startStep = 0) => ({
  batches: [...iterator.epoch(epoch, { startStep })],
  skippedDraws: iterator.skippedDraws,
})

const large = () => {
  const rng = Rng.fromSeed('large')
  const pairs = Array.from({ length: 120_000 }, (): Pair => [rng.integer(1900), rng.integer(500)])
  // Users without items, and one with all of them.
  for (let item = 0; item < 500; item++) pairs.push([1901, item])
  return graphOf({ users: 1920, items: 500, pairs })
}

describeEachBackend('drawByKernels', () => {
  it('draws the batches of the iterator, from any step on', () => {
    const epochs = fc.oneof(fc.nat(3), fc.constant(2 ** 31 - 1))
    fc.assert(
      fc.property(
        fc.oneof(graphCases, longRows),
        options,
        epochs,
        fc.nat(),
        fc.nat(1000),
        (given, settings, epoch, seed, start) => {
          const graph = graphOf(given)
          const make = () => new BatchIterator(graph, { ...settings, rng: Rng.fromSeed(seed) })
          const plain = orNothing(make)
          fc.pre(plain !== undefined)
          const drawn = make()
          const draws = drawByKernels(drawn)
          const startStep = start % (plain.stepsPerEpoch + 1)
          for (const from of [0, startStep]) {
            expect(collected(drawn, epoch, from)).toEqual(collected(plain, epoch, from))
          }
          draws.release()
          graph.dispose()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives arrays that stay as they are when the next batch is drawn', () => {
    const iterator = new BatchIterator(large(), { batchSize: 100, rng: Rng.fromSeed(1) })
    const draws = drawByKernels(iterator)
    const copies: unknown[] = []
    const batches: EpochBatch[] = []
    for (const batch of iterator.epoch(0)) {
      batches.push(batch)
      copies.push(structuredClone(batch))
    }
    expect(batches).toEqual(copies)
    draws.release()
  })
})

function orNothing(make: () => BatchIterator): BatchIterator | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof InvalidInteractionsError) return undefined
    throw error
  }
}

describe.skipIf(process.env['GNNREC_TEST_BACKEND'] === 'tensorflow')(
  'drawByKernels on simd',
  () => {
    beforeEach(async () => {
      await useBackend('simd', { threads: 2 })
    })

    it.each(['user-uniform', 'interaction-shuffle'] as const)(
      'draws %s the same with 1, 2 and 3 threads, and on another backend halfway',
      async (strategy) => {
        const graph = large()
        const settings = { batchSize: 20_000, strategy, negativesPerPositive: 3 }
        const make = () => new BatchIterator(graph, { ...settings, rng: Rng.fromSeed(2) })
        const expected = collected(make(), 5)
        expect(expected.batches).toHaveLength(6)
        expect(expected.skippedDraws > 0).toBe(strategy === 'user-uniform')
        for (const threads of [1, 2, 3]) {
          await useBackend('simd', { threads })
          const iterator = make()
          const draws = drawByKernels(iterator)
          expect(collected(iterator, 5)).toEqual(expected)
          draws.release()
        }
        const iterator = make()
        const draws = drawByKernels(iterator)
        const steps = iterator.epoch(5)
        const first = steps.next().value
        await useBackend('cpu')
        expect([first, ...steps]).toEqual(expected.batches)
        await useBackend('simd')
        draws.release()
      },
    )

    it('keeps the lists once for draws and products, and frees them after the last', () => {
      const graph = large()
      const before = memoryInUse()
      const iterator = new BatchIterator(graph, { batchSize: 1000, rng: Rng.fromSeed(3) })
      const draws = drawByKernels(iterator)
      iterator.epoch(0).next()
      const withDraws = memoryInUse()
      expect(withDraws.tensors).toBe(before.tensors + 2)
      const multiply = () => {
        tf.tidy(() => spmm(graph.biadjacency(), tf.ones([graph.itemCount, 1])).dataSync())
      }
      multiply()
      // The values of the matrix alone.
      expect(memoryInUse().tensors).toBe(withDraws.tensors + 1)
      for (let epoch = 0; epoch < 3; epoch++) collected(iterator, epoch)
      draws.release()
      multiply()
      expect(memoryInUse().tensors).toBe(before.tensors + 3)
      graph.dispose()
      expect(memoryInUse()).toEqual(before)
      // What was released is made again.
      expect(iterator.epoch(1).next().value).toBeDefined()
      expect(memoryInUse().tensors).toBe(before.tensors + 2)
      draws.release()
      draws.release()
      expect(memoryInUse()).toEqual(before)
    })

    it('needs no more memory from the second batch on', () => {
      const iterator = new BatchIterator(large(), { batchSize: 1000, rng: Rng.fromSeed(3) })
      const draws = drawByKernels(iterator)
      const steps = iterator.epoch(0)
      steps.next()
      const before = memoryInUse()
      for (const _ of steps) expect(memoryInUse()).toEqual(before)
      draws.release()
    })
  },
)
