import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { GnnRecError } from '../../src/errors.js'
import type { KernelArguments, KernelName } from '../../src/kernels/kernel-exports.js'
import { KernelRuntime } from '../../src/kernels.js'
import { integers, reals, sparse } from '../support/numbers.js'

type Placed = { pointer: number; length: number }

const runtime = new KernelRuntime()
afterAll(() => runtime.setThreads(1))

function place(values: Float32Array | Int32Array): Placed {
  const pointer = runtime.allocate(values.byteLength)
  const view =
    values instanceof Float32Array
      ? runtime.float32(pointer, values.length)
      : runtime.int32(pointer, values.length)
  view.set(values)
  return { pointer, length: values.length }
}

interface Job<Name extends KernelName> {
  readonly count: number
  readonly grain: number
  readonly given: KernelArguments<Name>
  readonly written: readonly Placed[]
}

const elements = 20_011
const rowCount = 611
const columnCount = 37
const innerCount = 90

/** A job of each kernel that falls into dozens of chunks, on inputs made anew. */
const jobs: { readonly [Name in KernelName]: () => Job<Name> } = {
  add: () => pairwise(),
  subtract: () => pairwise(),
  multiply: () => pairwise(),
  divide: () => pairwise(),
  exponential: () => single(),
  sigmoid: () => single(),
  softplus: () => single(),
  squareRoot: () => single(),
  rectify: () => single(),
  step() {
    const [x, out] = [place(reals(1, elements)), place(new Float32Array(elements))]
    return job(elements, 512, [x.pointer, 0.5, out.pointer], [out])
  },
  affine() {
    const [x, out] = [place(reals(1, elements)), place(new Float32Array(elements))]
    return job(elements, 512, [x.pointer, 0.3, -1.7, out.pointer], [out])
  },
  divideBy() {
    const [x, out] = [place(reals(1, elements)), place(new Float32Array(elements))]
    return job(elements, 512, [x.pointer, 0.3, out.pointer], [out])
  },
  drawIntegers() {
    const out = place(new Int32Array(elements))
    return job(elements, 510, [12, -34, 5, 2 ** 32 - 9, 1000, 3, out.pointer], [out])
  },
  drawItems() {
    const pointers = place(Int32Array.from({ length: rowCount + 1 }, (_, row) => 9 * row))
    const items = place(
      Int32Array.from({ length: 9 * rowCount }, (_, i) => ((i / 9) % 5) + 10 * (i % 9)),
    )
    const users = place(integers(2, elements, 0, rowCount - 1))
    const out = [place(new Int32Array(elements)), place(new Int32Array(2 * elements))]
    const [positives, negatives] = out.map((placed) => placed.pointer)
    const lists = [pointers.pointer, items.pointer, innerCount, users.pointer] as const
    const drawn = [7, 8, positives, -9, 10, 2, negatives] as const
    return job(elements, 510, [...lists, 0, 2 ** 31, 5, ...drawn], out)
  },
  dropNumbers() {
    const [x, out] = [place(reals(1, elements)), place(new Float32Array(elements))]
    const draws = [12, -34, 5, 2 ** 31, 7] as const
    return job(elements, 510, [x.pointer, ...draws, 2, out.pointer], [out])
  },
  fill() {
    const out = place(new Float32Array(elements))
    return job(elements, 512, [0.1, out.pointer], [out])
  },
  adam() {
    const [x, gradient, m] = [1, 2, 3].map((seed) => place(reals(seed, elements)))
    const v = place(reals(4, elements).map(Math.abs))
    const pointers = [x, gradient, m, v].map((placed) => placed.pointer)
    const [a, b, c, d] = pointers as [number, number, number, number]
    const numbers = [0.7, 0.9, 0.1, 0.999, 0.001, 0.01, 1.2, 1e-8] as const
    return job(elements, 512, [a, b, c, d, ...numbers], [x, m, v])
  },
  blockSum: () => reduction(),
  blockSquaredSum: () => reduction(),
  blockSquaredSumOfRows() {
    const x = place(reals(1, 4 * elements))
    const flags = place(integers(2, Math.ceil(elements / 4), 0, 2 ** 31))
    const blocks = Math.ceil(x.length / 4096)
    const out = place(new Float32Array(2 * blocks))
    return job(blocks, 1, [x.pointer, x.length, 4, flags.pointer, out.pointer], [out])
  },
  addGram() {
    const dim = 200
    const table = place(reals(1, innerCount * dim))
    const out = place(new Float32Array(2 * dim * dim))
    return job(dim / 8, 1, [table.pointer, 3, innerCount, dim, out.pointer], [out])
  },
  leastSquares() {
    const [rows, dim, entries] = [100, 24, 7]
    const pointers = place(Int32Array.from({ length: rows + 1 }, (_, row) => entries * row))
    const columns = place(integers(2, entries * rows, 0, innerCount - 1))
    const values = place(reals(3, entries * rows).map(Math.abs))
    const table = place(reals(1, innerCount * dim))
    const doubles = (values: Float64Array) => place(new Float32Array(values.buffer as ArrayBuffer))
    const identity = Float64Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) ? 0 : 1))
    const [gram, ridges] = [doubles(identity), doubles(new Float64Array(rows).fill(0.5))]
    const bytes = 4 * (16 * 16 + 16 * 16 + 2 * 16 + 2 * dim)
    const scratch = place(new Float32Array((rows * bytes) / 4))
    const out = place(reals(4, rows * dim))
    const inputs = [pointers, columns, values, table, gram, ridges].map(({ pointer }) => pointer)
    const given = [...inputs, dim, 2, 1, 16, scratch.pointer, bytes, 3, out.pointer]
    return job(rows, 3, given as KernelArguments<'leastSquares'>, [out])
  },
  gatherRows() {
    const table = place(reals(1, innerCount * columnCount))
    const indices = place(integers(2, rowCount, 0, innerCount - 1))
    const out = place(new Float32Array(rowCount * columnCount))
    return job(rowCount, 16, [table.pointer, indices.pointer, out.pointer, columnCount], [out])
  },
  scatterAddRows() {
    const rows = place(reals(1, rowCount * columnCount))
    const targets = place(integers(2, rowCount, 0, innerCount - 1))
    const out = place(new Float32Array(innerCount * columnCount))
    return job(
      innerCount,
      4,
      [rows.pointer, targets.pointer, rowCount, out.pointer, columnCount],
      [out],
    )
  },
  pairwiseMargins() {
    const out = [place(new Float32Array(elements)), place(new Float32Array(elements))]
    const [margins, squares] = out.map((placed) => placed.pointer)
    return job(elements, 16, [...samples(), columnCount, margins, squares], out)
  },
  pairwiseUserGradient: () => pairwiseGradient(),
  pairwiseItemGradient: () => pairwiseGradient(),
  rowDot() {
    const [a, b] = [1, 2].map((seed) => place(reals(seed, rowCount * columnCount)))
    const out = place(new Float32Array(rowCount))
    return job(rowCount, 16, [a.pointer, b.pointer, out.pointer, columnCount], [out])
  },
  rowSum() {
    const [x, out] = [place(reals(1, rowCount * columnCount)), place(new Float32Array(rowCount))]
    return job(rowCount, 16, [x.pointer, out.pointer, columnCount], [out])
  },
  scaleRows() {
    const [scales, x] = [place(reals(1, rowCount)), place(reals(2, rowCount * columnCount))]
    const out = place(new Float32Array(rowCount * columnCount))
    return job(rowCount, 16, [scales.pointer, x.pointer, out.pointer, columnCount], [out])
  },
  scaleShift() {
    const [x, shift] = [place(reals(1, rowCount * columnCount)), place(reals(2, columnCount))]
    return job(rowCount, 16, [x.pointer, columnCount, 0.7, shift.pointer], [x])
  },
  addGramProduct() {
    const matrix = sparse(1, rowCount, innerCount, 9, reals)
    const pointers = [matrix.rowPointers, matrix.columnIndices, matrix.values].map(
      (array) => place(array).pointer,
    ) as [number, number, number]
    const [x, out] = [2, 3].map((seed) => place(reals(seed, innerCount)))
    // One thread must take it as a whole.
    return job(rowCount, rowCount, [...pointers, x.pointer, out.pointer], [out])
  },
  addTransposeProduct() {
    const matrix = sparse(1, rowCount, innerCount, 9, reals)
    const pointers = [matrix.rowPointers, matrix.columnIndices, matrix.values].map(
      (array) => place(array).pointer,
    ) as [number, number, number]
    const [y, out] = [place(reals(2, rowCount)), place(reals(3, innerCount))]
    // One thread must take it as a whole.
    return job(rowCount, rowCount, [...pointers, y.pointer, out.pointer], [out])
  },
  spmm() {
    const matrix = sparse(1, rowCount, innerCount, 9, reals)
    const pointers = [matrix.rowPointers, matrix.columnIndices, matrix.values].map(
      (array) => place(array).pointer,
    ) as [number, number, number]
    const [x, loops] = [place(reals(2, innerCount * columnCount)), place(reals(4, rowCount))]
    const [base, own] = [3, 5].map((seed) => place(reals(seed, rowCount * columnCount)))
    const out = place(new Float32Array(rowCount * columnCount))
    const given = [
      ...pointers,
      x.pointer,
      out.pointer,
      columnCount,
      0.9,
      base.pointer,
      0.2,
    ] as const
    return job(rowCount, 16, [...given, loops.pointer, own.pointer, 0, 0], [out])
  },
  cosineRefine() {
    const { matrix, x, tables } = layer(6)
    const [e, products, refined, before, sum] = tables
    const inputs = [...matrix, x.pointer, e.pointer, products.pointer] as const
    const outputs = [refined.pointer, before.pointer, sum.pointer] as const
    return job(rowCount, 16, [...inputs, ...outputs, columnCount, 1e-8], [products, refined, sum])
  },
  cosineRefineGradient() {
    const { matrix, x, tables } = layer(7)
    const [dSum, e, products, dProducts, dE] = tables
    const inputs = [...matrix, x.pointer, dSum.pointer, e.pointer, products.pointer] as const
    const outputs = [dProducts.pointer, dE.pointer] as const
    return job(rowCount, 16, [...inputs, ...outputs, columnCount, 1e-8], [dProducts, dE])
  },
  packPanels() {
    const [b, out] = [
      place(reals(1, innerCount * rowCount)),
      place(new Float32Array(innerCount * 616)),
    ]
    return job(Math.ceil(rowCount / 8), 4, [b.pointer, innerCount, rowCount, 0, out.pointer], [out])
  },
  blockOuterSum() {
    const inner = 12_000
    const [a, b] = [place(reals(1, inner * 11)), place(reals(2, inner * columnCount))]
    const out = place(new Float32Array(6 * 11 * columnCount))
    const given = [a.pointer, b.pointer, inner, 11, columnCount, out.pointer] as const
    return job(6, 1, [...given], [out])
  },
  matmulPacked() {
    const [a, packed] = [place(reals(1, rowCount * innerCount)), place(reals(2, innerCount * 40))]
    const out = place(new Float32Array(rowCount * columnCount))
    const given = [a.pointer, packed.pointer, innerCount, columnCount, out.pointer] as const
    return job(rowCount, 12, [...given], [out])
  },
  transpose() {
    const [x, out] = [
      place(reals(1, rowCount * columnCount)),
      place(new Float32Array(rowCount * columnCount)),
    ]
    return job(rowCount, 12, [x.pointer, rowCount, columnCount, out.pointer], [out])
  },
  topRows() {
    const [k, places] = [5, 84]
    const scores = place(reals(1, rowCount * 300))
    const pointers = place(Int32Array.from({ length: rowCount + 1 }, (_, row) => row))
    const masked = place(integers(2, rowCount, 0, 299))
    const work = [
      place(new Int32Array(rowCount * places)),
      place(new Float32Array(rowCount * places)),
    ]
    const out = [
      new Int32Array(rowCount * k),
      new Float32Array(rowCount * k),
      new Int32Array(rowCount * 2),
    ]
    const written = out.map(place)
    const [workItems, workScores] = work.map(({ pointer }) => pointer)
    const [items, values, lengths] = written.map(({ pointer }) => pointer)
    const given = [scores.pointer, 300, pointers.pointer, masked.pointer, k, places] as const
    return job(rowCount, 8, [...given, workItems, workScores, items, values, lengths], written)
  },
  crossEntropy() {
    const n = 611
    const [scores, offsets] = [place(reals(1, n * n)), place(reals(2, n))]
    const next = place(Int32Array.from({ length: n }, (_, i) => (i < 600 ? (i + 200) % 600 : i)))
    const [losses, weights] = [place(new Float32Array(n)), place(new Float32Array(n * n))]
    const given = [scores.pointer, offsets.pointer, next.pointer, n] as const
    return job(n, 16, [...given, losses.pointer, weights.pointer], [losses, weights])
  },
}

