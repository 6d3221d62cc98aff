import { InvalidOptionsError, NonFiniteError, Rng, ShapeMismatchError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { measureSmoothing, type NodeEmbeddings } from '../../src/index.js'
import { graphOf } from '../support/graphs.ts'

// Two components, {user 0, user 1, items 0, 1} and {user 2, item 2}; user 3 and item 3 are isolated.
const edges = [
  [0, 0],
  [0, 1],
  [1, 1],
  [2, 2],
] as const
const graph = graphOf(4, 4, edges)
const degrees = { users: [2, 1, 1, 0], items: [1, 2, 1, 0] }

function randomLayer(userCount: number, itemCount: number, dimensions: number): NodeEmbeddings {
  const rng = Rng.fromSeed(5)
  const users = new Float32Array(userCount * dimensions)
  const items = new Float32Array(itemCount * dimensions)
  rng.fillNormal(users, 1)
  rng.fillNormal(items, 1)
  return { users, items, dimensions }
}

describe('measureSmoothing', () => {
  it('finds the smooth and the oscillating direction of each component', async () => {
    const scaled = (sign: number, factors: readonly number[]): NodeEmbeddings => ({
      users: Float64Array.from(degrees.users, (degree, user) => factors[user] * Math.sqrt(degree)),
      items: Float64Array.from(
        degrees.items,
        (degree, item) => sign * factors[item] * Math.sqrt(degree),
      ),
      dimensions: 1,
    })
    // Factors are the same within a component: nodes 0 and 1 of both sides, and nodes 2.
    const smooth = await measureSmoothing(graph, scaled(1, [3, 3, -2, 1]))
    expect(smooth.smoothShare).toBeCloseTo(1, 12)
    expect(smooth.dirichletEnergy).toBeCloseTo(0, 12)
    const oscillating = await measureSmoothing(graph, scaled(-1, [3, 3, -2, 1]))
    expect(oscillating.oscillatingShare).toBeCloseTo(1, 12)
    expect(oscillating.smoothShare).toBeCloseTo(0, 12)
    expect(oscillating.dirichletEnergy).toBeCloseTo(2, 12)
  })

  it('gives shares that leave room for all other directions', async () => {
    const measured = await measureSmoothing(graph, randomLayer(4, 4, 3))
    const { smoothShare = 0, oscillatingShare = 0, dirichletEnergy = 0 } = measured
    expect(smoothShare).toBeGreaterThan(0)
    expect(oscillatingShare).toBeGreaterThan(0)
    expect(smoothShare + oscillatingShare).toBeLessThan(1)
    // No eigenvalue of I - Â is below 0 or above 2.
    expect(dirichletEnergy).toBeGreaterThan(2 * oscillatingShare)
    expect(dirichletEnergy).toBeLessThan(2 * (1 - smoothShare))
  })

  it('has an energy that falls with each propagation by the largest eigenvalues', async () => {
    // One edge: Â swaps the two rows, and their mean is what stays.
    const pair = graphOf(1, 1, [[0, 0]])
    const layer = { users: Float32Array.of(3), items: Float32Array.of(1), dimensions: 1 }
    const measured = await measureSmoothing(pair, layer)
    expect(measured.dirichletEnergy).toBeCloseTo((3 - 1) ** 2 / 10, 12)
    expect(measured.smoothShare).toBeCloseTo(16 / 2 / 10, 12)
    expect(measured.oscillatingShare).toBeCloseTo(4 / 2 / 10, 12)
  })

  it('is undefined for rows of zeros where it divides by them', async () => {
    const zero = { users: new Float32Array(8), items: new Float32Array(8), dimensions: 2 }
    const measured = await measureSmoothing(graph, zero)
    expect(measured).toMatchObject({
      meanCosine: 0,
      madCosine: 1,
      madNeighbours: 1,
      rowVariance: 0,
      dirichletEnergy: undefined,
      dirichletEnergyRaw: 0,
      smoothShare: undefined,
      oscillatingShare: undefined,
      effectiveRank: undefined,
      stableRank: undefined,
    })
    expect(measured.pairs?.meanPairwiseDistance).toBe(0)
  })

  it('measures a seeded sample that is close to all nodes', async () => {
    const layer = randomLayer(150, 250, 8)
    const large = graphOf(
      150,
      250,
      Array.from({ length: 250 }, (_, i) => [i % 150, i] as const),
    )
    const exact = await measureSmoothing(large, layer, { sample: 'all' })
    expect(exact.pairs?.nodes).toBe(400)
    const sampled = await measureSmoothing(large, layer, { sample: 200, seed: 3 })
    expect(sampled.pairs?.nodes).toBe(200)
    expect(await measureSmoothing(large, layer, { sample: 200, seed: 3 })).toEqual(sampled)
    const other = await measureSmoothing(large, layer, { sample: 200, seed: 4 })
    expect(other.pairs).not.toEqual(sampled.pairs)
    const [a, b] = [
      exact.pairs?.meanPairwiseDistance ?? 0,
      sampled.pairs?.meanPairwiseDistance ?? 0,
    ]
    expect(Math.abs(a / b - 1)).toBeLessThan(0.03)
    // What is not about pairs does not depend on the sample.
    expect({ ...sampled, pairs: undefined }).toEqual({ ...exact, pairs: undefined })
    // All nodes are looked at whatever the seed; only the order of the sums differs.
    const reordered = await measureSmoothing(large, layer, { sample: 'all', seed: 9 })
    expect(reordered.pairs?.meanPairwiseDistance).toBeCloseTo(a, 10)
  })

  it('has no pairs of a single node', async () => {
    const rows = { users: Float32Array.of(1, 2), items: Float32Array.of(2, 1), dimensions: 2 }
    const measured = await measureSmoothing(graphOf(1, 1, [[0, 0]]), rows)
    expect(measured.pairs?.nodes).toBe(2)
    expect([...measured.singularValues]).toHaveLength(2)
    expect(measured.singularValues[0]).toBeCloseTo(3, 12)
    expect(measured.singularValues[1]).toBeCloseTo(1, 12)
  })

  it('yields to the event loop and ends when the signal is aborted', async () => {
    const reason = new Error('enough')
    const layer = randomLayer(4, 4, 3)
    await expect(
      measureSmoothing(graph, layer, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    const large = randomLayer(1500, 1500, 64)
    const all = graphOf(1500, 1500, [[0, 0]])
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 1)
    await expect(
      measureSmoothing(all, large, { sample: 'all', signal: controller.signal }),
    ).rejects.toBe(reason)
  })

  it('rejects layers that do not fit, numbers that are not finite and wrong options', async () => {
    const layer = randomLayer(4, 4, 3)
    await expect(measureSmoothing(graph, randomLayer(3, 4, 3))).rejects.toThrow(ShapeMismatchError)
    await expect(measureSmoothing(graph, { ...layer, dimensions: 4 })).rejects.toThrow(
      'users: got 12 numbers in rows of 4; expected a row for each of 4 users',
    )
    await expect(measureSmoothing(graph, { ...layer, dimensions: 0 })).rejects.toThrow(
      ShapeMismatchError,
    )
    const items = layer.items.slice()
    items[7] = Number.NaN
    await expect(measureSmoothing(graph, { ...layer, items })).rejects.toThrow(NonFiniteError)
    await expect(measureSmoothing(graph, { ...layer, items })).rejects.toThrow(
      'The embedding of item index 2 holds NaN',
    )
    await expect(measureSmoothing({} as never, layer)).rejects.toThrow(InvalidOptionsError)
    await expect(measureSmoothing(graph, layer, { sample: 1 })).rejects.toThrow('sample: got 1')
  })
})
