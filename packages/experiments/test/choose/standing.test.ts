import { expect, it } from 'vitest'
import { cheapestLevel, type Standing, standingsOf } from '../../src/choose/standing.js'
import { madeTrial } from '../support/made-report.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const metric = 'ndcg@10'

/** Makes candidates whose best settings have these values of each user. */
async function standings(values: readonly (readonly number[])[]): Promise<readonly Standing[]> {
  const folder = await temporaryFolder()
  const contestants = await Promise.all(
    values.map(async (own, place) => {
      const result = await madeTrial(folder, { model: `model ${place}` }, own)
      const value = own.reduce((sum, each) => sum + each, 0) / own.length
      return {
        label: `model ${place}`,
        model: 'made',
        settings: 1,
        results: [result],
        best: { trial: {} as never, result, value },
        cutShort: undefined,
        gaveUp: false,
      }
    }),
  )
  return standingsOf(contestants, metric, folder)
}

const alternating = (low: number, high: number) =>
  Array.from({ length: 40 }, (_, user) => (user % 2 === 0 ? low : high))

it('takes two as level when the interval of their difference over users holds 0', async () => {
  const found = await standings([
    alternating(0.5, 0.5),
    alternating(0.3, 0.72),
    alternating(0.4, 0.4),
  ])
  expect(found.map(({ isLevel }) => isLevel)).toEqual([true, true, false])
  expect(found.map(({ difference }) => difference.toFixed(3))).toEqual([
    '-0.010',
    '0.000',
    '-0.110',
  ])
  expect(found[0].interval[0]).toBeLessThan(0)
  expect(found[0].interval[1]).toBeGreaterThan(0)
})

it('prefers the first of those that are level, unless it loses more than is tolerated', async () => {
  const found = await standings([alternating(0.5, 0.5), alternating(0.3, 0.72)])
  expect(cheapestLevel(found, 0.02)?.contestant.label).toBe('model 0')
  expect(cheapestLevel(found, 0.01)?.contestant.label).toBe('model 1')
})

it('never prefers one that is behind, however much is tolerated', async () => {
  const found = await standings([alternating(0.5, 0.5), alternating(0.51, 0.51)])
  expect(found[0].isLevel).toBe(false)
  expect(cheapestLevel(found, 0.5)?.contestant.label).toBe('model 1')
})

it('chooses nothing when nothing has a value', async () => {
  expect(await standingsOf([], metric, '')).toEqual([])
  expect(cheapestLevel([], 0.01)).toBeUndefined()
})
