import { expect, it } from 'vitest'
import { defaultCandidates } from '../../src/choose/choose-candidates.js'
import { quickCandidates } from '../../src/choose/quick-candidates.js'

const facts = { interactions: 1000, userCount: 500, itemCount: 200, memoryBytes: undefined }
const medium = { ...facts, interactions: 70_000, userCount: 2000, itemCount: 5000 }
const names = (candidates: readonly { readonly model: string }[]) =>
  candidates.map(({ model }) => model)

it('tries all default models on small data, each with three settings at most', () => {
  const { candidates, leftOut } = quickCandidates(facts)
  expect(names(candidates)).toEqual(names(defaultCandidates(facts)))
  expect(leftOut).toEqual([])
  for (const { settings = [] } of candidates) expect(settings.length).toBeLessThanOrEqual(3)
})

it('leaves out of 70,000 interactions what takes long, with the reason', () => {
  const { candidates, leftOut } = quickCandidates(medium)
  expect(leftOut.map(({ model }) => model)).toEqual(['ease', 'bpr-mf'])
  expect(leftOut[0].reason).toContain('takes about 55 s')
  const settings = candidates.flatMap((each) => each.settings ?? [])
  expect(settings.map(({ label }) => label)).toContain('fast, epochs 3')
  expect(settings.map(({ label }) => label)).not.toContain('fast')
  for (const { options = {} } of settings) {
    expect(Number(options['vectors'] ?? 0)).toBeLessThanOrEqual(64)
    expect(Number(options['embeddingDim'] ?? 0)).toBeLessThanOrEqual(64)
  }
})

it('depends on the size of the data alone', () => {
  expect(quickCandidates(medium)).toEqual(quickCandidates({ ...medium }))
})
