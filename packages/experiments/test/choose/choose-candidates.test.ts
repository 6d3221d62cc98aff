import { models } from '@gnnrec/models'
import { expect, it } from 'vitest'
import { defaultCandidates, knownCandidates } from '../../src/choose/choose-candidates.js'

const facts = { interactions: 1000, userCount: 500, itemCount: 200, memoryBytes: undefined }

it.each([
  [200, undefined, 'ease', 'sansa'],
  [18_912, undefined, 'ease', 'sansa'],
  [20_000, undefined, 'sansa', 'ease'],
  // Of 400 MiB, the process takes 256.
  [3600, 400 * 2 ** 20, 'sansa', 'ease'],
  [3500, 400 * 2 ** 20, 'ease', 'sansa'],
  [200, 256 * 2 ** 20, 'sansa', 'ease'],
])('tries of %d items in %d bytes %s and not %s', (itemCount, memoryBytes, tried, other) => {
  const names = defaultCandidates({ ...facts, itemCount, memoryBytes }).map(({ model }) => model)
  expect(names).toContain(tried)
  expect(names).not.toContain(other)
  expect(names.indexOf(tried)).toBe(names.indexOf('ials') + 1)
})

it('knows settings of both and of models of the registry only', () => {
  const names = knownCandidates(facts).map(({ model }) => model)
  expect(names).toEqual(expect.arrayContaining(['ease', 'sansa']))
  expect(models.names()).toEqual(expect.arrayContaining(names))
})