function job<Arguments>(count: number, grain: number, given: Arguments, written: Placed[]) {
  return { count, grain, given, written }
}

/** Two tables of `innerCount` rows, and the rows of samples in them. */
function samples(): [number, number, number, number, number] {
  const [users, items] = [1, 2].map((seed) => place(reals(seed, innerCount * columnCount)).pointer)
  const columns = [3, 4, 5].map(
    (seed) => place(integers(seed, elements, 0, innerCount - 1)).pointer,
  )
  const [userRows, positives, negatives] = columns
  return [users, items, userRows, positives, negatives]
}

function pairwiseGradient() {
  const [slopes, weights] = [6, 7].map((seed) => place(reals(seed, elements)).pointer)
  const out = place(new Float32Array(innerCount * columnCount))
  const given: KernelArguments<'pairwiseUserGradient'> = [
    ...samples(),
    slopes,
    weights,
    elements,
    columnCount,
    out.pointer,
  ]
  return job(innerCount, 4, given, [out])
}

function pairwise() {
  const [a, b] = [1, 2].map((seed) => place(reals(seed, elements)))
  const out = place(new Float32Array(elements))
  return job(elements, 512, [a.pointer, b.pointer, out.pointer] as [number, number, number], [out])
}

/** A sparse matrix, what it multiplies and five tables of its rows. */
function layer(seed: number) {
  const { rowPointers, columnIndices, values } = sparse(seed, rowCount, innerCount, 9, reals)
  const pointers = [rowPointers, columnIndices, values].map((array) => place(array).pointer)
  const tables = [1, 2, 3, 4, 5].map((n) => place(reals(seed + n, rowCount * columnCount)))
  return {
    matrix: pointers as [number, number, number],
    x: place(reals(seed, innerCount * columnCount)),
    tables: tables as [Placed, Placed, Placed, Placed, Placed],
  }
}

