import { BipartiteGraph, rowCount } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { generateInteractions } from '../src/scale/generated-interactions.js'
import { growthOf } from '../src/scale/growth.js'
import { growthPlot } from '../src/scale/growth-plot.js'

describe('generateInteractions', () => {
  const edges = 300_000
  const { train, test } = generateInteractions({ edges, judgedUsers: 50, seed: 3 })
  const graph = BipartiteGraph.fromInteractions(train)

  it('has about the given number of distinct edges', () => {
    expect(rowCount(train) + rowCount(test)).toBeGreaterThan(0.97 * edges)
    expect(rowCount(train) + rowCount(test)).toBeLessThan(1.03 * edges)
    expect(graph.edgeCount).toBe(rowCount(train))
    const pairs = (table: typeof train) =>
      Array.from(table.userIndex, (user, row) => user * graph.itemCount + table.itemIndex[row])
    expect(new Set([...pairs(train), ...pairs(test)]).size).toBe(rowCount(train) + rowCount(test))
  })

  it('holds out some interactions of the judged users', () => {
    const judged = new Set(test.userIndex)
    expect(judged.size).toBeGreaterThan(40)
    expect(judged.size).toBeLessThanOrEqual(50)
  })

  it('has few items with many of the edges', () => {
    const degrees = [...graph.itemDegrees].sort((a, b) => b - a)
    const top = degrees.slice(0, degrees.length / 10).reduce((a, b) => a + b, 0)
    expect(top / graph.edgeCount).toBeGreaterThan(0.25)
    expect(Math.max(...graph.userDegrees)).toBeGreaterThan(4 * (edges / graph.userCount))
  })

  it('gives the same for the same seed', () => {
    const again = generateInteractions({ edges, judgedUsers: 50, seed: 3 })
    expect(again.train.itemIndex).toEqual(train.itemIndex)
    const other = generateInteractions({ edges, judgedUsers: 50, seed: 4 })
    expect(other.train.itemIndex).not.toEqual(train.itemIndex)
  })
})

describe('growthOf', () => {
  it('calls proportional costs linear', () => {
    const { perUnit, exponent, kind } = growthOf([10, 100, 1000], [2, 20, 200], 0.2)
    expect(perUnit).toEqual([1, 1, 1])
    expect(exponent).toBeCloseTo(1, 10)
    expect(kind).toBe('linear')
  })

  it('recognizes costs that grow faster or slower', () => {
    expect(growthOf([1, 10, 100], [1, 100, 10_000], 0.2)).toMatchObject({
      kind: 'faster than linear',
    })
    expect(growthOf([1, 10, 100], [1, 100, 10_000], 0.2).exponent).toBeCloseTo(2, 10)
    expect(growthOf([1, 10], [1, 7], 0.2).kind).toBe('slower than linear')
    expect(growthOf([1, 10], [1, 8.5], 0.2).kind).toBe('linear')
  })
})

it('the plot names its lines', async () => {
  const points = [1e6, 1e7].map((edges) => ({ edges, value: edges / 1e6 }))
  const svg = await growthPlot([{ title: 'seconds', lines: [{ name: 'a step', points }] }])
  expect(svg).toContain('a step')
  expect(svg).toContain('seconds')
  expect(svg).not.toMatch(/href=/)
})
