import { InvalidOptionsError, NonFiniteError, ShapeMismatchError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, NotSupportedError, PopularityRecommender } from '../../src/index.js'
import { transformVectors, VectorTable, vectorsOf } from '../../src/vectors.js'
import { common, embeddings, recommenderArbitrary } from '../support/recommenders.js'

const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, at) => sum + value * (b[at] as number), 0)

describe('VectorTable', () => {
  it('is plain rows as JSON', () => {
    const table = new VectorTable({
      ids: [7, 9],
      dim: 2,
      vectors: Float32Array.of(1, 0, 0.5, 2),
      bias: Float32Array.of(3, -1),
    })
    expect(JSON.parse(JSON.stringify(table))).toEqual([
      { id: 7, vector: [1, 0], bias: 3 },
      { id: 9, vector: [0.5, 2], bias: -1 },
    ])
  })

  it('tells the metrics that order rows as their scores do', () => {
    const metricsOf = (vectors: number[], bias?: number[]) =>
      new VectorTable({
        ids: ['a', 'b'],
        dim: 2,
        vectors: Float32Array.from(vectors),
        bias: bias && Float32Array.from(bias),
      }).metrics
    expect(metricsOf([1, 0, 0, 2])).toEqual(['dot'])
    expect(metricsOf([0.6, 0.8, 0, -1])).toEqual(['dot', 'cosine', 'l2'])
    expect(metricsOf([0.6, 0.8, 0, 0])).toEqual(['dot'])
    expect(metricsOf([0.6, 0.8, 0, -1], [0, 1])).toEqual([])
  })

  it.each([
    [{ ids: ['a', 'a'] }, /ids: got "a" again in row 1/],
    [{ ids: ['a', 1] }, /ids: got 1 \(number\) in row 1; expected ids that are all text/],
    [{ ids: [1.5, 1] }, /ids: got 1.5/],
    [{ ids: 'ab' }, /ids: .*expected an array of ids/],
    [{ dim: 0 }, /dim: .*expected an integer from 1 up/],
    [{ vectors: [1, 2, 3, 4] }, /vectors: .*expected a Float32Array/],
    [{ vektors: Float32Array.of(1) }, /vektors/],
  ])('refuses %j', (wrong, message) => {
    const right = { ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 2, 3, 4) }
    const make = () => new VectorTable({ ...right, ...wrong } as typeof right)
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow(message)
  })

  it('refuses arrays that do not fit and numbers that are not finite', () => {
    const right = { ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 2, 3, 4) }
    expect(() => new VectorTable({ ...right, dim: 3 })).toThrow(ShapeMismatchError)
    expect(() => new VectorTable({ ...right, bias: Float32Array.of(1) })).toThrow(
      'bias has 1 numbers; expected 2 × 1 = 2.',
    )
    const vectors = Float32Array.of(1, 2, 3, Number.NaN)
    expect(() => new VectorTable({ ...right, vectors })).toThrow(NonFiniteError)
    expect(() => new VectorTable({ ...right, vectors })).toThrow('NaN in the row of "b"')
  })
})

describe('vectorsOf', () => {
  it('gives vectors whose products, with biases, are the scores', () => {
    fc.assert(
      fc.property(recommenderArbitrary, (recommender) => {
        fc.pre(recommender instanceof EmbeddingRecommender)
        const { users, items } = vectorsOf(recommender, { untrained: 'keep' })
        expect([users.ids, items.ids]).toEqual([recommender.users.ids, recommender.items.ids])
        const warm = recommender.withColdStart('model')
        users.ids.forEach((user, row) => {
          const scores = warm.score(user, items.ids)
          scores.forEach((score, item) => {
            const bias = items.bias?.[item] ?? 0
            const own = product(users.vectorAt(row), items.vectorAt(item)) + bias
            expect(own).toBeCloseTo(score, 5)
          })
        })
      }),
    )
  })

  it('leaves out what nobody met in training, unless it is to be kept or known otherwise', () => {
    const seen = { pointers: Int32Array.of(0, 2, 2, 3), items: Int32Array.of(0, 2, 2) }
    const recommender = new EmbeddingRecommender({ ...embeddings, seen })
    const { users, items } = vectorsOf(recommender)
    expect([users.ids, items.ids]).toEqual([
      ['anna', 'cleo'],
      ['a', 'c'],
    ])
    expect(Array.from(items.vectorAt(1))).toEqual([0, 0])
    expect(vectorsOf(recommender, { untrained: 'keep' }).items.ids).toHaveLength(4)
    expect(vectorsOf(recommender.withColdStart('model')).users.ids).toHaveLength(3)
  })

  it('refuses recommenders without vectors, and wrong options', () => {
    const popular = new PopularityRecommender({ ...common, scores: Float32Array.of(1, 2, 3, 4) })
    expect(() => vectorsOf(popular)).toThrow(NotSupportedError)
    expect(() => vectorsOf(null as never)).toThrow(InvalidOptionsError)
    const recommender = new EmbeddingRecommender(embeddings)
    expect(() => vectorsOf(recommender, { untrained: 'skip' as never })).toThrow(/leave-out/)
  })
})

