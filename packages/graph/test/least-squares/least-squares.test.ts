import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { DisposedError, InvalidOptionsError, ShapeMismatchError } from '../../src/errors.js'
import {
  defaultRuntime,
  finish,
  finishInSlices,
  KernelRuntime,
  leastSquares,
} from '../../src/kernels.js'
import { KernelSolver } from '../../src/least-squares/kernel-solver.js'
import type {
  LeastSquaresRows,
  LeastSquaresRule,
  LeastSquaresSolver,
} from '../../src/least-squares/least-squares-solver.js'
import { PlainSolver } from '../../src/least-squares/plain-solver.js'
import { batchEnd } from '../../src/least-squares/row-batches.js'
import { Rng } from '../../src/random/rng.js'

const { usedBytes } = defaultRuntime().statistics
afterEach(() => {
  vi.restoreAllMocks()
  expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
})
afterAll(() => defaultRuntime().setThreads(1))

interface Problem {
  readonly rule: LeastSquaresRule
  readonly table: Float32Array
  readonly rows: LeastSquaresRows
  readonly start: Float32Array
}

interface Sizes {
  readonly dim: number
  readonly block?: number
  readonly tableRows?: number
  readonly count?: number
  readonly mostEntries?: number
  readonly seed?: number
  readonly weighted?: boolean
}

/** Random rows with 0 to `mostEntries` entries; every third has none. */
function problemOf({
  dim,
  block = dim,
  tableRows = 2 * dim + 20,
  count = 12,
  mostEntries = 40,
  seed = 0,
  weighted = false,
}: Sizes): Problem {
  const rng = Rng.fromSeed(seed)
  const table = new Float32Array(tableRows * dim)
  rng.fillNormal(table, 1)
  const start = new Float32Array(count * dim)
  rng.fillNormal(start, 0.3)
  const lists = Array.from({ length: count }, (_, row) => {
    const wanted = row % 3 === 2 ? 0 : rng.integer(mostEntries) + 1
    const list = Array.from({ length: wanted }, () => rng.integer(tableRows))
    return [...new Set(list)].sort((a, b) => a - b)
  })
  const columns = Int32Array.from(lists.flat())
  const pointers = new Int32Array(count + 1)
  lists.forEach((list, row) => {
    pointers[row + 1] = pointers[row] + list.length
  })
  const values = weighted ? Float32Array.from(columns, () => 3 * rng.uniform()) : undefined
  const ridges = Float64Array.from({ length: count }, () => 0.05 + rng.uniform())
  const rule = { dim, block, gramWeight: 0.3, entryWeight: 2, targetOffset: 1 }
  return { rule, table, rows: { pointers, columns, values, ridges }, start }
}

function solved(solver: LeastSquaresSolver, { table, rows, start }: Problem): Float32Array {
  const out = start.slice()
  try {
    finish(solver.setTable(table))
    finish(solver.solve(rows, out))
    return out
  } finally {
    solver.free()
  }
}

/** The matrix and the right side of a row, from the definition. */
function equationsOf({ rule, table, rows }: Problem, row: number) {
  const { dim, gramWeight, entryWeight, targetOffset } = rule
  const matrix = Array.from({ length: dim }, () => new Array<number>(dim).fill(0))
  const right = new Array<number>(dim).fill(0)
  const add = (y: Float32Array, weight: number) => {
    for (let i = 0; i < dim; i++) for (let j = 0; j < dim; j++) matrix[i][j] += weight * y[i] * y[j]
  }
  for (let first = 0; first < table.length; first += dim) {
    add(table.subarray(first, first + dim), gramWeight)
  }
  for (let entry = rows.pointers[row]; entry < rows.pointers[row + 1]; entry++) {
    const y = table.subarray(rows.columns[entry] * dim, (rows.columns[entry] + 1) * dim)
    const weight = entryWeight * (rows.values?.[entry] ?? 1)
    add(y, weight)
    for (let i = 0; i < dim; i++) right[i] += (targetOffset + weight) * y[i]
  }
  for (let i = 0; i < dim; i++) matrix[i][i] += rows.ridges[row]
  return { matrix, right }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
}

const sizes = fc.record({
  dim: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat(1e6),
  weighted: fc.boolean(),
  mostEntries: fc.constantFrom(1, 15, 16, 17, 60),
})

const kinds: [string, (rule: LeastSquaresRule) => LeastSquaresSolver][] = [
  ['kernels', (rule) => new KernelSolver(rule)],
  ['plain JavaScript', (rule) => new PlainSolver(rule)],
]

