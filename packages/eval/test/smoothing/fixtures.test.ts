import { readFileSync } from 'node:fs'
import { TimeSlice } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { measureSmoothing } from '../../src/index.js'
import { NodeRows } from '../../src/smoothing/node-rows.js'
import { pairMeasures } from '../../src/smoothing/pair-measures.js'
import { rowMeasures } from '../../src/smoothing/row-measures.js'
import { spectrumMeasures } from '../../src/smoothing/spectrum.js'
import { graphOf } from '../support/graphs.ts'

interface Entry {
  name: string
  X: { shape: [rows: number, columns: number]; data: number[] }
  graph?: { users: number; items: number; edges: [number, number][] }
  expected: {
    meanCosine: number
    madCosine: number
    madCosineChen: number
    meanPairwiseDistance: number
    pairwiseCosineStatistics: Record<
      'min' | 'max' | 'median' | 'stdPopulation' | 'quartile1' | 'quartile3',
      number
    >
    variancePopulation: number
    varianceSample: number
    singularValues: number[]
    effectiveRank: number
    effectiveRankCentred: number
    stableRank: number
    uniformity: number
    dirichletTraceRaw?: number
    dirichletTrace?: number
    dirichletEdges?: number
    dirichletSelfLoops?: number
    madCosineNeighbours?: number
  }
}

const file = new URL('../fixtures/smoothing-diagnostics.json', import.meta.url)
const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: Entry[] }
const everyNode = { sample: Number.POSITIVE_INFINITY, seed: 0 }

function expectClose(actual: number | undefined, expected: number, tolerance = 1e-10): void {
  const bound = tolerance * Math.max(1, Math.abs(expected))
  expect(Math.abs(Number(actual) - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(
    bound,
  )
}

describe.each(entries)('smoothing of $name', ({ X, expected }) => {
  const [count, dimensions] = X.shape
  const rows = new NodeRows({
    users: Float64Array.from(X.data),
    items: new Float64Array(),
    dimensions,
  })

  it('has the expected measures of rows', () => {
    const measured = rowMeasures(rows)
    expectClose(measured.meanCosine, expected.meanCosine)
    expectClose(1 - Number(measured.meanCosine), expected.madCosine)
    expectClose(measured.rowVariance, expected.variancePopulation)
    expectClose((measured.rowVariance * count) / (count - 1), expected.varianceSample)
  })

  it('has the expected measures of pairs', async () => {
    const measured = await pairMeasures(rows, { ...everyNode, slice: new TimeSlice() })
    expect(measured?.nodes).toBe(count)
    expectClose(measured?.meanPairwiseDistance, expected.meanPairwiseDistance)
    expectClose(measured?.madNonZero, expected.madCosineChen)
    expectClose(measured?.uniformity, expected.uniformity)
    const { min, max, median, quartile1, quartile3, stdPopulation } =
      expected.pairwiseCosineStatistics
    const cosines = measured?.cosines
    expectClose(cosines?.minimum, min)
    expectClose(cosines?.maximum, max)
    // Cosines are kept in float32 to be sorted.
    expectClose(cosines?.firstQuartile, quartile1, 1e-7)
    expectClose(cosines?.median, median, 1e-7)
    expectClose(cosines?.thirdQuartile, quartile3, 1e-7)
    // A deviation of 0 is the root of what rounding leaves of a difference of squares.
    expectClose(cosines?.deviation, stdPopulation, stdPopulation < 1e-6 ? 1e-7 : 1e-10)
  })

  it('has the expected spectrum', async () => {
    const { columnMeans } = rowMeasures(rows)
    const measured = await spectrumMeasures(rows, columnMeans, new TimeSlice())
    expect(measured.singularValues).toHaveLength(expected.singularValues.length)
    expected.singularValues.forEach((value, i) => {
      expectClose(measured.singularValues[i], value)
    })
    expectClose(measured.effectiveRank, expected.effectiveRank, 1e-8)
    expectClose(measured.effectiveRankCentred, expected.effectiveRankCentred, 1e-8)
    expectClose(measured.stableRank, expected.stableRank)
  })
})

const withGraph = entries.flatMap(({ graph, ...entry }) => (graph ? [{ graph, ...entry }] : []))

describe.each(withGraph)('smoothing on the graph of $name', ({ X, graph, expected }) => {
  it('has the expected measures', async () => {
    const { users, items, edges } = graph
    const [, dimensions] = X.shape
    const layer = {
      users: Float32Array.from(X.data.slice(0, users * dimensions)),
      items: Float32Array.from(X.data.slice(users * dimensions)),
      dimensions,
    }
    const measured = await measureSmoothing(graphOf(users, items, edges), layer)
    expectClose(measured.dirichletEnergyRaw, Number(expected.dirichletTraceRaw))
    expectClose(measured.dirichletEnergy, Number(expected.dirichletTrace))
    expectClose(measured.dirichletEnergyOfEdges, Number(expected.dirichletEdges))
    expectClose(measured.dirichletEnergySelfLoops, Number(expected.dirichletSelfLoops))
    expectClose(measured.madNeighbours, Number(expected.madCosineNeighbours))
    expectClose(measured.meanCosine, expected.meanCosine)
    expectClose(measured.madCosine, expected.madCosine)
    expectClose(measured.pairs?.meanPairwiseDistance, expected.meanPairwiseDistance)
    if (expected.dirichletTrace && expected.dirichletTrace < 1e-9) {
      expectClose(measured.smoothShare, 1)
    }
  })
})
