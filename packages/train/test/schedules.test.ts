import { InvalidOptionsError } from '@gnnrec/graph'
import type { ScheduleSettings } from '@gnnrec/models'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schedules } from '../src/index.js'
import type { SchedulePosition } from '../src/schedules/learning-rate-schedule.js'
import { readFixture } from './support/fixtures.js'

const {
  constant,
  cosine,
  cosineRestarts,
  exponentialDecay,
  fromSettings,
  linearWarmup,
  product,
  reduceOnPlateau,
  sequence,
  stepDecay,
  warmupCosine,
} = schedules

interface ScheduleFixture {
  entries: {
    baseLr: number
    epochs: number
    warmupEpochs: number
    lrAtEpoch1ToN: number[]
  }[]
}

const { entries } = readFixture<ScheduleFixture>('learning-rate')

const at = (position: Partial<SchedulePosition>): SchedulePosition => ({
  step: 0,
  epoch: 0,
  stepsPerEpoch: 10,
  epochs: 100,
  ...position,
})

describe('warmupCosine', () => {
  it.each(entries)(
    'gives the rates of the fixture: $epochs epochs, warm-up $warmupEpochs',
    (entry) => {
      const { baseLr, epochs, warmupEpochs, lrAtEpoch1ToN } = entry
      const schedule = warmupCosine({ warmupEpochs, finalFraction: 0.01 })
      for (let epoch = 0; epoch < epochs; epoch++) {
        const rate = baseLr * schedule(at({ epoch, epochs }))
        expect(Math.abs(rate - lrAtEpoch1ToN[epoch])).toBeLessThan(1e-10 * baseLr)
      }
      expect(lrAtEpoch1ToN).toHaveLength(epochs)
    },
  )

  it('keeps the rate through an epoch unless asked to change every step', () => {
    const [perEpoch, perStep] = [warmupCosine(), warmupCosine({ per: 'step' })]
    for (const epoch of [0, 3, 4, 5, 60]) {
      const rates = (schedule: typeof perEpoch) =>
        Array.from({ length: 10 }, (_, step) => schedule(at({ epoch, step })))
      expect(new Set(rates(perEpoch)).size).toBe(1)
      expect(new Set(rates(perStep)).size).toBe(10)
    }
  })

  it('rises in equal parts from the first step and ends every epoch as the rate of the epoch', () => {
    const perStep = warmupCosine({ warmupEpochs: 2, per: 'step' })
    const perEpoch = warmupCosine({ warmupEpochs: 2 })
    expect(perStep(at({ step: 0 }))).toBeCloseTo(1 / 20, 12)
    expect(perStep(at({ step: 4, epoch: 1 }))).toBeCloseTo(15 / 20, 12)
    for (let epoch = 0; epoch < 100; epoch++) {
      expect(perStep(at({ step: 9, epoch }))).toBe(perEpoch(at({ epoch })))
    }
  })

  it('stays between 0 and 1, rises in the warm-up, falls after it and ends at the final fraction', () => {
    const settings = fc.record({
      warmupEpochs: fc.nat(20),
      extra: fc.integer({ min: 1, max: 50 }),
      finalFraction: fc.double({ min: 0, max: 1, noNaN: true }),
      per: fc.constantFrom('epoch' as const, 'step' as const),
      stepsPerEpoch: fc.integer({ min: 1, max: 7 }),
    })
    fc.assert(
      fc.property(settings, ({ warmupEpochs, extra, finalFraction, per, stepsPerEpoch }) => {
        const schedule = warmupCosine({ warmupEpochs, finalFraction, per })
        const epochs = warmupEpochs + extra
        let last = 0
        for (let epoch = 0; epoch < epochs; epoch++) {
          for (let step = 0; step < stepsPerEpoch; step++) {
            const factor = schedule({ step, epoch, stepsPerEpoch, epochs })
            if (factor < 0 || factor > 1) return false
            const isFirst = epoch === 0 && step === 0
            if (epoch < warmupEpochs ? factor < last : !isFirst && factor > last + 1e-12) {
              if (epoch !== warmupEpochs) return false
            }
            last = factor
          }
        }
        return Math.abs(last - finalFraction) < 1e-12
      }),
    )
  })

  it('is only warm-up when there are no more epochs', () => {
    const schedule = warmupCosine({ warmupEpochs: 4 })
    const rates = [0, 1, 2, 3].map((epoch) => schedule(at({ epoch, epochs: 4 })))
    expect(rates).toEqual([0.25, 0.5, 0.75, 1])
  })

  it.each([
    { warmupEpochs: -1 },
    { warmupEpochs: 1.5 },
    { finalFraction: 1.1 },
    { finalFraction: -0.1 },
  ])('rejects %o', (options) => {
    expect(() => warmupCosine(options)).toThrow(InvalidOptionsError)
  })

  it('answers a misspelt option with the nearest', () => {
    expect(() => warmupCosine({ warmupEpoch: 3 } as never)).toThrow(/did you mean 'warmupEpochs'/)
  })
})