describe.each(kinds)('least squares by %s', (_, make) => {
  it('solves the normal equations, and gives a row without entries zeros', () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const problem = problemOf(given)
        const { dim } = problem.rule
        const x = solved(make(problem.rule), problem)
        for (let row = 0; row < 12; row++) {
          const own = x.subarray(row * dim, (row + 1) * dim)
          if (problem.rows.pointers[row] === problem.rows.pointers[row + 1]) {
            expect(own.every((value) => value === 0)).toBe(true)
            continue
          }
          const { matrix, right } = equationsOf(problem, row)
          const left = matrix.map((line) => line.reduce((sum, a, i) => sum + a * own[i], 0))
          const scale = Math.max(...matrix.flat().map(Math.abs)) * Math.hypot(...own)
          expect(largestDifference(left, right)).toBeLessThan(3e-7 * scale)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('comes to the exact solution by blocks of coordinates, of any size', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 45 }), (given, block) => {
        const problem = problemOf({ ...given, block })
        const exact = solved(new PlainSolver({ ...problem.rule, block: 99 }), problem)
        let before = Number.POSITIVE_INFINITY
        let { start } = problem
        for (let pass = 0; pass < 4; pass++) {
          start = solved(make(problem.rule), { ...problem, start })
          const error = largestDifference(start, exact)
          expect(error).toBeLessThanOrEqual(before + 1e-6)
          before = pass % 2 === 0 ? Number.POSITIVE_INFINITY : before
        }
        for (let pass = 0; pass < 150; pass++) {
          start = solved(make(problem.rule), { ...problem, start })
        }
        expect(largestDifference(start, exact)).toBeLessThan(1e-5)
      }),
      { numRuns: 6 },
    )
  })

  it('lowers what is minimized with every block', () => {
    const problem = problemOf({ dim: 24, block: 8 })
    const value = (x: Float32Array) => {
      let sum = 0
      for (let row = 0; row < 12; row++) {
        if (row % 3 === 2) continue
        const own = x.subarray(row * 24, (row + 1) * 24)
        const { matrix, right } = equationsOf(problem, row)
        matrix.forEach((line, i) => {
          sum += own[i] * (line.reduce((sum, a, j) => sum + a * own[j], 0) - 2 * right[i])
        })
      }
      return sum
    }
    let { start } = problem
    for (let pass = 0; pass < 5; pass++) {
      const next = solved(make(problem.rule), { ...problem, start })
      expect(value(next)).toBeLessThan(value(start))
      start = next
    }
  })

  it('refuses a matrix that is not positive definite, and says what to do', () => {
    const problem = problemOf({ dim: 9, tableRows: 4 })
    problem.rows.ridges.fill(0)
    const solve = () => solved(make(problem.rule), problem)
    expect(solve).toThrow(InvalidOptionsError)
    expect(solve).toThrow('not positive definite. Raise l2Weight')
    const zeros = { ...problem, table: new Float32Array(problem.table.length) }
    expect(() => solved(make(problem.rule), zeros)).toThrow('Raise l2Weight')
  })

  it('solves what float32 cannot tell from a singular matrix', () => {
    const problem = problemOf({ dim: 9, tableRows: 4, count: 5 })
    problem.rows.ridges.fill(1e-6)
    const x = solved(make(problem.rule), problem)
    const { matrix, right } = equationsOf(problem, 0)
    const left = matrix.map((line) => line.reduce((sum, a, i) => sum + a * x[i], 0))
    expect(largestDifference(left, right)).toBeLessThan(1e-4)
  })

  it('refuses to work once it was freed, and is freed again without harm', () => {
    const problem = problemOf({ dim: 3 })
    const solver = make(problem.rule)
    finish(solver.setTable(problem.table))
    solver.free()
    solver.free()
    expect(() => finish(solver.setTable(problem.table))).toThrow(DisposedError)
    expect(() => finish(solver.solve(problem.rows, problem.start))).toThrow(DisposedError)
  })

  it.each<[string, (problem: Problem) => Partial<LeastSquaresRows>]>([
    ['a column beyond the table', () => ({ columns: new Int32Array(99).fill(1000) })],
    ['a negative column', ({ rows }) => ({ columns: rows.columns.map(() => -1) })],
    ['too few values', () => ({ values: new Float32Array(1) })],
    ['too few ridges', () => ({ ridges: new Float64Array(1) })],
    [
      'pointers that descend',
      ({ rows }) => ({ pointers: Int32Array.from(rows.pointers).reverse() }),
    ],
  ])('refuses %s', (_, change) => {
    const problem = problemOf({ dim: 3 })
    const broken = { ...problem, rows: { ...problem.rows, ...change(problem) } }
    expect(() => solved(make(problem.rule), broken)).toThrow(ShapeMismatchError)
  })
})

