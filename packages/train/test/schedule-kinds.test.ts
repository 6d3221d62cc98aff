import { InvalidOptionsError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LearningRateSchedule, schedules } from '../src/index.js'
import { readFixture } from './support/fixtures.js'

const {
  constant,
  cosine,
  cosineRestarts,
  exponentialDecay,
  linearWarmup,
  product,
  reduceOnPlateau,
  sequence,
  stepDecay,
  warmupCosine,
} = schedules

const { entries } = readFixture<{
  entries: { baseLr: number; epochs: number; warmupEpochs: number; lrAtEpoch1ToN: number[] }[]
}>('learning-rate')

/** The shares of the first steps of so many epochs. */
function shares(schedule: LearningRateSchedule, epochs: number, step = 0): number[] {
  return Array.from({ length: epochs }, (_, epoch) =>
    schedule({ step, epoch, epochs, stepsPerEpoch: 4 }),
  )
}

function expectClose(got: readonly number[], expected: readonly number[]) {
  expect(got).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 12)
}

describe('schedules', () => {
  it.each(entries)('meets the fixture by parts: $epochs epochs, warm-up $warmupEpochs', (entry) => {
    const { baseLr, epochs, warmupEpochs, lrAtEpoch1ToN } = entry
    const fall = { schedule: cosine({ finalFraction: 0.01 }) }
    const warmup = { schedule: linearWarmup({ epochs: warmupEpochs || 1 }), epochs: warmupEpochs }
    const schedule = sequence(warmupEpochs === 0 ? [fall] : [warmup, fall])
    const rates = shares(schedule, epochs)
    for (const [epoch, rate] of lrAtEpoch1ToN.entries()) {
      expect(Math.abs(baseLr * rates[epoch] - rate)).toBeLessThan(1e-10 * baseLr)
    }
  })

  it('linearWarmup rises in equal parts, an epoch or a step at a time, and stays', () => {
    expectClose(shares(linearWarmup({ epochs: 4 }), 6), [0.25, 0.5, 0.75, 1, 1, 1])
    expectClose(shares(linearWarmup({ epochs: 2, per: 'step' }), 3), [1 / 8, 5 / 8, 1])
    expect(linearWarmup({ epochs: 4 }).warmupEpochs).toBe(4)
  })

  it('cosineRestarts falls and starts again, each period longer', () => {
    const fall = (since: number, period: number) => (1 + Math.cos((Math.PI * since) / period)) / 2
    expectClose(shares(cosineRestarts({ period: 2, periodFactor: 2 }), 8), [
      ...[fall(0, 2), fall(1, 2), fall(0, 4), fall(1, 4), fall(2, 4), fall(3, 4)],
      ...[fall(0, 8), fall(1, 8)],
    ])
    const even = cosineRestarts({ period: 3, finalFraction: 0.1, per: 'step' })
    expectClose(
      shares(even, 7, 2),
      shares(even, 7, 2)
        .slice(0, 3)
        .concat(shares(even, 4, 2)),
    )
    expect(even({ step: 2, epoch: 1, stepsPerEpoch: 4, epochs: 9 })).toBeCloseTo(
      0.1 + 0.9 * fall(1.5, 3),
      12,
    )
  })

  it('stepDecay and exponentialDecay fall as those of PyTorch', () => {
    expectClose(shares(stepDecay({ every: 2, factor: 0.1 }), 5), [1, 1, 0.1, 0.1, 0.01])
    expectClose(shares(exponentialDecay({ factor: 0.5 }), 4), [1, 0.5, 0.25, 0.125])
    const perStep = exponentialDecay({ factor: 0.5, per: 'step' })
    expectClose(shares(perStep, 3), [1, 0.5, 0.25])
    expectClose(shares(perStep, 3, 2), [0.5 ** 0.5, 0.5 ** 1.5, 0.5 ** 2.5])
  })

  it('product multiplies, and warms up as its slowest', () => {
    const schedule = product([linearWarmup({ epochs: 2 }), exponentialDecay({ factor: 0.5 })])
    expectClose(shares(schedule, 4), [0.5, 0.5, 0.25, 0.125])
    expect({ ...schedule }).toMatchObject({ warmupEpochs: 2, leastEpochs: 2, needsHistory: false })
  })

  it('sequence shows each part its own epochs, and the last what is left', () => {
    const seen: unknown[] = []
    const spy: LearningRateSchedule = ({ epoch, epochs, step }) => {
      seen.push([epoch, epochs, step])
      return 1
    }
    const schedule = sequence([
      { schedule: spy, epochs: 2 },
      { schedule: constant(), epochs: 1 },
      { schedule: spy },
    ])
    shares(schedule, 5, 3)
    expect(seen).toEqual([
      [0, 2, 3],
      [1, 2, 3],
      [0, 2, 3],
      [1, 2, 3],
    ])
    expect({ ...schedule }).toMatchObject({ warmupEpochs: 0, leastEpochs: 4 })
  })

  it('stays within 0 and 1, whatever the parts', () => {
    const per = fc.constantFrom('epoch' as const, 'step' as const)
    const finalFraction = fc.double({ min: 0, max: 1, noNaN: true })
    const epochs = fc.integer({ min: 1, max: 9 })
    const part = fc.oneof(
      fc.record({ epochs, per }).map(linearWarmup),
      fc.record({ finalFraction, per }).map(cosine),
      fc.record({ period: epochs, periodFactor: epochs, finalFraction, per }).map(cosineRestarts),
      fc.record({ every: epochs, factor: fc.constantFrom(0.1, 0.9, 1) }).map(stepDecay),
      fc.record({ factor: fc.constantFrom(0.1, 0.9, 1), per }).map(exponentialDecay),
      fc.record({ warmupEpochs: epochs, finalFraction, per }).map(warmupCosine),
    )
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const schedule = sequence([{ schedule: product([a, b]), epochs: 9 }, { schedule: c }])
        const all = [0, 1, 2, 3].flatMap((step) => shares(schedule, 19, step))
        return all.every((share) => share >= 0 && share <= 1)
      }),
    )
  })

  it.each([
    () => linearWarmup({ epochs: 1.5 }),
    () => cosine({ finalFraction: 2 }),
    () => cosineRestarts({ period: 0 }),
    () => cosineRestarts({ period: 2, periodFactor: 0.5 }),
    () => stepDecay({ every: 1, factor: 0 }),
    () => stepDecay({ every: 1, factor: 1.1 }),
    () => exponentialDecay({ factor: Number.NaN }),
    () => reduceOnPlateau({ patience: 0 }),
    () => reduceOnPlateau({ minimumChange: -1 }),
    () => sequence([]),
    () => sequence([{ schedule: constant() }, { schedule: constant() }]),
    () => sequence([{ schedule: constant(), epochs: 3 }]),
    () => sequence([{ schedule: constant(), epochs: 0 }, { schedule: constant() }]),
    () => sequence([{ schedule: 'cosine' as never }]),
    () => product([]),
  ])('rejects %s', (make) => {
    expect(make).toThrow(InvalidOptionsError)
  })

  it('rejects a part shorter than its warm-up', () => {
    const warmup = linearWarmup({ epochs: 5 })
    expect(() => sequence([{ schedule: warmup, epochs: 4 }, { schedule: cosine() }])).toThrow(
      /part 0 has epochs: 4, but its schedule needs 5 at least/,
    )
  })
})