describe('transformVectors', () => {
  const tables = fc
    .record({
      count: fc.integer({ min: 1, max: 30 }),
      dim: fc.integer({ min: 1, max: 6 }),
      withBias: fc.boolean(),
      numbers: fc.array(fc.float({ min: -4, max: 4, noNaN: true }), {
        minLength: 220,
        maxLength: 220,
      }),
    })
    .map(({ count, dim, withBias, numbers }) => ({
      items: new VectorTable({
        ids: Array.from({ length: count }, (_, item) => item),
        dim,
        vectors: Float32Array.from(numbers.slice(0, count * dim)),
        bias: withBias ? Float32Array.from(numbers.slice(180, 180 + count)) : undefined,
      }),
      user: Float32Array.from(numbers.slice(210, 210 + dim)),
    }))

  const closeness = {
    dot: product,
    cosine: (a: Float32Array, b: Float32Array) =>
      product(a, b) / Math.sqrt(product(a, a) * product(b, b)),
    l2: (a: Float32Array, b: Float32Array) =>
      -Math.hypot(...Array.from(a, (value, at) => value - (b[at] as number))),
  }

  it.each(['dot', 'cosine', 'l2'] as const)('keeps the order of scores for %s', (metric) => {
    fc.assert(
      fc.property(tables, ({ items, user }) => {
        fc.pre(product(user, user) > 0.01)
        const { items: turned, toQuery } = transformVectors(items, metric)
        expect(turned.metrics).toContain(metric)
        const query = toQuery(user)
        const scores = items.ids.map(
          (_, row) => product(user, items.vectorAt(row)) + (items.bias?.[row] ?? 0),
        )
        const near = turned.ids.map((_, row) => closeness[metric](query, turned.vectorAt(row)))
        const order = [...items.ids].sort((a, b) => (near[b] as number) - (near[a] as number))
        // Scores that differ by rounding to float32 alone may change places.
        const most = Math.max(...scores.map(Math.abs), 1) * 2e-3
        const difference = (a = 0, b = 0) => (scores[a] as number) - (scores[b] as number)
        for (let place = 1; place < order.length; place++) {
          expect(difference(order[place - 1], order[place])).toBeGreaterThan(-most)
        }
      }),
    )
  })

  it('puts items into the same order as exact scores where they differ clearly', () => {
    const items = new VectorTable({
      ids: ['long', 'near', 'short', 'biased'],
      dim: 2,
      vectors: Float32Array.of(5, 5, 1, 0, 0.1, 0, 0, 1),
      bias: Float32Array.of(0, 0, 0, 9),
    })
    const user = Float32Array.of(1, 0)
    for (const metric of ['dot', 'cosine', 'l2'] as const) {
      const { items: turned, toQuery, toQueries } = transformVectors(items, metric)
      const query = toQuery(user)
      const order = [...turned.ids].sort(
        (a, b) =>
          closeness[metric](query, turned.vectorAt(turned.ids.indexOf(b))) -
          closeness[metric](query, turned.vectorAt(turned.ids.indexOf(a))),
      )
      expect(order).toEqual(['biased', 'long', 'near', 'short'])
      const users = new VectorTable({ ids: [4], dim: 2, vectors: user })
      expect(toQueries(users).vectorAt(0)).toEqual(query)
    }
  })

  it('leaves vectors alone that the metric orders rightly', () => {
    const items = new VectorTable({ ids: ['a'], dim: 2, vectors: Float32Array.of(0.6, 0.8) })
    expect(transformVectors(items, 'cosine').items.vectors).toEqual(items.vectors)
    expect(transformVectors(items, 'l2').toQuery(Float32Array.of(1, 2))).toEqual(
      Float32Array.of(1, 2),
    )
  })

  it('refuses other metrics and queries of another length', () => {
    const items = new VectorTable({ ids: ['a'], dim: 2, vectors: Float32Array.of(3, 4) })
    expect(() => transformVectors(items, 'hamming' as never)).toThrow(InvalidOptionsError)
    expect(() => transformVectors(items, 'l2').toQuery(Float32Array.of(1))).toThrow(
      ShapeMismatchError,
    )
  })
})