describe('fromSettings', () => {
  it('makes the function of the data', () => {
    const settings = { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.1 } as const
    const own = warmupCosine({ warmupEpochs: 5, finalFraction: 0.1 })
    for (const epoch of [0, 4, 50, 99]) {
      expect(fromSettings(settings)(at({ epoch }))).toBe(own(at({ epoch })))
      expect(fromSettings({ name: 'constant' })(at({ epoch }))).toBe(constant()(at({ epoch })))
      expect(constant()(at({ epoch }))).toBe(1)
    }
    expect(fromSettings(settings).warmupEpochs).toBe(5)
  })

  it('makes every kind, nested ones too', () => {
    const settings = {
      name: 'product',
      factors: [
        {
          name: 'sequence',
          parts: [
            { epochs: 5, schedule: { name: 'linear-warmup', epochs: 5, per: 'step' } },
            { epochs: 40, schedule: { name: 'cosine-restarts', period: 10, periodFactor: 2 } },
            { schedule: { name: 'cosine', finalFraction: 0.1 } },
          ],
        },
        { name: 'step', every: 30, factor: 0.5 },
        { name: 'exponential', factor: 0.99 },
        { name: 'reduce-on-plateau' },
      ],
    } as const
    const schedule = fromSettings(settings)
    expect({ ...schedule }).toMatchObject({ warmupEpochs: 5, leastEpochs: 46, needsHistory: true })
    const own = product([
      sequence([
        { epochs: 5, schedule: linearWarmup({ epochs: 5, per: 'step' }) },
        { epochs: 40, schedule: cosineRestarts({ period: 10, periodFactor: 2 }) },
        { schedule: cosine({ finalFraction: 0.1 }) },
      ]),
      stepDecay({ every: 30, factor: 0.5 }),
      exponentialDecay({ factor: 0.99 }),
      reduceOnPlateau(),
    ])
    for (let epoch = 0; epoch < 100; epoch++) {
      for (const step of [0, 9]) {
        expect(schedule(at({ epoch, step }))).toBe(own(at({ epoch, step })))
      }
    }
  })

  it.each([
    { name: 'warmup-cosin', warmupEpochs: 5, finalFraction: 0.1 },
    { name: 'constant', warmupEpochs: 5 },
    { name: 'warmup-cosine', warmup: 5, finalFraction: 0.1 },
    { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 2 },
    { name: 'step', every: 0, factor: 0.5 },
    { name: 'exponential' },
    { name: 'cosine-restarts', finalFraction: 0.1 },
    { name: 'linear-warmup', epochs: 0 },
    { name: 'reduce-on-plateau', factor: 1 },
    { name: 'sequence' },
    { name: 'sequence', parts: [] },
    { name: 'sequence', parts: [null] },
    { name: 'sequence', parts: [{ schedule: { name: 'constant' } }], extra: 1 },
    { name: 'product', factors: [{ name: 'cosin' }] },
    { name: 'product', factors: [], extra: 1 },
    {},
    null,
  ])('rejects %o', (settings) => {
    expect(() => fromSettings(settings as ScheduleSettings)).toThrow(InvalidOptionsError)
  })
})