describe('reduceOnPlateau', () => {
  /** The shares after each of the values, one an epoch. */
  function after(
    schedule: LearningRateSchedule,
    values: readonly number[],
    mode: 'max' | 'min' = 'max',
  ): number[] {
    return values.map((_, last) => {
      const evaluations = values
        .slice(0, last + 1)
        .map((value, index) => ({ epoch: index + 1, value }))
      const position = { step: 0, epoch: last + 1, stepsPerEpoch: 4, epochs: 99 }
      return schedule(position, { mode, evaluations })
    })
  }

  it('reduces once nothing has improved for its patience, again and again, down to the lowest', () => {
    const schedule = reduceOnPlateau({ factor: 0.5, patience: 2, finalFraction: 0.2 })
    const values = [0.1, 0.2, 0.2, 0.19, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
    expect(after(schedule, values)).toEqual([
      ...[1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2],
    ])
    expect(
      after(
        schedule,
        values.map((value) => -value),
        'min',
      ),
    ).toEqual(after(schedule, values))
    expect(schedule({ step: 0, epoch: 0, stepsPerEpoch: 4, epochs: 9 })).toBe(1)
    expect(schedule.needsHistory).toBe(true)
  })

  it('does not count the epochs of the cooldown, nor changes that are too small', () => {
    const schedule = reduceOnPlateau({
      factor: 0.5,
      patience: 1,
      cooldown: 2,
      minimumChange: { absolute: 0.1 },
    })
    expect(after(schedule, [1, 1.05, 1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])
  })

  it('counts epochs, not evaluations', () => {
    const schedule = reduceOnPlateau({ factor: 0.5, patience: 15 })
    const share = (epochs: readonly number[]) =>
      schedule(
        { step: 0, epoch: 50, stepsPerEpoch: 4, epochs: 99 },
        { mode: 'max', evaluations: epochs.map((epoch) => ({ epoch, value: 1 })) },
      )
    expect(share([10, 20])).toBe(1)
    expect(share([10, 20, 30])).toBe(0.5)
  })
})
