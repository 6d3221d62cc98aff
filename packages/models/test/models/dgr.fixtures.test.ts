import { TimeSlice } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Dgr } from '../../src/dgr/dgr.js'
import type { DgrOptions } from '../../src/dgr/dgr-options.js'
import { neighbourTables } from '../../src/dgr/neighbour-tables.js'
import { expectClose } from '../support/compare.js'
import { describeFixtures } from '../support/fixture-suite.js'
import { type FixtureTensor, fixturesOf } from '../support/fixtures.js'
import { graphOf } from '../support/graphs.js'

interface Parameters extends Pick<DgrOptions, 'layers' | 'projection' | 'neighbours' | 'marginal'> {
  readonly dim: number
  readonly a: number[]
  readonly reg: number
  readonly lambda1: number
  readonly lambda2: number
  readonly marginalMinNonZeros: number
}

const parametersOf = ({ params }: { params: unknown }) => params as Required<Parameters>

describeFixtures({
  model: 'dgr',
  count: 5,
  create(graph, fixture) {
    const { dim, a, reg, lambda1, lambda2, layers, ...params } = parametersOf(fixture)
    const { projection, neighbours, marginal } = params
    return new Dgr(graph, {
      embeddingDim: dim,
      layers,
      desmoothing: a,
      l2Weight: reg,
      projection,
      neighbours,
      marginal,
      neighbourWeight: lambda1,
      marginalWeight: lambda2,
    })
  },
  terms: {
    bpr: 'bpr',
    regularisation: 'l2',
    positiveNeighbours: 'positiveNeighbours',
    marginalNeighbours: 'marginalNeighbours',
  },
  isLeftOut(term, fixture) {
    const { lambda1, lambda2 } = parametersOf(fixture)
    return (
      (term === 'positiveNeighbours' && lambda1 === 0) ||
      (term === 'marginalNeighbours' && lambda2 === 0)
    )
  },
})

it('finds the neighbours of the fixtures', async () => {
  for (const fixture of fixturesOf('dgr')) {
    const { neighbours, marginalMinNonZeros } = parametersOf(fixture)
    expect(marginalMinNonZeros).toBe(3 * neighbours)
    const { lec } = fixture.expected as unknown as { lec: Record<string, FixtureTensor> }
    const tables = await neighbourTables(graphOf(fixture.graph), neighbours, new TimeSlice())
    for (const [own, theirs] of [
      ['nearest', 'positive'],
      ['marginal', 'marginal'],
    ] as const) {
      const weights = (lec[`${theirs}Weights`] as FixtureTensor).data
      const indices = (lec[`${theirs}Indices`] as FixtureTensor).data
      expectClose(tables[own].weights, weights, 1e-7)
      // The item of a weight of 0 is arbitrary.
      const named = (items: ArrayLike<number>) =>
        Array.from(items, (item, place) => (weights[place] === 0 ? -1 : item))
      expect(named(tables[own].items)).toEqual(named(indices))
    }
  }
})
