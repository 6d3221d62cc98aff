import { IdMap, InvalidInteractionsError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('IdMap', () => {
  it('sorts numbers by value', () => {
    expect(IdMap.from([10, 9, -1, 100, 9]).ids).toEqual([-1, 9, 10, 100])
  })

  it('sorts strings by UTF-16 code unit, not by locale', () => {
    expect(IdMap.from(['b', 'ä', 'B', 'a', '10', '9', '\u{1F600}', '\uFFFD']).ids).toEqual([
      '10',
      '9',
      'B',
      'a',
      'b',
      'ä',
      '\u{1F600}',
      '\uFFFD',
    ])
  })

  it('gives back every id from its index and every index from its id', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.maxSafeInteger()), fc.array(fc.string())), (ids) => {
        const map = IdMap.from<string | number>(ids as (string | number)[])
        expect(map.size).toBe(new Set<string | number>(ids).size)
        for (const id of ids) {
          expect(map.has(id)).toBe(true)
          expect(map.findIndex(id)).toBe(map.indexOf(id))
          expect(map.idOf(map.indexOf(id))).toBe(id === 0 ? 0 : id)
        }
      }),
    )
  })

  it('does not depend on the order of the ids', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), (ids) => {
        expect(IdMap.from([...ids].reverse()).ids).toEqual(IdMap.from(ids).ids)
      }),
    )
  })

  it('knows the type of its ids', () => {
    expect(IdMap.from([1]).type).toBe('number')
    expect(IdMap.from(['1']).type).toBe('string')
    expect(IdMap.from([]).type).toBe('string')
  })

  it('answers an unknown id with an error that carries it', () => {
    const map = IdMap.from(['a', 'b'])
    expect(map.has('c')).toBe(false)
    expect(map.findIndex('c')).toBe(-1)
    expect(() => map.indexOf('c')).toThrow(/string "c".*not among the 2 ids/)
    try {
      map.indexOf('c')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(UnknownIdError)
      expect(error).toMatchObject({ code: 'UNKNOWN_ID', id: 'c' })
    }
  })

  it('says so when an id of the other type is asked for', () => {
    expect(() => IdMap.from([1, 2]).indexOf('1')).toThrow(/of type number. Pass ids as numbers/)
    expect(() => IdMap.from(['1', '2']).indexOf(1)).toThrow(/of type string. Pass ids as strings/)
  })

  it.each([
    [10n, /bigint 10n:/],
    [{ id: 1n }, /object {"id":"1n"}/],
    [undefined, /undefined undefined/],
    [Symbol('id'), /symbol Symbol\(id\)/],
  ])('shows what is asked for when it cannot be an id (%#)', (id, message) => {
    const asked = () => IdMap.from([1, 2]).indexOf(id as unknown as number)
    expect(asked).toThrow(UnknownIdError)
    expect(asked).toThrow(message)
    expect(() => IdMap.from([id as unknown as number])).toThrow(InvalidInteractionsError)
  })

  it('rejects an index outside the map', () => {
    const map = IdMap.from([5])
    for (const index of [-1, 1, 0.5, Number.NaN]) {
      expect(() => map.idOf(index)).toThrow(UnknownIdError)
    }
  })

  it('rejects numbers that are no safe integers', () => {
    for (const id of [1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => IdMap.from([1, id])).toThrow(InvalidInteractionsError)
    }
  })

  it('rejects a mix of strings and numbers', () => {
    expect(() => IdMap.from<string | number>([1, '2'])).toThrow(/mix numbers and strings/)
  })
})
