import { afterEach, describe, expect, it, vi } from 'vitest'
import * as first from '../src/index.js'
import * as firstKernels from '../src/kernels.js'

/** Loads the package once more, as two entries in node_modules would. */
async function secondCopy(): Promise<{
  graph: typeof first
  kernels: typeof firstKernels
}> {
  vi.resetModules()
  const [graph, kernels] = [await import('../src/index.js'), await import('../src/kernels.js')]
  expect(graph.IdMap).not.toBe(first.IdMap)
  return { graph, kernels }
}

afterEach(() => vi.resetModules())

describe('two copies of the package', () => {
  it('know objects of each other by instanceof, and nothing else', async () => {
    const { graph } = await secondCopy()
    const table = graph.fromRecords([{ user: 'ann', item: 'jaws' }])
    const objects = {
      IdMap: table.users,
      BipartiteGraph: graph.BipartiteGraph.fromInteractions(table),
      SparseMatrix: graph.BipartiteGraph.fromInteractions(table).biadjacency(),
      Rng: graph.Rng.fromSeed(1),
    }
    for (const [name, object] of Object.entries(objects)) {
      for (const [other, Class] of Object.entries({
        IdMap: first.IdMap,
        BipartiteGraph: first.BipartiteGraph,
        SparseMatrix: first.SparseMatrix,
        Rng: first.Rng,
      })) {
        expect(object instanceof Class).toBe(name === other)
      }
    }
    for (const value of [null, undefined, 1, 'IdMap', {}, [], { ids: [] }]) {
      expect(value instanceof first.IdMap).toBe(false)
    }
  })

  it('refuse objects of another version, and say which these are', async () => {
    const { graph } = await secondCopy()
    const { users } = graph.fromRecords([{ user: 'ann', item: 'jaws' }])
    const other = { name: '@gnnrec/graph', version: '9.9.9' }
    const marker = Symbol.for('gnnrec.id-map')
    Object.defineProperty(graph.IdMap.prototype, marker, { get: () => other })
    const look = () => users instanceof first.IdMap
    expect(look).toThrow(firstKernels.PackageCopiesError)
    expect(look).toThrow('@gnnrec/graph are loaded, of the versions 9.9.9 and')
    expect(users instanceof first.Rng).toBe(false)
  })

  it('know errors of each other although names are shortened', async () => {
    const { graph } = await secondCopy()
    const error = new graph.NonFiniteError('NaN')
    for (let of = Object.getPrototypeOf(error); of !== null; of = Object.getPrototypeOf(of)) {
      if (of instanceof Error && of !== Error.prototype) {
        Object.defineProperty(of.constructor, 'name', { value: 'a' })
      }
    }
    expect(error instanceof first.GnnRecError).toBe(true)
    expect(error instanceof first.NonFiniteError).toBe(false)
  })

  it('know errors of each other, and base classes of errors', async () => {
    const { graph } = await secondCopy()
    const error = new graph.NonFiniteError('NaN')
    expect(error).toBeInstanceOf(first.NonFiniteError)
    expect(error).toBeInstanceOf(first.GnnRecError)
    expect(error).not.toBeInstanceOf(first.InvalidOptionsError)
    class DiskError extends graph.GnnRecError {}
    class FullDiskError extends DiskError {}
    class OtherDiskError extends first.GnnRecError {}
    expect(new FullDiskError('DISK', 'full')).toBeInstanceOf(first.GnnRecError)
    expect(new FullDiskError('DISK', 'full')).not.toBeInstanceOf(OtherDiskError)
    expect(new Error('NonFiniteError')).not.toBeInstanceOf(first.NonFiniteError)
  })

  it('leave derived classes to the language', async () => {
    const { graph } = await secondCopy()
    const Own = class extends (first.SparseMatrix as unknown as new () => object) {}
    const empty = { rows: 1, columns: 1, rowIndices: [], columnIndices: [], values: [] }
    const matrix = graph.SparseMatrix.fromCoordinates(empty)
    expect(matrix instanceof Own).toBe(false)
    expect(matrix instanceof first.SparseMatrix).toBe(true)
  })

  it('sample a graph of each other', async () => {
    const { graph } = await secondCopy()
    const table = graph.fromRecords([
      { user: 'ann', item: 'jaws' },
      { user: 'bob', item: 'alien' },
    ])
    const other = graph.BipartiteGraph.fromInteractions(table)
    const rng = graph.Rng.fromSeed(1)
    const draw = (of: typeof first) =>
      [...new of.BatchIterator(other, { batchSize: 2, rng }).epoch(0)].map((batch) => batch.users)
    expect(draw(first)).toEqual(draw(graph))
  })

  it('share the memory of kernels', async () => {
    const runtime = firstKernels.defaultRuntime()
    const { kernels } = await secondCopy()
    expect(kernels.defaultRuntime()).toBe(runtime)
  })

  it('of different versions say so, and which these are', () => {
    const name = { package: '@gnnrec/example', value: 'memory' }
    const made = firstKernels.sharedByCopies(name, '1.0.0', () => ({ size: 1 }))
    expect(firstKernels.sharedByCopies(name, '1.0.0', () => ({ size: 2 }))).toBe(made)
    const other = () => firstKernels.sharedByCopies(name, '1.1.0', () => ({ size: 3 }))
    expect(other).toThrow(firstKernels.PackageCopiesError)
    expect(other).toThrow(
      /@gnnrec\/example are loaded, of the versions 1.0.0 and 1.1.0.*npm dedupe/,
    )
  })
})
