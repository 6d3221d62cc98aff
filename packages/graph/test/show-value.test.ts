import { showValue } from '@gnnrec/graph/kernels'
import { expect, it } from 'vitest'

it.each([
  ['text', '"text"'],
  [12, '12'],
  [Number.NaN, 'NaN'],
  [12n, '12n'],
  [() => 12, 'a function'],
  [undefined, 'undefined'],
  [Array.from({ length: 300_000 }, () => null), `[${'null,'.repeat(15)}n...`],
  ['a'.repeat(1000), `"${'a'.repeat(76)}...`],
])('shows the beginning of a value (%#)', (value, shown) => {
  expect(showValue(value)).toBe(shown)
})

it('writes bigints, which JSON lacks', () => {
  expect(showValue({ big: 5n })).toBe('{"big":"5n"}')
})

it('shows the kind of a value that has no JSON', () => {
  expect(showValue(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe(
    '[object Array]',
  )
  const own: unknown[] = []
  own.push(own)
  expect(showValue(own)).toBe('[object Array]')
})
