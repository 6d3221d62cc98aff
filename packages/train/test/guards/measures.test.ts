import { BipartiteGraph, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedDirection } from '../../src/guards/direction.js'
import { fingerprint } from '../../src/guards/fingerprint.js'
import { typicalSize } from '../../src/guards/parameter-samples.js'
import { probeBatch, swapped } from '../../src/guards/probe-batch.js'
import { sampleNodes } from '../../src/guards/sampled-nodes.js'
import { splitOf } from '../support/splits.js'

const graphs = fc
  .record({
    itemCount: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(),
    users: fc.array(fc.array(fc.nat(7), { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  })
  .map(({ itemCount, seed, users }) => {
    const train = users.map((items) =>
      [...new Set(items.map((item) => item % itemCount))].sort((a, b) => a - b),
    )
    return {
      seed,
      train: train.some((items) => items.length > 0) ? train : [[0], ...train],
      itemCount,
    }
  })

const graphOf = (train: readonly (readonly number[])[], itemCount: number) =>
  BipartiteGraph.fromInteractions(splitOf({ itemCount, train }).train)

describe('what guards look at', () => {
  it('is batches of items that a user has, and has not', () => {
    fc.assert(
      fc.property(graphs, ({ train, itemCount, seed }) => {
        const batch = probeBatch(graphOf(train, itemCount), 30, Rng.fromSeed(seed))
        const isUsable = train.some(({ length }) => length > 0 && length < itemCount)
        expect(batch !== undefined).toBe(isUsable)
        batch?.users.forEach((user, place) => {
          expect(train[user]).toContain(batch.positives[place])
          expect(train[user]).not.toContain(batch.negatives[place])
          expect(batch.negatives[place]).toBeLessThan(itemCount)
        })
      }),
    )
  })

  it('is every other item alike', () => {
    const batch = probeBatch(graphOf([[0, 2, 3, 6]], 8), 4000, Rng.fromSeed(1))
    const counts = new Map<number, number>()
    for (const item of batch?.negatives ?? []) counts.set(item, (counts.get(item) ?? 0) + 1)
    expect([...counts.keys()].sort()).toEqual([1, 4, 5, 7])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
    expect(batch && swapped(swapped(batch))).toEqual(batch)
  })

  it('is distinct nodes that have edges', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 9 }), ({ train, itemCount, seed }, size) => {
        const nodes = sampleNodes(graphOf(train, itemCount), size, Rng.fromSeed(seed))
        const users = train.flatMap(({ length }, user) => (length > 0 ? user : []))
        const items = [...new Set(train.flat())]
        for (const [some, all] of [
          [nodes.users, users],
          [nodes.items, items],
        ] as const) {
          expect(some).toHaveLength(Math.min(size, all.length))
          expect([...some]).toEqual([...new Set(some)].sort((a, b) => a - b))
          for (const node of some) expect(all).toContain(node)
        }
      }),
    )
  })
})

describe('measures', () => {
  it('say how far rows share a direction', () => {
    expect(sharedDirection(Float32Array.of(1, 0, -3, 0, 1e-9, 0), 2)).toBe(1)
    expect(sharedDirection(Float32Array.of(1, 0, 0, 5), 2)).toBe(0)
    // Rows of zeros have none.
    expect(sharedDirection(Float32Array.of(1, 1, 0, 0, 1, 0), 2)).toBeCloseTo(0.5)
    expect(sharedDirection(Float32Array.of(1, 1, 0, 0), 2)).toBeNaN()
    const random = new Float32Array(200 * 16)
    Rng.fromSeed(1).fillNormal(random, 3)
    expect(sharedDirection(random, 16)).toBeCloseTo(1 / 16, 2)
  })

  it('take the row in the middle for the size of a table', () => {
    const values = Float32Array.of(3, 4, 0, 0, 300, 400)
    expect(typicalSize({ name: 'x', isTable: true, dim: 2, values })).toBeCloseTo(5 / Math.SQRT2)
    const dense = { name: 'x', isTable: false, dim: 2, values: Float32Array.of(3, 4) }
    expect(typicalSize(dense)).toBeCloseTo(5 / Math.SQRT2)
  })

  it('see a change of any bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.nat(19),
        fc.nat(31),
        (numbers, place, bit) => {
          const values = Float32Array.from(numbers)
          const changed = values.slice()
          new Int32Array(changed.buffer)[place % values.length] ^= 1 << bit
          expect(fingerprint([changed])).not.toBe(fingerprint([values]))
          expect(fingerprint([values.subarray(0, 1), values.subarray(1)])).toBe(
            fingerprint([values]),
          )
        },
      ),
    )
  })
})
