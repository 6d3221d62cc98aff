import { expect, it } from 'vitest'
import {
  formatCount,
  formatDifference,
  formatPValue,
  formatSeconds,
  formatShare,
  formatValue,
  listed,
  plural,
} from '../../src/document/number-format.js'

it('writes numbers with as many digits as they need', () => {
  expect([0, 0.12345, 1, 0.00001234, 12.345, 12_345.6, -0.5].map(formatValue)).toEqual([
    '0',
    '0.1235',
    '1',
    '1.2e\u22125',
    '12.3',
    '12\u202f346',
    '\u22120.5000',
  ])
  expect([0.001, -0.001, 0].map(formatDifference)).toEqual(['+0.0010', '\u22120.0010', '0'])
  expect([0, 0.0004, 0.012, 0.5, 1].map(formatShare)).toEqual(
    ['0 %', '< 0.1 %', '1.2 %', '50 %', '100 %'].map((text) => text.replace(/ %/, '\u202f%')),
  )
  expect([0.0004, 0.04].map(formatPValue)).toEqual(['< 0.001', '0.040'])
  expect([0, 0.01, 3.21, 1234].map(formatSeconds)).toEqual(
    ['0.0 s', '< 0.1 s', '3.2 s', '1\u202f234 s'].map((text) => text.replace(/ s/, '\u202fs')),
  )
  expect([1, 1_234_567].map(formatCount)).toEqual(['1', '1\u202f234\u202f567'])
})

it('writes lists and plurals in English', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
  expect([plural(1, 'user'), plural(2, 'user')]).toEqual(['1 user', '2 users'])
})