it.each<[string, Partial<LeastSquaresRule>]>([
  ['no coordinates in a block', { block: 0 }],
  ['half a coordinate in a block', { block: 1.5 }],
  ['no dimension', { dim: 0 }],
  ['a negative weight', { entryWeight: -1 }],
  ['a weight that is NaN', { gramWeight: Number.NaN }],
  ['an infinite offset', { targetOffset: Number.POSITIVE_INFINITY }],
])('least squares refuse a rule with %s', (_, change) => {
  const { rule } = problemOf({ dim: 3 })
  const [name] = Object.keys(change) as [string]
  expect(() => leastSquares({ ...rule, ...change })).toThrow(InvalidOptionsError)
  expect(() => leastSquares({ ...rule, ...change })).toThrow(`${name}: got`)
})

describe('least squares by kernels', () => {
  it('give what plain JavaScript gives, to rounding', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(8, 12, 64), (given, block) => {
        const problem = problemOf({ ...given, block })
        const plain = solved(new PlainSolver(problem.rule), problem)
        const fast = solved(new KernelSolver(problem.rule), problem)
        // Blocks are rounded up to multiples of 8 in kernels.
        if (block !== 12) expect(largestDifference(fast, plain)).toBeLessThan(4e-6)
      }),
      { numRuns: 60 },
    )
  })

  it('give the same bytes for any number of threads, for all rows or one', async () => {
    const problem = problemOf({ dim: 20, count: 300, weighted: true })
    const expected = solved(new KernelSolver(problem.rule), problem)
    for (const threads of [2, 3, 4]) {
      await defaultRuntime().setThreads(threads)
      expect(solved(new KernelSolver(problem.rule), problem)).toEqual(expected)
    }
    const { pointers, columns, values, ridges } = problem.rows
    for (const row of [0, 151, 298]) {
      const [from, to] = [pointers[row], pointers[row + 1]]
      const alone = solved(new KernelSolver(problem.rule), {
        ...problem,
        start: new Float32Array(20),
        rows: {
          pointers: Int32Array.of(0, to - from),
          columns: columns.subarray(from, to),
          values: values?.subarray(from, to),
          ridges: ridges.subarray(row, row + 1),
        },
      })
      expect(alone).toEqual(expected.subarray(row * 20, (row + 1) * 20))
    }
  })

  it('cut large work into parts, between which others run', async () => {
    await defaultRuntime().setThreads(1)
    const problem = problemOf({ dim: 96, count: 3000, mostEntries: 90 })
    const solver = new KernelSolver(problem.rule)
    finish(solver.setTable(problem.table))
    const parts = [...solver.solve(problem.rows, problem.start.slice())].length
    solver.free()
    expect(parts).toBeGreaterThan(5)
    vi.spyOn(performance, 'now').mockImplementation(
      (
        (now) => () =>
          (now += 1000)
      )(0),
    )
    const { TimeSlice } = await import('../../src/interactions/time-slice.js')
    const controller = new AbortController()
    const slow = new KernelSolver(problem.rule)
    setImmediate(() => controller.abort(new Error('enough')))
    finish(slow.setTable(problem.table))
    const work = finishInSlices(
      slow.solve(problem.rows, problem.start.slice()),
      new TimeSlice(controller.signal),
    )
    await expect(work).rejects.toThrow('enough')
    slow.free()
  })

  it('stop when they are freed between two parts', () => {
    const problem = problemOf({ dim: 3 })
    const solver = new KernelSolver(problem.rule)
    const work = solver.setTable(problem.table)
    work.next()
    solver.free()
    expect(() => work.next()).toThrow(DisposedError)
  })

  it('cut rows without entries into parts, too', () => {
    const rule = { dim: 60, block: 60, gramWeight: 1, entryWeight: 1, targetOffset: 0 }
    const runtime = new KernelRuntime()
    const solver = new KernelSolver(rule, runtime)
    const count = 50_000
    const rows = {
      pointers: new Int32Array(count + 1),
      columns: new Int32Array(),
      ridges: new Float64Array(count),
    }
    const out = new Float32Array(60 * count).fill(1)
    expect([...solver.solve(rows, out)].length).toBeGreaterThan(3)
    expect(out.every((value) => value === 0)).toBe(true)
    solver.free()
    expect(runtime.statistics.memoryBytes).toBeLessThan(2 ** 24)
  })

  it('give each thread work of its own in a part', () => {
    const { rows } = problemOf({ dim: 96, count: 3000, mostEntries: 90 })
    const [one, four] = [1, 4].map((threads) => batchEnd(rows, 0, 96, 96, threads)) as [
      number,
      number,
    ]
    expect(four).toBeGreaterThan(3 * one)
    expect(four).toBeLessThan(5 * one)
  })

  it('take no more memory for more rows', () => {
    const runtime = new KernelRuntime()
    for (const count of [3000, 6000]) {
      const problem = problemOf({ dim: 96, count, mostEntries: 30 })
      solved(new KernelSolver(problem.rule, runtime), problem)
    }
    expect(runtime.statistics.memoryBytes).toBeLessThan(2 ** 24)
  })
})
