import {
  BipartiteGraph,
  IdMap,
  InvalidOptionsError,
  NotConvergedError,
  Rng,
  SparseMatrix,
  type TruncatedSvd,
  truncatedSvd,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { describe, expect, it } from 'vitest'

/** Entries with the given density, rows and columns without any now and then. */
function randomMatrix(rows: number, columns: number, density: number, seed: string): SparseMatrix {
  const rng = Rng.fromSeed(seed)
  const entries: [number, number, number][] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (rng.uniform() < density) entries.push([row, column, rng.normal()])
    }
  }
  return fromEntries(rows, columns, entries)
}

function fromEntries(
  rows: number,
  columns: number,
  entries: readonly (readonly [number, number, number])[],
): SparseMatrix {
  return SparseMatrix.fromCoordinates({
    rows,
    columns,
    rowIndices: entries.map(([row]) => row),
    columnIndices: entries.map(([, column]) => column),
    values: entries.map(([, , value]) => value),
  })
}

function denseOf(a: SparseMatrix): Matrix {
  const dense = Matrix.zeros(a.rows, a.columns)
  for (let row = 0; row < a.rows; row++) {
    for (let entry = a.rowPointers[row]; entry < a.rowPointers[row + 1]; entry++) {
      dense.set(row, a.columnIndices[entry], a.values[entry])
    }
  }
  return dense
}

/** Singular values by a dense method of another kind. */
function denseSingularValues(a: SparseMatrix): number[] {
  const values = new SingularValueDecomposition(denseOf(a), { autoTranspose: true }).diagonal
  return [...values].sort((x, y) => y - x)
}

const matrixOf = (values: Float32Array, columns: number) =>
  Matrix.from1DArray(values.length / columns, columns, values)

/** Checks all that a decomposition promises of itself, in float64, against the matrix. */
function expectDecomposes(a: SparseMatrix, svd: TruncatedSvd, rank: number, tolerance: number) {
  const [u, v] = [matrixOf(svd.u, rank), matrixOf(svd.v, rank)]
  expect([u.rows, v.rows, svd.s.length, svd.residuals.length]).toEqual([
    a.rows,
    a.columns,
    rank,
    rank,
  ])
  expect([...svd.s]).toEqual([...svd.s].sort((x, y) => y - x))
  const dense = denseOf(a)
  const scaled = (of: Matrix) => of.clone().mulRowVector([...svd.s])
  const forward = Matrix.sub(dense.mmul(v), scaled(u))
  const backward = Matrix.sub(dense.transpose().mmul(u), scaled(v))
  const scale = tolerance * (svd.s[0] as number)
  for (let c = 0; c < rank; c++) {
    // Vectors are rounded to float32, which the residuals are not.
    const rounding = 2e-7 * Math.sqrt(a.rows + a.columns) * (svd.s[0] as number)
    expect(Math.hypot(...forward.getColumn(c))).toBeLessThanOrEqual(scale + rounding)
    expect(Math.hypot(...backward.getColumn(c))).toBeLessThanOrEqual(scale + rounding)
    expect(svd.residuals[c]).toBeLessThanOrEqual(scale)
  }
  for (const vectors of [u, v]) {
    const products = vectors.transpose().mmul(vectors)
    expect(Matrix.sub(products, Matrix.eye(rank)).abs().max()).toBeLessThan(5e-6)
  }
}

