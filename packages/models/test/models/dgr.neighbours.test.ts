import { TimeSlice } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NeighbourTable, neighbourTables } from '../../src/dgr/neighbour-tables.js'
import { type Edge, type EdgeList, graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import { type Neighbour64, neighbourTables64 } from '../support/reference-dgr.js'

const find = (list: EdgeList, neighbours: number) =>
  neighbourTables(graphOf(list), neighbours, new TimeSlice())

/** The rows of a table, without entries of weight 0. */
function rowsOf({ items, weights }: NeighbourTable, neighbours: number): Neighbour64[][] {
  const rows: Neighbour64[][] = []
  for (let start = 0; start < items.length; start += neighbours) {
    const row: Neighbour64[] = []
    for (let entry = start; entry < start + neighbours; entry++) {
      const weight = weights[entry] as number
      if (weight > 0) row.push({ item: items[entry] as number, weight })
      else expect([weight, items[entry]]).toEqual([0, 0])
    }
    rows.push(row)
  }
  return rows
}

const itemsIn = (rows: readonly Neighbour64[][]) => rows.map((row) => row.map(({ item }) => item))

describe('neighbour tables of DGR', () => {
  it('are those of the dense matrix of exact fractions', async () => {
    const edge = fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 10 }))
    const edges = fc.array(edge, { minLength: 1, maxLength: 70 })
    await fc.assert(
      fc.asyncProperty(edges, fc.integer({ min: 1, max: 12 }), async (edges, neighbours) => {
        const list = { users: 9, items: 11, edges }
        const tables = await find(list, neighbours)
        const expected = neighbourTables64(list, neighbours)
        for (const name of ['nearest', 'marginal'] as const) {
          const rows = rowsOf(tables[name], neighbours)
          expect(itemsIn(rows)).toEqual(itemsIn(expected[name]))
          for (const [place, { weight }] of rows.flat().entries()) {
            const { weight: exact } = expected[name].flat()[place] as Neighbour64
            expect(Math.abs(weight - exact)).toBeLessThanOrEqual(6e-8 * exact)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('are symmetric in ω, which is at least 0 and less than 1', async () => {
    const list = randomGraph({ users: 20, items: 15, degree: 5 }, 2)
    const rows = rowsOf((await find(list, 15)).nearest, 15)
    const dense = rows.map((row) => {
      const weights = new Array<number>(15).fill(0)
      for (const { item, weight } of row) weights[item] = weight
      return weights
    })
    expect(dense.flat().filter((weight) => weight > 0).length).toBeGreaterThan(100)
    for (const [i, row] of dense.entries()) {
      expect(row[i]).toBeGreaterThan(0)
      for (const [j, weight] of row.entries()) {
        expect(weight).toBe(dense[j]?.[i])
        expect(weight).toBeLessThan(1)
      }
    }
  })

  it('name marginal items that share a user, and only where there are three times as many', async () => {
    const list = randomGraph({ users: 40, items: 40, degree: 3 }, 1)
    const neighbours = 4
    const { marginal } = await find(list, neighbours)
    const together = neighbourTables64(list, list.items).nearest
    const sizes = rowsOf(marginal, neighbours).map((row, i) => {
      const met = (together[i] as Neighbour64[]).map(({ item }) => item)
      for (const { item } of row) expect(met).toContain(item)
      expect(row).toHaveLength(met.length >= 3 * neighbours ? neighbours : 0)
      return row.length
    })
    expect(new Set(sizes)).toEqual(new Set([0, neighbours]))
  })

  it('give the lower item the first place among equal ω, which rounding would part', async () => {
    // ω of item 7 with item 0 is 3 / √(13 · 18), with item 2 it is 2 / √(13 · 8): the same.
    const edges: Edge[] = [
      ...([0, 1, 3, 5, 6].map((item) => [0, item]) as Edge[]),
      ...([0, 1, 5, 6, 7].map((item) => [1, item]) as Edge[]),
      ...([0, 1, 2, 7].map((item) => [2, item]) as Edge[]),
      ...([0, 2, 7].map((item) => [3, item]) as Edge[]),
    ]
    expect(2 / Math.sqrt(13 * 8)).toBeGreaterThan(3 / Math.sqrt(13 * 18))
    const { nearest } = await find({ users: 4, items: 8, edges }, 8)
    const row = itemsIn(rowsOf(nearest, 8))[7] as number[]
    expect(row.indexOf(2) - row.indexOf(0)).toBe(1)
  })

  it('have no row for an item without users', async () => {
    const { nearest, marginal } = await find(smallGraph, 1)
    expect(itemsIn(rowsOf(nearest, 1))[4]).toEqual([])
    expect(itemsIn(rowsOf(marginal, 1))[4]).toEqual([])
    expect(rowsOf(marginal, 1).flat().length).toBeGreaterThan(0)
  })

  it('do not look at the order or the repetition of edges', async () => {
    const list = randomGraph({ users: 30, items: 20, degree: 6 })
    const edges = [...list.edges, ...list.edges.slice(3, 40)].reverse()
    expect(await find({ ...list, edges }, 3)).toEqual(await find(list, 3))
  })

  it('do not depend on where the work is cut, and end with it', async () => {
    const list = randomGraph({ users: 30, items: 20, degree: 6 })
    const cuts = (after: number) => {
      let turns = 0
      const next = async () => {
        if (++turns === after) throw new Error('enough')
      }
      return { isOver: () => true, next, turns: () => turns }
    }
    const run = (slice: object) => neighbourTables(graphOf(list), 3, slice as TimeSlice)
    const everywhere = cuts(1000)
    expect(await run(everywhere)).toEqual(await find(list, 3))
    expect(everywhere.turns()).toBe(20)
    const ended = cuts(5)
    await expect(run(ended)).rejects.toThrow('enough')
    expect(ended.turns()).toBe(5)
  })
})
