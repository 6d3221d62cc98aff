import { describe, expectTypeOf, it } from 'vitest'
import {
  BipartiteGraph,
  createSplit,
  fromColumns,
  fromRecords,
  type Id,
  type InteractionTable,
  type Split,
  selectRows,
  splitRows,
} from '../src/index.js'

const byNames = fromRecords([{ user: 'ann', item: 'jaws' }])
const byNumbers = fromColumns({ user: [1], item: new Int32Array([7]) })

describe('the types of ids', () => {
  it('are inferred, widened to string or number, from records and columns', () => {
    expectTypeOf(byNames).toEqualTypeOf<InteractionTable<string, string>>()
    expectTypeOf(byNumbers).toEqualTypeOf<InteractionTable<number, number>>()
    const mixed = fromRecords([{ user: 10n, item: 3 }])
    expectTypeOf(mixed).toEqualTypeOf<InteractionTable<string, number>>()
  })

  it('stay through selections, splits and graphs', () => {
    expectTypeOf(selectRows(byNames, [0])).toEqualTypeOf<InteractionTable<string, string>>()
    const split = splitRows(byNames, { train: [0], validation: [], test: [] }, { name: 'none' })
    expectTypeOf(split).toEqualTypeOf<Split<string, string>>()
    expectTypeOf(createSplit(split)).toEqualTypeOf<Split<string, string>>()
    const graph = BipartiteGraph.fromInteractions(split.train)
    expectTypeOf(graph).toEqualTypeOf<BipartiteGraph<string, string>>()
    expectTypeOf(graph.users.ids).toEqualTypeOf<readonly string[]>()
    expectTypeOf(graph.items.idOf(0)).toEqualTypeOf<string>()
  })

  it('fit wherever any ids are taken', () => {
    expectTypeOf(byNames).toExtend<InteractionTable>()
    expectTypeOf<Split<number, string>>().toExtend<Split<Id, Id>>()
    expectTypeOf<BipartiteGraph<string, string>>().toExtend<BipartiteGraph>()
  })
})
