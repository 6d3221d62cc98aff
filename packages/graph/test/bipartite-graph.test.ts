import {
  type AdjacencyOptions,
  BipartiteGraph,
  fromRecords,
  InvalidInteractionsError,
  InvalidOptionsError,
  ShapeMismatchError,
  UnknownIdError,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Normalization } from '../src/matrices/normalization.js'
import {
  denseAdjacency,
  type GraphCase,
  graphCases,
  type Pair,
  readFixture,
  symmetricEigenvalues,
  type Tensor,
  tableOf,
  toDense,
} from './support/graphs.js'

const graphOf = ({ users, items, pairs }: GraphCase): BipartiteGraph =>
  BipartiteGraph.fromInteractions(tableOf(users, items, pairs))

/** u0: i0 i1; u1: i1; u2 and i2 isolated; one pair twice. */
const small: GraphCase = {
  users: 3,
  items: 3,
  pairs: [
    [0, 1],
    [0, 0],
    [1, 1],
    [0, 1],
  ],
}

const normalizations: Normalization[] = ['symmetric', 'row', 'column', 'none']

/** The documented formula on dense matrices, rounded to float32. */
function normalizedDense(
  matrix: number[][],
  rowDegrees: number[],
  columnDegrees: number[],
  normalization: Normalization,
): number[][] {
  const power = (degree: number, exponent: number) => (degree === 0 ? 0 : degree ** exponent)
  return matrix.map((row, r) =>
    row.map((value, c) => {
      if (normalization === 'row') return value * power(rowDegrees[r], -1)
      if (normalization === 'column') return value * power(columnDegrees[c], -1)
      if (normalization === 'none') return value
      return power(rowDegrees[r], -0.5) * value * power(columnDegrees[c], -0.5)
    }),
  )
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual.length).toBe(expected.length)
  for (let r = 0; r < actual.length; r++) {
    expect(actual[r].length).toBe(expected[r].length)
    for (let c = 0; c < actual[r].length; c++) {
      expect(Math.abs(actual[r][c] - expected[r][c])).toBeLessThanOrEqual(6e-8)
    }
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

describe('BipartiteGraph', () => {
  it('counts distinct pairs, isolated nodes included', () => {
    const graph = graphOf(small)
    expect([graph.userCount, graph.itemCount, graph.nodeCount, graph.edgeCount]).toEqual([
      3, 3, 6, 3,
    ])
    expect([...graph.userDegrees]).toEqual([2, 1, 0])
    expect([...graph.itemDegrees]).toEqual([1, 2, 0])
  })

  it('lists the items of a user and the users of an item in ascending order', () => {
    fc.assert(
      fc.property(graphCases, (given) => {
        const graph = graphOf(given)
        const neighbours = (side: 0 | 1, node: number) =>
          [
            ...new Set(
              given.pairs.filter((pair) => pair[side] === node).map((pair) => pair[1 - side]),
            ),
          ].sort((a, b) => a - b)
        for (let user = 0; user < given.users; user++) {
          expect([...graph.userItems(user)]).toEqual(neighbours(0, user))
          expect(graph.userDegrees[user]).toBe(neighbours(0, user).length)
        }
        for (let item = 0; item < given.items; item++) {
          expect([...graph.itemUsers(item)]).toEqual(neighbours(1, item))
          expect(graph.itemDegrees[item]).toBe(neighbours(1, item).length)
        }
      }),
    )
  })

  it('keeps the id maps of the table', () => {
    const table = fromRecords([{ user: 'ann', item: 7 }])
    const graph = BipartiteGraph.fromInteractions(table)
    expect(graph.users).toBe(table.users)
    expect(graph.items).toBe(table.items)
  })

  it('rejects a table without interactions', () => {
    expect(() => BipartiteGraph.fromInteractions(tableOf(2, 2, []))).toThrow(
      InvalidInteractionsError,
    )
    expect(() => BipartiteGraph.fromInteractions(fromRecords([]))).toThrow(/no interactions/)
  })

  it('rejects rows outside the id maps and names the row', () => {
    expect(() =>
      graphOf({
        users: 1,
        items: 1,
        pairs: [
          [0, 0],
          [1, 0],
        ],
      }),
    ).toThrow(/Row 1 has the userIndex 1/)
    expect(() => graphOf({ users: 1, items: 1, pairs: [[0, -1]] })).toThrow(
      InvalidInteractionsError,
    )
  })

  it('rejects index columns of different lengths', () => {
    const table = { ...tableOf(2, 2, [[0, 0]]), itemIndex: new Int32Array(2) }
    expect(() => BipartiteGraph.fromInteractions(table)).toThrow(ShapeMismatchError)
  })

  it('rejects users and items that it does not have', () => {
    const graph = graphOf(small)
    for (const index of [-1, 3, 0.5, Number.NaN]) {
      expect(() => graph.userItems(index)).toThrow(UnknownIdError)
      expect(() => graph.itemUsers(index)).toThrow(UnknownIdError)
    }
  })

  it.each(['sampling--constraints-isolated', 'lightgcn--L3-d16-dup', 'lightgcn--L2-d20-iso'])(
    'has the degrees of the fixture %s',
    (name) => {
      const { graph: expected } = readFixture(name)
      const graph = graphOf({ ...expected, pairs: expected.edges })
      expect(graph.edgeCount).toBe(expected.distinctEdges)
      expect([...graph.userDegrees]).toEqual(expected.userDegrees)
      expect([...graph.itemDegrees]).toEqual(expected.itemDegrees)
    },
  )
})

describe('BipartiteGraph.adjacency', () => {
  const options = fc.record({
    normalization: fc.constantFrom(...normalizations),
    selfLoops: fc.boolean(),
    regularization: fc.constantFrom(0, 0.5, 3),
  })

  it('equals the dense formula for every normalization', () => {
    fc.assert(
      fc.property(graphCases, options, (given, { normalization, selfLoops, regularization }) => {
        const alpha = normalization === 'none' ? 0 : regularization
        const a = denseAdjacency(given)
        if (selfLoops) for (let node = 0; node < a.length; node++) a[node][node] += 1
        const degrees = a.map((row) => sum(row) + alpha)
        const matrix = graphOf(given).adjacency({ normalization, selfLoops, regularization: alpha })
        expectClose(toDense(matrix), normalizedDense(a, degrees, degrees, normalization))
      }),
      { numRuns: 300 },
    )
  })

  it('rounds the float64 value once', () => {
    const matrix = graphOf(small).adjacency()
    expect(toDense(matrix)[0][4]).toBe(Math.fround(1 / Math.sqrt(4)))
    expect(toDense(matrix)[0][3]).toBe(Math.fround(1 / Math.sqrt(2)))
  })

  it('is symmetric without self-loops or regularization by default', () => {
    const graph = graphOf(small)
    const explicit = { normalization: 'symmetric', selfLoops: false, regularization: 0 } as const
    expect(graph.adjacency()).toBe(graph.adjacency(explicit))
  })

  it('is made once per set of options', () => {
    const graph = graphOf(small)
    const variants: AdjacencyOptions[] = [
      {},
      { selfLoops: true },
      { regularization: 1 },
      { normalization: 'row' },
      { normalization: 'column' },
      { normalization: 'none' },
      { normalization: 'none', selfLoops: true },
    ]
    const matrices = variants.map((variant) => graph.adjacency(variant))
    expect(new Set(matrices).size).toBe(variants.length)
    expect(variants.map((variant) => graph.adjacency({ ...variant }))).toEqual(matrices)
    for (let v = 0; v < variants.length; v++) expect(graph.adjacency(variants[v])).toBe(matrices[v])
  })

  it('is its own transpose when it is symmetric, and only then', () => {
    const graph = graphOf(small)
    for (const selfLoops of [false, true]) {
      for (const normalization of normalizations) {
        const matrix = graph.adjacency({ normalization, selfLoops })
        const isSymmetric = normalization === 'symmetric' || normalization === 'none'
        expect(matrix.transpose() === matrix).toBe(isSymmetric)
      }
    }
    const rows = graph.adjacency({ normalization: 'row' })
    expect(toDense(rows.transpose())).toEqual(toDense(graph.adjacency({ normalization: 'column' })))
  })

  it('leaves isolated nodes empty rows, or a loop of weight one', () => {
    const graph = graphOf(small)
    for (const normalization of normalizations) {
      const plain = toDense(graph.adjacency({ normalization }))
      const looped = toDense(graph.adjacency({ normalization, selfLoops: true }))
      for (const node of [2, 5]) {
        expect(plain[node]).toEqual([0, 0, 0, 0, 0, 0])
        expect(looped[node].map((value, other) => (other === node ? value - 1 : value))).toEqual([
          0, 0, 0, 0, 0, 0,
        ])
      }
    }
  })

  it('does not depend on the order or repetition of interactions', () => {
    fc.assert(
      fc.property(graphCases, (given) => {
        const pairs: Pair[] = [...given.pairs].reverse().concat(given.pairs)
        const other = graphOf({ ...given, pairs }).adjacency()
        const matrix = graphOf(given).adjacency()
        expect([...other.columnIndices]).toEqual([...matrix.columnIndices])
        expect([...other.values]).toEqual([...matrix.values])
      }),
    )
  })

  it('is permuted when nodes are relabelled', () => {
    const shuffles = graphCases.chain((given) =>
      fc.record({
        given: fc.constant(given),
        users: fc.shuffledSubarray([...Array(given.users).keys()], { minLength: given.users }),
        items: fc.shuffledSubarray([...Array(given.items).keys()], { minLength: given.items }),
      }),
    )
    fc.assert(
      fc.property(shuffles, ({ given, users, items }) => {
        const pairs = given.pairs.map(([user, item]): Pair => [users[user], items[item]])
        const nodes = [...users, ...items.map((item) => given.users + item)]
        const matrix = toDense(graphOf(given).adjacency({ selfLoops: true }))
        const other = toDense(graphOf({ ...given, pairs }).adjacency({ selfLoops: true }))
        expect(nodes.map((row) => nodes.map((column) => other[row][column]))).toEqual(matrix)
      }),
    )
  })

  it('has a symmetric spectrum within [-1, 1], and above -1 with self-loops', () => {
    fc.assert(
      fc.property(graphCases, (given) => {
        const graph = graphOf(given)
        const plain = symmetricEigenvalues(toDense(graph.adjacency()))
        const last = plain.length - 1
        expect(plain[last]).toBeCloseTo(1, 6)
        plain.forEach((value, n) => {
          expect(value).toBeCloseTo(-plain[last - n], 6)
        })
        const looped = symmetricEigenvalues(toDense(graph.adjacency({ selfLoops: true })))
        expect(looped[last]).toBeCloseTo(1, 6)
        expect(looped[0]).toBeGreaterThan(-0.999)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the square roots of the degrees, and turns their sign on items', () => {
    fc.assert(
      fc.property(graphCases, (given) => {
        const graph = graphOf(given)
        const degrees = [...graph.userDegrees, ...graph.itemDegrees]
        const smooth = Float32Array.from(degrees, (degree) => Math.sqrt(degree))
        const flipped = smooth.map((value, node) => (node < given.users ? value : -value))
        const a = graph.adjacency()
        const [kept, turned] = [a.multiplyDense(smooth, 1), a.multiplyDense(flipped, 1)]
        for (let node = 0; node < degrees.length; node++) {
          expect(kept[node]).toBeCloseTo(smooth[node], 5)
          expect(turned[node]).toBeCloseTo(-flipped[node], 5)
        }
      }),
    )
  })

  it('maps ones to √(a/b) and √(b/a) on a bi-regular graph, and back in two steps', () => {
    // Three users with two items each, two items with three users each.
    const pairs = [0, 1, 2].flatMap((user): Pair[] => [
      [user, 0],
      [user, 1],
    ])
    const a = graphOf({ users: 3, items: 2, pairs }).adjacency()
    const one = a.multiplyDense(new Float32Array(5).fill(1), 1)
    const two = a.multiplyDense(one, 1)
    for (let node = 0; node < 5; node++) {
      expect(one[node]).toBeCloseTo(Math.sqrt(node < 3 ? 2 / 3 : 3 / 2), 6)
      expect(two[node]).toBeCloseTo(1, 6)
    }
  })

  it('is its own adjoint: ⟨ÂX, Y⟩ = ⟨X, ÂY⟩', () => {
    fc.assert(
      fc.property(graphCases, fc.nat(), (given, seed) => {
        const a = graphOf(given).adjacency()
        const x = Float32Array.from({ length: a.rows * 3 }, (_, n) => Math.sin(n + seed))
        const y = Float32Array.from({ length: a.rows * 3 }, (_, n) => Math.cos(2 * n + seed))
        const inner = (p: Float32Array, q: Float32Array) => sum(Array.from(p, (v, n) => v * q[n]))
        expect(inner(a.multiplyDense(x, 3), y)).toBeCloseTo(inner(x, a.multiplyDense(y, 3)), 4)
      }),
    )
  })

  it.each(['lightgcn--L2-d20-iso', 'lightgcn--L3-d16-dup'])(
    'propagates as the fixture %s',
    (name) => {
      const fixture = readFixture<{ layers: Tensor[] }>(name)
      const { layers } = fixture.expected
      const a = graphOf({ ...fixture.graph, pairs: fixture.graph.edges }).adjacency()
      for (let layer = 0; layer + 1 < layers.length; layer++) {
        const width = layers[layer].shape[1]
        const product = a.multiplyDense(Float32Array.from(layers[layer].data), width)
        const limit = 2e-5 * Math.max(...layers[layer + 1].data.map(Math.abs))
        product.forEach((value, n) => {
          expect(Math.abs(value - layers[layer + 1].data[n])).toBeLessThanOrEqual(limit)
        })
      }
    },
  )

  it('propagates with self-loops as the fixture gcnii--lambda0-linear', () => {
    const fixture = readFixture<{ layers: Tensor[] }>('gcnii--lambda0-linear')
    const { layers } = fixture.expected
    const alpha = fixture.params['alpha'] as number
    const a = graphOf({ ...fixture.graph, pairs: fixture.graph.edges }).adjacency({
      selfLoops: true,
    })
    const first = layers[0].data
    for (let layer = 0; layer + 1 < layers.length; layer++) {
      const product = a.multiplyDense(Float32Array.from(layers[layer].data), layers[layer].shape[1])
      const limit = 2e-5 * Math.max(...layers[layer + 1].data.map(Math.abs))
      product.forEach((value, n) => {
        const next = (1 - alpha) * value + alpha * first[n]
        expect(Math.abs(next - layers[layer + 1].data[n])).toBeLessThanOrEqual(limit)
      })
    }
  })

  it('rejects options that are wrong, misspelt or unread', () => {
    const graph = graphOf(small)
    const bad: [unknown, RegExp][] = [
      [{ normalization: 'sym' }, /normalization: got "sym"/],
      [{ selfLoops: 1 }, /selfLoops: got 1/],
      [{ selfLoop: true }, /did you mean 'selfLoops'/],
      [{ regularization: -1 }, /regularization: got -1/],
      [{ regularization: Number.NaN }, /regularization: got NaN/],
      [{ regularization: Number.POSITIVE_INFINITY }, /regularization/],
      [{ normalization: 'none', regularization: 1 }, /divides by no degree/],
    ]
    for (const [options, message] of bad) {
      expect(() => graph.adjacency(options as AdjacencyOptions)).toThrow(InvalidOptionsError)
      expect(() => graph.adjacency(options as AdjacencyOptions)).toThrow(message)
    }
  })
})

describe('BipartiteGraph.biadjacency', () => {
  it('equals the dense formula for every normalization', () => {
    const options = fc.tuple(fc.constantFrom(...normalizations), fc.constantFrom(0, 0.5, 3))
    fc.assert(
      fc.property(graphCases, options, (given, [normalization, regularization]) => {
        const alpha = normalization === 'none' ? 0 : regularization
        const r = denseAdjacency(given)
          .slice(0, given.users)
          .map((row) => row.slice(given.users))
        const graph = graphOf(given)
        const shifted = (degrees: Int32Array) => Array.from(degrees, (degree) => degree + alpha)
        const [users, items] = [shifted(graph.userDegrees), shifted(graph.itemDegrees)]
        const matrix = graph.biadjacency({ normalization, regularization: alpha })
        expect([matrix.rows, matrix.columns]).toEqual([given.users, given.items])
        expectClose(toDense(matrix), normalizedDense(r, users, items, normalization))
      }),
      { numRuns: 300 },
    )
  })

  it.each(['svd-gcn--s-a0-k4', 'svd-gcn--s-a4-k3'])(
    'equals the matrix of the fixture %s',
    (name) => {
      const { graph, params, expected } = readFixture<{ normalisedMatrix: Tensor }>(name)
      const matrix = graphOf({ ...graph, pairs: graph.edges }).biadjacency({
        regularization: params['alpha'] as number,
      })
      const { shape, data } = expected.normalisedMatrix
      expect([matrix.rows, matrix.columns]).toEqual(shape)
      toDense(matrix)
        .flat()
        .forEach((value, n) => {
          expect(Math.abs(value - data[n])).toBeLessThanOrEqual(3e-8)
        })
    },
  )

  it('has a largest singular value of 1, and at most d/(d + α) when regularized', () => {
    fc.assert(
      fc.property(graphCases, fc.constantFrom(0, 0.5, 4), (given, alpha) => {
        const graph = graphOf(given)
        const r = toDense(graph.biadjacency({ regularization: alpha }))
        const gram = r.map((row) => r.map((other) => sum(row.map((value, n) => value * other[n]))))
        const largest = Math.sqrt(symmetricEigenvalues(gram)[gram.length - 1])
        const highest = Math.max(...graph.userDegrees, ...graph.itemDegrees)
        if (alpha === 0) expect(largest).toBeCloseTo(1, 6)
        else expect(largest).toBeLessThanOrEqual(highest / (highest + alpha) + 1e-6)
      }),
      { numRuns: 40 },
    )
  })

  it('is made once per set of options and has no self-loops to ask for', () => {
    const graph = graphOf(small)
    expect(graph.biadjacency()).toBe(
      graph.biadjacency({ normalization: 'symmetric', regularization: 0 }),
    )
    expect(graph.biadjacency({ normalization: 'none' })).toBe(
      graph.biadjacency({ normalization: 'none' }),
    )
    expect(graph.biadjacency({ regularization: 2 })).not.toBe(graph.biadjacency())
    expect(() => graph.biadjacency({ selfLoops: true } as never)).toThrow(InvalidOptionsError)
    expect(() => graph.biadjacency({ normalization: 'none', regularization: 1 })).toThrow(
      InvalidOptionsError,
    )
  })
})

describe('BipartiteGraph.dispose', () => {
  it('frees every matrix it has made and leaves them usable', () => {
    const graph = graphOf(small)
    const freed: string[] = []
    graph.adjacency().onDispose(() => freed.push('adjacency'))
    graph
      .adjacency({ normalization: 'row' })
      .transpose()
      .onDispose(() => freed.push('transpose'))
    graph.biadjacency().onDispose(() => freed.push('biadjacency'))
    graph.biadjacency({ normalization: 'none' }).onDispose(() => freed.push('pattern'))
    const matrix = graph.adjacency()
    graph.dispose()
    graph.dispose()
    expect(freed.sort()).toEqual(['adjacency', 'biadjacency', 'pattern', 'transpose'])
    expect(graph.adjacency()).toBe(matrix)
    matrix.onDispose(() => freed.push('again'))
    graph.dispose()
    expect(freed).toContain('again')
  })
})
