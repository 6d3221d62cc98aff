import { BipartiteGraph, Rng } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  depthAdvice,
  evaluate,
  type LayeredModel,
  type NodeEmbeddings,
  ProtocolMismatchError,
} from '../../src/index.js'
import { dotRanker, readOut } from '../../src/smoothing/read-out.js'
import { graphOf } from '../support/graphs.ts'
import { splitOf } from '../support/tiny-split.ts'

// Two tastes: users and items 0..9 and 10..19; each user misses one item of the taste.
const userCount = 20
const tasteOf = (index: number): number => Math.floor(index / 10)
const itemsOf = (user: number): number[] =>
  Array.from({ length: 10 }, (_, i) => tasteOf(user) * 10 + i).filter((i) => i !== user)
const split = splitOf({
  itemCount: 20,
  train: Array.from({ length: userCount }, (_, user) => [...itemsOf(user), (user * 7) % 20]),
  validation: Array.from({ length: userCount }, (_, user) => [user]),
  test: [],
})
const graph = BipartiteGraph.fromInteractions(split.train)

/** Free embeddings with a little of the taste, propagated: x ← Â x. */
function propagated(depth: number): NodeEmbeddings[] {
  const dimensions = 4
  const rng = Rng.fromSeed(2)
  const rows = (count: number): Float32Array =>
    Float32Array.from({ length: count * dimensions }, (_, i) => {
      const taste = tasteOf(Math.floor(i / dimensions))
      return rng.normal() + (i % dimensions === taste ? 0.5 : 0)
    })
  const layers: NodeEmbeddings[] = [{ users: rows(20), items: rows(20), dimensions }]
  const toUsers = graph.biadjacency()
  for (let l = 0; l < depth; l++) {
    const { users, items } = layers[l]
    const next = { users: new Float32Array(80), items: new Float32Array(80), dimensions }
    for (let user = 0; user < 20; user++) {
      for (let p = toUsers.rowPointers[user]; p < toUsers.rowPointers[user + 1]; p++) {
        const item = toUsers.columnIndices[p]
        for (let d = 0; d < dimensions; d++) {
          next.users[user * 4 + d] += toUsers.values[p] * items[item * 4 + d]
          next.items[item * 4 + d] += toUsers.values[p] * users[user * 4 + d]
        }
      }
    }
    layers.push(next)
  }
  return layers
}

/** A model of given layers that counts the tensors it has out. */
class FixedModel implements LayeredModel {
  readonly graph: BipartiteGraph
  tensors = 0
  prepared = 0
  readonly #layers: readonly NodeEmbeddings[]

  constructor(own: BipartiteGraph, layers: readonly NodeEmbeddings[]) {
    this.graph = own
    this.#layers = layers
  }

  async prepare(): Promise<void> {
    this.prepared++
  }

  layerOutputs() {
    const tensor = (values: Float32Array | Float64Array, dimensions: number) => {
      this.tensors++
      return {
        shape: [values.length / dimensions, dimensions],
        data: () => Promise.resolve(values),
        dispose: () => {
          this.tensors--
        },
      }
    }
    return this.#layers.map(({ users, items, dimensions }) => ({
      users: tensor(users, dimensions),
      items: tensor(items, dimensions),
    }))
  }
}

