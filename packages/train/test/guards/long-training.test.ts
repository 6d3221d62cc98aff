import { expect, it } from 'vitest'
import { blamedSetting } from '../../src/guards/blamed-setting.js'
import type { GuardedTraining } from '../../src/guards/guarded-model.js'
import type { Inspection } from '../../src/guards/inspection.js'
import { unmovedLoss } from '../../src/guards/unmoved-loss.js'
import { ValidationTrend } from '../../src/guards/validation-trend.js'
import type { EpochRecord } from '../../src/index.js'

/** More than a call takes arguments. */
const epochs = 300_000

const records = Array.from(
  { length: epochs },
  (_, index): EpochRecord => ({
    epoch: index + 1,
    learningRate: 0.01,
    loss: 1,
    lossTerms: {},
    gradientNorm: { mean: index === 7 ? 5 : 1, largest: 5, clippedShare: 1 },
    validation: { 'recall@5': index === 9 ? 0.5 : 0.25 },
    steps: 1,
    seconds: 1,
    evaluationSeconds: 0,
    guardSeconds: 0,
  }),
)

const settings = {
  model: { options: {} },
  epochs: 2 * epochs,
  schedule: () => 1,
  learningRate: 0.01,
  optimizer: { name: 'sgd' },
  clipNorm: 1e-9,
  weightDecay: {},
  guards: { afterEpochs: { 'unmoved-loss': 30 } },
} as unknown as GuardedTraining

it('a setting is blamed after any number of epochs', () => {
  const { name, advice } = blamedSetting(settings, records, 0.01, 1)
  expect(name).toBe('clipNorm')
  expect(advice).toContain('whose norm is about 5,')
})

const atStart = { table: { size: 1, count: 0, sums: [0] } }

it.each([
  ['parameters', atStart],
  ['the loss', null],
])('%s that did not move are found after any number of epochs', async (_, start) => {
  const inspection = {
    settings,
    at: { epoch: epochs, totalSteps: epochs, records },
    state: { start, lastCheck: { epoch: epochs } },
    samples: async () => [],
    dataGradient: async () => ({ data: 1, rest: 0, loss: 1, swappedLoss: 1 }),
    hasLasted: (_: string, isSo: boolean) => isSo,
    validation: () => undefined,
  } as unknown as Inspection
  const found = await unmovedLoss.examine(inspection)
  expect(found?.message).toMatch(/^The loss has not moved/)
})

it('validation is followed over any number of epochs', () => {
  const trend = ValidationTrend.of(['recall@5'], records, epochs)
  expect(trend?.best).toBe(0.5)
  expect(trend?.isRising(30)).toBe(false)
})
