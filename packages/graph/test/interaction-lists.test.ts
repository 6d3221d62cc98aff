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

  it('rejects tables with id maps of their own', () => {
    const [a, b] = [tableOf(2, 2, [[0, 0]]), tableOf(2, 2, [[1, 1]])]
    expect(() => interactionLists(a, b)).toThrow(InvalidInteractionsError)
  })
})
