import { InvalidInteractionsError, interactionLists, selectRows } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GraphCase, graphCases, tableOf } from './support/graphs.js'

function reference({ users, pairs }: GraphCase): number[][] {
  return Array.from({ length: users }, (_, user) => {
    const items = new Set(pairs.filter((pair) => pair[0] === user).map((pair) => pair[1]))
    return [...items].sort((a, b) => a - b)
  })
}

function rowsOf({ pointers, items }: ReturnType<typeof interactionLists>): number[][] {
  return Array.from({ length: pointers.length - 1 }, (_, user) => [
    ...items.subarray(pointers[user], pointers[user + 1]),
  ])
}

describe('interactionLists', () => {
  it('lists the distinct items of every user in ascending order', () => {
    fc.assert(
      fc.property(graphCases, (graph) => {
        const lists = interactionLists(tableOf(graph.users, graph.items, graph.pairs))
        expect(rowsOf(lists)).toEqual(reference(graph))
      }),
    )
  })

  it('joins several tables that share id maps', () => {
    fc.assert(
      fc.property(graphCases, fc.nat(30), (graph, cut) => {
        const table = tableOf(graph.users, graph.items, graph.pairs)
        const rows = [...graph.pairs.keys()]
        const parts = [rows.slice(0, cut), rows.slice(cut)].map((part) => selectRows(table, part))
        const lists = interactionLists(parts[0], parts[1])
        expect(rowsOf(lists)).toEqual(reference(graph))
      }),
    )
  })

  it('gives empty rows when there are no interactions', () => {
    expect(rowsOf(interactionLists(tableOf(2, 3, [])))).toEqual([[], []])
  })

  it('adds up the weights of repeated pairs over all tables', () => {
    fc.assert(
      fc.property(graphCases, fc.nat(30), (graph, cut) => {
        const bare = tableOf(graph.users, graph.items, graph.pairs)
        const weight = Float32Array.from(graph.pairs, (_, row) => 0.5 + row)
        const rows = [...graph.pairs.keys()]
        const table = { ...bare, weight }
        const parts = [rows.slice(0, cut), rows.slice(cut)].map((part) => selectRows(table, part))
        const lists = interactionLists(parts[0], parts[1])
        const plain = interactionLists(bare)
        expect([lists.pointers, lists.items]).toEqual([plain.pointers, plain.items])
        for (let user = 0; user < graph.users; user++) {
          for (let entry = lists.pointers[user]; entry < lists.pointers[user + 1]; entry++) {
            const own = rows.filter(
              (row) => graph.pairs[row][0] === user && graph.pairs[row][1] === lists.items[entry],
            )
            const sum = own.reduce((total, row) => total + weight[row], 0)
            expect(lists.weights?.[entry]).toBe(Math.fround(sum))
          }
        }
      }),
    )
  })

  it('has no weights without weights in the tables', () => {
    expect(Object.keys(interactionLists(tableOf(1, 1, [[0, 0]])))).toEqual(['pointers', 'items'])
  })

  it('refuses weights in some tables only, and sums beyond single precision', () => {
    const table = tableOf(2, 2, [[0, 0]])
    const weighted = { ...table, weight: Float32Array.of(1) }
    expect(() => interactionLists(table, weighted)).toThrow('weights in all or in none')
    const large = { ...table, weight: Float32Array.of(3e38) }
    expect(() => interactionLists(large, large)).toThrow(
      /The weights of user .* and item .* add up to 6\.0+.*e\+38; expected a number below 3.4e38/,
    )
  })

  it('rejects tables with id maps of their own', () => {
    const [a, b] = [tableOf(2, 2, [[0, 0]]), tableOf(2, 2, [[1, 1]])]
    expect(() => interactionLists(a, b)).toThrow(InvalidInteractionsError)
  })
})
