import { fromRecords } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLookAlikeIds } from '../../src/index.js'
import { lookAlikes } from '../../src/inspect/look-alikes.js'

describe('lookAlikes', () => {
  it.each([
    ['case', 'Ana', 'ana'],
    ['space', 'ana', ' ana'],
    ['a zero-width space', 'ana', 'an\u200Ba'],
    ['a byte-order mark', 'ana', '\uFEFFana'],
    ['composed and decomposed letters', 'Zo\u00EB', 'Zoe\u0308'],
    ['full-width digits', '17', '\uFF11\uFF17'],
    ['leading zeros', '7', '007'],
    ['a sign', '7', '+7'],
    ['Cyrillic letters', 'AC12', '\u0410\u042112'],
    ['Greek letters', 'BETA', '\u0392\u0395\u03A4\u0391'],
  ])('finds ids that differ by %s', (_, first, second) => {
    expect(lookAlikes(['other', first, 'x', second, first])).toEqual([[first, second]])
  })

  it('finds nothing among ids that differ', () => {
    const ids = ['0', '00A', 'A1', 'A2', '10', '100', '-7', '7', 'Zoë', 'Zoe', '034545104X']
    expect(lookAlikes(ids)).toEqual([])
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat()), (numbers) => {
        expect(lookAlikes(numbers.map(String))).toEqual([])
      }),
    )
  })
})

it('findLookAlikeIds looks at users and items of a table', () => {
  const table = fromRecords([
    { user: 1, item: 'Ana' },
    { user: 2, item: 'ana ' },
    { user: 3, item: 'Bob' },
  ])
  expect(findLookAlikeIds(table)).toEqual({ users: [], items: [['Ana', 'ana ']] })
})