function single() {
  const [x, out] = [place(reals(1, elements)), place(new Float32Array(elements))]
  return job(elements, 512, [x.pointer, out.pointer] as [number, number], [out])
}

function reduction() {
  const x = place(reals(1, 80_123))
  const blocks = Math.ceil(x.length / 4096)
  const out = place(new Float32Array(2 * blocks))
  return job(blocks, 1, [x.pointer, x.length, out.pointer] as [number, number, number], [out])
}

function bytesOf(name: KernelName): Buffer {
  const { count, grain, given, written } = jobs[name]()
  const run = runtime.run.bind(runtime) as (...all: unknown[]) => void
  run(name, count, grain, ...(given as number[]))
  return Buffer.concat(
    written.map(({ pointer, length }) =>
      Buffer.from(runtime.float32(pointer, length).slice().buffer),
    ),
  )
}

describe('threads', () => {
  it('give the same bytes for 1, 2, 3 and 4, for every kernel', async () => {
    const names = Object.keys(jobs) as KernelName[]
    await runtime.setThreads(1)
    const expected = names.map(bytesOf)
    for (const threads of [2, 3, 4]) {
      await runtime.setThreads(threads)
      expect(runtime.threads).toBe(threads)
      for (let repeat = 0; repeat < 3; repeat++) {
        names.forEach((name, i) => {
          expect(bytesOf(name).equals(expected[i]), `${name}, ${threads} threads`).toBe(true)
        })
      }
    }
  })

  it('finish thousands of small jobs of changing shape, one right after the other', async () => {
    await runtime.setThreads(4)
    const length = 3000
    const [a, b] = [place(new Float32Array(length)), place(new Float32Array(length))]
    // More jobs than there are generations of a ticket.
    for (let i = 0; i < 10_000; i++) {
      const used = 1 + ((i * 7919) % length)
      const grain = 1 + (i % 97)
      if (i % 2 === 0) runtime.run('fill', used, grain, i, a.pointer)
      else runtime.run('affine', used, grain, a.pointer, 1, 1, b.pointer)
      if (i % 50 > 1) continue
      const values = runtime.float32(i % 2 === 0 ? a.pointer : b.pointer, used)
      if (i % 2 === 0) expect(values.every((value) => value === i)).toBe(true)
      else {
        const source = runtime.float32(a.pointer, used)
        expect(values.every((value, at) => value === source[at] + 1)).toBe(true)
      }
    }
  })

  it('go up and down while jobs run', async () => {
    const x = place(reals(5, elements))
    const out = place(new Float32Array(elements))
    const changes = [4, 1, 3, 2, 1, 4, 4, 1].map((threads) => runtime.setThreads(threads))
    let changing = true
    const all = Promise.all(changes).then(() => {
      changing = false
    })
    for (let i = 1; changing; i++) {
      runtime.run('affine', elements, 128, x.pointer, i, 0, out.pointer)
      expect(runtime.float32(out.pointer, 1)[0]).toBe(
        Math.fround(runtime.float32(x.pointer, 1)[0] * i),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
    await all
    expect(runtime.threads).toBe(1)
  })

  it.each([0, -1, 65, 1.5, NaN])('refuse to be %d', async (threads) => {
    await runtime.setThreads(2)
    await expect(runtime.setThreads(threads)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    expect(runtime.threads).toBe(2)
  })
})

describe('a kernel that reaches outside of the memory', () => {
  const beyond = 3_000_000_000

  it.each([1, 2, 4])('is an error with %i threads, and the pool goes on', async (threads) => {
    await runtime.setThreads(threads)
    const length = 50_000
    const x = place(new Float32Array(length).fill(1))
    for (let repeat = 0; repeat < 5; repeat++) {
      for (const grain of [length, 100]) {
        const call = () => runtime.run('fill', length, grain, 1, beyond)
        expect(call).toThrow(GnnRecError)
        expect(call).toThrow(/Kernel 'fill' failed .*does not fit the memory/)
      }
      runtime.run('affine', length, 100, x.pointer, 1, 1, x.pointer)
      expect(runtime.float32(x.pointer, length).every((value) => value === repeat + 2)).toBe(true)
    }
  })

  it('is an error also where only a worker meets it', async () => {
    await runtime.setThreads(4)
    // Row 0 is slow and stays with whoever takes it; a later row has an index out of bounds.
    const columns = 64
    const perRow = 2_000
    const rows = 64
    const rowPointers = Int32Array.from({ length: rows + 1 }, (_, r) => r * perRow)
    const columnIndices = new Int32Array(rows * perRow)
    columnIndices[20 * perRow] = 2 ** 23
    const [pointers, indices] = [place(rowPointers), place(columnIndices)]
    const values = place(new Float32Array(rows * perRow))
    const [x, out] = [place(reals(1, columns)), place(new Float32Array(rows * columns))]
    const given = [pointers, indices, values, x, out].map((p) => p.pointer) as [
      ...[number, number, number, number, number],
    ]
    for (let repeat = 0; repeat < 50; repeat++) {
      expect(() => runtime.run('spmm', rows, 1, ...given, columns, 1, 0, 0, 0, 0, 0, 0)).toThrow(
        /Kernel 'spmm' failed/,
      )
    }
  })
})

describe('a process with waiting threads', () => {
  const script = (body: string) => `
    import { KernelRuntime } from '@gnnrec/graph/kernels'
    const runtime = new KernelRuntime()
    await runtime.setThreads(3)
    const pointer = runtime.allocate(400_000)
    runtime.run('fill', 100_000, 1000, 1, pointer)
    ${body}
    console.log('threads', runtime.threads)`

  it.each([
    ['ends by itself', ''],
    ['ends after they were sent away', 'await runtime.setThreads(1)'],
  ])('%s', (_name, body) => {
    const options = ['--import', 'tsx', '--conditions=@gnnrec/source', '--input-type=module']
    const { status, stdout, stderr, signal } = spawnSync(
      process.execPath,
      [...options, '--eval', script(body)],
      { cwd: new URL('../..', import.meta.url), timeout: 600_000, encoding: 'utf8' },
    )
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
    expect(stdout).toBe(`threads ${body ? 1 : 3}\n`)
  })

  it('gives a clear error where threads may not be started', () => {
    const body = `
      import { KernelRuntime } from '@gnnrec/graph/kernels'
      import threads from 'node:worker_threads'
      threads.Worker = class { constructor() { throw new Error('not allowed') } }
      const runtime = new KernelRuntime()
      const error = await runtime.setThreads(3).catch((error) => error)
      console.log(error.code, error.message, runtime.threads)`
    const options = ['--import', 'tsx', '--conditions=@gnnrec/source', '--input-type=module']
    const { stdout } = spawnSync(process.execPath, [...options, '--eval', body], {
      cwd: new URL('../..', import.meta.url),
      timeout: 600_000,
      encoding: 'utf8',
    })
    expect(stdout).toMatch(/^BACKEND_UNAVAILABLE Cannot start 2 worker threads.*not allowed.* 1\n$/)
  })
})
