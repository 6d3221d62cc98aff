import { readFileSync } from 'node:fs'
import { BipartiteGraph, IdMap } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { smoothness } from '../src/compare/smoothness.js'

interface Entry {
  readonly name: string
  readonly X: { readonly shape: readonly [number, number]; readonly data: readonly number[] }
  readonly graph?: {
    readonly users: number
    readonly items: number
    readonly edges: readonly (readonly [number, number])[]
  }
  readonly expected: { readonly meanCosine: number; readonly dirichletTrace?: number }
}

const file = new URL('fixtures/smoothing-diagnostics.json', import.meta.url)
const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: readonly Entry[] }
const withGraph = entries.filter(({ graph }) => graph)

describe('smoothness', () => {
  it.each(withGraph)('gives the reference values: $name', ({ X, graph, expected }) => {
    const { users, items, edges } = graph!
    const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
    const dim = X.shape[1]
    const measured = smoothness(
      BipartiteGraph.fromInteractions({
        ...{ users: ids(users), items: ids(items) },
        userIndex: Int32Array.from(edges, ([user]) => user),
        itemIndex: Int32Array.from(edges, ([, item]) => item),
      }),
      {
        users: Float32Array.from(X.data.slice(0, users * dim)),
        items: Float32Array.from(X.data.slice(users * dim)),
        dim,
      },
    )
    expect(measured.meanCosine).toBeCloseTo(expected.meanCosine, 6)
    expect(measured.dirichletEnergy).toBeCloseTo(expected.dirichletTrace!, 6)
  })

  it('has references with a graph', () => {
    expect(withGraph.length).toBe(4)
  })

  it('counts a row of zeros as having cosine 0 with every other', () => {
    const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
    const graph = BipartiteGraph.fromInteractions({
      ...{ users: ids(2), items: ids(1) },
      ...{ userIndex: Int32Array.of(0), itemIndex: Int32Array.of(0) },
    })
    const layer = { users: Float32Array.of(0, 0, 3, 4), items: Float32Array.of(6, 8), dim: 2 }
    // One pair of three has cosine 1.
    expect(smoothness(graph, layer).meanCosine).toBeCloseTo(1 / 3, 12)
  })
})