describe('depthAdvice', () => {
  it('recommends the smallest depth that is not significantly worse than the best', async () => {
    const layers = propagated(6)
    const model = new FixedModel(graph, layers)
    const advice = await depthAdvice(model, { split, metric: 'ndcg@5' })
    expect(model.tensors).toBe(0)
    expect(model.prepared).toBe(1)
    expect(advice.profiles.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const { depth, validation } of advice.profiles) {
      const ranker = dotRanker(readOut(layers.slice(0, depth + 1), 'mean'))
      const report = await evaluate(ranker, { split, on: 'validation', metrics: ['ndcg@5'] })
      expect(validation).toBe(report.metrics['ndcg@5'])
    }
    const values = advice.profiles.map(({ validation }) => Number(validation))
    expect(values[advice.depth]).toBeGreaterThan(values[0])
    expect(advice.depth).toBeLessThanOrEqual(values.indexOf(Math.max(...values)))
    expect(advice.depth).toBeGreaterThan(0)
    expect(advice.reasons[0]).toMatch(/^ndcg@5 on validation is best at depth \d \(0\.\d{4}\)/)
    expect(advice.reasons[0]).toContain('trained for its full depth')
  })

  it('recommends the layer before rows collapse if there is no validation', async () => {
    const advice = await depthAdvice(new FixedModel(graph, propagated(40)))
    const states = advice.profiles.map(({ state }) => state)
    expect(states[0]).toBe('distinct')
    expect(states.at(-1)).toBe('collapsed')
    expect(advice.depth).toBe(states.indexOf('collapsed') - 1)
    expect(advice.reasons.join(' ')).toContain('The rows collapse at layer')
    expect(advice.reasons.join(' ')).toContain('an upper bound')
    const energies = advice.profiles.map(({ smoothing }) => Number(smoothing?.effectiveRank))
    expect(energies.at(-1)).toBeLessThan(energies[0])
  })

  it('recommends the last layer if none has collapsed', async () => {
    const advice = await depthAdvice(new FixedModel(graph, propagated(1)))
    expect(advice.depth).toBe(1)
    expect(advice.reasons[0]).toContain('No layer has collapsed')
  })

  it('judges models that were trained with each depth, also deeper than this one', async () => {
    const layers = propagated(3)
    const trial = async (depth: number, factor: number) => ({
      depth,
      report: await evaluate(dotRanker(readOut(layers.slice(0, factor), 'mean')), {
        split,
        on: 'validation',
        metrics: ['recall@3'],
      }),
    })
    const trials = [await trial(5, 3), await trial(0, 1), await trial(2, 3)]
    const model = new FixedModel(graph, layers)
    const advice = await depthAdvice(model, { trials, metric: 'recall@3' })
    expect(advice.profiles.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 5])
    expect(advice.profiles[4].smoothing).toBeUndefined()
    expect(advice.profiles[1].validation).toBeUndefined()
    // Depths 2 and 5 have the same lists; the first of the best is taken.
    expect(advice.depth).toBe(2)
    expect(advice.reasons[0]).toContain('models trained with each depth')
  })

  it('warns when validation prefers a depth whose rows have collapsed', async () => {
    const ones = new Float32Array(400).fill(1)
    // Each user scores the validation item highest.
    const exact = new Float32Array(400).map((_, i) => (i % 21 === 0 ? 1 : 0))
    const model = new FixedModel(graph, [
      { users: ones, items: ones, dimensions: 20 },
      { users: exact, items: exact, dimensions: 20 },
    ])
    const { depth, reasons } = await depthAdvice(model, {
      split,
      metric: 'ndcg@20',
      readOut: 'last',
    })
    expect(depth).toBe(1)
    expect(reasons.at(-1)).toContain('the rows after layer 0 have collapsed (mean cosine 1.00')
  })

  it('rejects split with trials, two trials of one depth, other protocols and things that are no model', async () => {
    const model = new FixedModel(graph, propagated(1))
    const ranker = dotRanker(readOut(propagated(1), 'mean'))
    const judge = (options: object) =>
      evaluate(ranker, { split, on: 'validation', metrics: ['ndcg@20'], ...options })
    const report = await judge({})
    const trials = [{ depth: 1, report }]
    await expect(depthAdvice(model, { split, trials })).rejects.toThrow('both split and trials')
    await expect(depthAdvice(model, { trials: [...trials, ...trials] })).rejects.toThrow(
      'got two of depth 1',
    )
    const unlike = [...trials, { depth: 2, report: await judge({ mask: 'none' }) }]
    await expect(depthAdvice(model, { trials: unlike })).rejects.toThrow(ProtocolMismatchError)
    await expect(depthAdvice(model, { trials, metric: 'recall@7' })).rejects.toThrow(
      "'recall@7', which a report does not hold per user",
    )
    await expect(depthAdvice({} as never)).rejects.toThrow('model: got no layerOutputs')
    await expect(depthAdvice(model, { readOut: 'max' as never })).rejects.toThrow('readOut')
  })

  it('frees the tensors of a model whose layers do not fit', async () => {
    const model = new FixedModel(graphOf(2, 2, [[0, 0]]), propagated(1))
    await expect(depthAdvice(model)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    expect(model.tensors).toBe(0)
  })
})

describe('readOut', () => {
  const layer = (value: number): NodeEmbeddings => ({
    users: Float32Array.of(value),
    items: Float32Array.of(-value),
    dimensions: 1,
  })
  const layers = [layer(1), layer(2), layer(6)]

  it.each([
    ['mean', 3],
    ['last', 6],
    ['sum', 8],
  ] as const)('%s', (how, expected) => {
    expect(readOut(layers, how)).toEqual(layer(expected))
    expect(readOut(layers.slice(0, 1), how)).toEqual(layer(1))
  })

  it('may be a function', () => {
    expect(readOut(layers, (own) => own[1])).toEqual(layer(2))
  })
})