describe('truncatedSvd', () => {
  it('gives the leading singular values and vectors of any matrix', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.nat(),
        async (rows, columns, density, seed) => {
          const a = randomMatrix(rows, columns, density, String(seed))
          const expected = denseSingularValues(a)
          const nonZero = expected.filter((value) => value > 1e-3 * (expected[0] as number)).length
          const rank = Math.min(nonZero, 1 + (seed % 12))
          fc.pre(rank > 0)
          const svd = await truncatedSvd(a, { rank, seed })
          expectDecomposes(a, svd, rank, 1e-6)
          for (const [c, value] of svd.s.entries()) {
            expect(Math.abs(value - (expected[c] as number))).toBeLessThan(
              1e-6 * (expected[0] as number),
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finds each of many equal singular values', async () => {
    // 30 components that are one edge each: 30 singular values 1.
    const a = fromEntries(
      30,
      33,
      Array.from({ length: 30 }, (_, i) => [i, 32 - i, 1] as const),
    )
    const svd = await truncatedSvd(a, { rank: 20 })
    expectDecomposes(a, svd, 20, 1e-6)
    for (const value of svd.s) expect(value).toBeCloseTo(1, 10)
  })

  it('has a largest value of 1 for a normalized graph, and √degree as its vector', async () => {
    const rng = Rng.fromSeed('graph')
    const edges = Array.from({ length: 900 }, () => [rng.integer(70), rng.integer(50)] as const)
    const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
    const graph = BipartiteGraph.fromInteractions({
      users: ids(70),
      items: ids(50),
      userIndex: Int32Array.from(edges, ([user]) => user),
      itemIndex: Int32Array.from(edges, ([, item]) => item),
    })
    const { u, s, v } = await truncatedSvd(graph.biadjacency(), { rank: 3 })
    expect(s[0]).toBeCloseTo(1, 6)
    for (const [vectors, degrees] of [
      [u, graph.userDegrees],
      [v, graph.itemDegrees],
    ] as const) {
      for (const [node, degree] of degrees.entries()) {
        expect(vectors[node * 3]).toBeCloseTo(Math.sqrt(degree / graph.edgeCount), 5)
      }
    }
    const regularized = await truncatedSvd(graph.biadjacency({ regularization: 4 }), { rank: 1 })
    const most = Math.max(...graph.userDegrees, ...graph.itemDegrees)
    expect(regularized.s[0]).toBeLessThanOrEqual(most / (most + 4))
  })

  it('gives the transpose the same values and the vectors changed over', async () => {
    const a = randomMatrix(60, 25, 0.2, 'tall')
    const [tall, wide] = [
      await truncatedSvd(a, { rank: 6, tolerance: 1e-9 }),
      await truncatedSvd(a.transpose(), { rank: 6, tolerance: 1e-9 }),
    ]
    expect(wide.s).toEqual(tall.s)
    expect(wide.u).toEqual(tall.v)
    expect(wide.v).toEqual(tall.u)
  })

  it('gives the same bytes for a seed, and the same subspace for another', async () => {
    const a = randomMatrix(80, 60, 0.1, 'seeds')
    const options = { rank: 9, tolerance: 1e-10 }
    const first = await truncatedSvd(a, { ...options, seed: 1 })
    expect(await truncatedSvd(a, { ...options, seed: 1 })).toEqual(first)
    const other = await truncatedSvd(a, { ...options, seed: 2 })
    expect(other.residuals).not.toEqual(first.residuals)
    for (const [c, value] of other.s.entries()) expect(value).toBeCloseTo(first.s[c] as number, 10)
    // Signs are fixed, so the vectors themselves agree.
    const differences = other.u.map((value, at) => Math.abs(value - (first.u[at] as number)))
    expect(Math.max(...differences)).toBeLessThan(1e-5)
  })

  it('lets other work run meanwhile, and ends with its signal', async () => {
    const a = randomMatrix(600, 500, 0.2, 'long')
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await truncatedSvd(a, { rank: 60, tolerance: 1e-10 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    const reason = new Error('the user left')
    const controller = new AbortController()
    const work = truncatedSvd(a, { rank: 60, tolerance: 1e-10, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 1)
    await expect(work).rejects.toBe(reason)
    await expect(truncatedSvd(a, { rank: 2, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })

  it('says how far it is from converging, and what to raise', async () => {
    const a = randomMatrix(200, 150, 0.1, 'slow')
    const work = truncatedSvd(a, { rank: 20, iterations: 1 })
    await expect(work).rejects.toBeInstanceOf(NotConvergedError)
    await expect(work).rejects.toThrow(
      /rank 20 of a 200 × 150 matrix has a residual of \d\.\d+e[-+]\d+ after 1 rounds; .*Raise iterations \(1\)/,
    )
    await expect(work).rejects.toMatchObject({ code: 'NOT_CONVERGED' })
  })

  it('refuses a rank that the matrix has not', async () => {
    const low = fromEntries(6, 5, [
      [0, 0, 1],
      [1, 3, 2],
    ])
    for (const [a, rank, message] of [
      [low, 6, 'rank: got 6; expected at most 5, the shorter side of the 6 × 5 matrix'],
      [low, 3, 'rank: got 3; the 6 × 5 matrix has only 2 singular values other than zero'],
      [fromEntries(4, 4, []), 1, 'has only 0 singular values'],
    ] as const) {
      const work = truncatedSvd(a, { rank })
      await expect(work).rejects.toBeInstanceOf(InvalidOptionsError)
      await expect(work).rejects.toThrow(message)
    }
    const { s } = await truncatedSvd(low, { rank: 2 })
    expect(s[0]).toBeCloseTo(2, 12)
    expect(s[1]).toBeCloseTo(1, 12)
  })

  it('returns all singular values of a matrix that has fewer, when it may', async () => {
    const low = fromEntries(6, 5, [
      [0, 0, 1],
      [1, 3, 2],
    ])
    const two = await truncatedSvd(low, { rank: 2 })
    for (const rank of [3, 6]) {
      const { u, s, v, residuals } = await truncatedSvd(low, { rank, allowFewer: true })
      expect([u.length, s.length, v.length, residuals.length]).toEqual([12, 2, 10, 2])
      expect(Array.from(s)).toEqual(Array.from(two.s))
    }
    const none = await truncatedSvd(fromEntries(4, 4, []), { rank: 1, allowFewer: true })
    expect([none.u.length, none.s.length, none.v.length]).toEqual([0, 0, 0])
  })

  it('refuses options out of range', async () => {
    const a = randomMatrix(9, 9, 0.5, 'options')
    for (const options of [
      { rank: 0 },
      { rank: 1.5 },
      { rank: 2, oversampling: 0 },
      { rank: 2, tolerance: 0 },
      { rank: 2, tolerance: Number.NaN },
      { rank: 2, iterations: 0 },
      { rank: 2, ranks: 2 },
    ]) {
      await expect(truncatedSvd(a, options)).rejects.toBeInstanceOf(InvalidOptionsError)
    }
  })
})
