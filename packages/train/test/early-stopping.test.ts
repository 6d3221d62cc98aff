import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { EarlyStopping } from '../src/index.js'
import { readFixture } from './support/fixtures.js'

interface StoppingFixture {
  entries: {
    name: string
    evaluations: [number, number | null][]
    patience: number
    unit: 'epochs' | 'evaluations'
    minDelta: number
    relative: boolean
    mode: 'max' | 'min'
    warmupEpochs: number
    expected: {
      stopEpoch: number | null
      bestEpoch: number
      best: number
      log: { epoch: number; improved: boolean; bestEpoch: number; best: number }[]
    }
  }[]
}

const { entries } = readFixture<StoppingFixture>('early-stopping')
/** Patience in evaluations is not offered. */
const covered = entries.filter(({ unit }) => unit === 'epochs')

describe('EarlyStopping', () => {
  it('covers twelve scripts of the fixture', () => {
    expect(covered).toHaveLength(12)
  })

  it.each(covered)('stops where the fixture says: $name', (entry) => {
    const { evaluations, patience, minDelta, relative, mode, warmupEpochs, expected } = entry
    const minimumChange = relative ? minDelta : { absolute: minDelta }
    const stopping = new EarlyStopping({ patience, minimumChange, warmupEpochs, mode })
    const log: unknown[] = []
    let stopEpoch: number | null = null
    for (const [epoch, value] of evaluations) {
      const { improved, stop } = stopping.update(epoch, value ?? Number.NaN)
      log.push({ epoch, improved, bestEpoch: stopping.best?.epoch, best: stopping.best?.value })
      if (stop) {
        stopEpoch = epoch
        break
      }
    }
    expect(stopEpoch).toBe(expected.stopEpoch)
    expect(stopping.best).toEqual({ epoch: expected.bestEpoch, value: expected.best })
    expect(log).toEqual(
      expected.log.map(({ epoch, improved, bestEpoch, best }) => ({
        epoch,
        improved,
        bestEpoch,
        best,
      })),
    )
  })

  it('asks for a change relative to the size of the best value, below zero too', () => {
    const stopping = new EarlyStopping({ patience: 9, minimumChange: 0.5 })
    expect(stopping.update(1, -8).improved).toBe(true)
    expect(stopping.update(2, -4).improved).toBe(false)
    expect(stopping.update(3, -3.9).improved).toBe(true)
  })

  it('asks a falling value for a change relative to its size too', () => {
    const stopping = new EarlyStopping({ patience: 9, minimumChange: 0.1, mode: 'min' })
    expect(stopping.update(1, 10).improved).toBe(true)
    expect(stopping.update(2, 9.5).improved).toBe(false)
    expect(stopping.update(3, 8.9).improved).toBe(true)
  })

  it('goes on from the best value of another', () => {
    const stopping = new EarlyStopping({ patience: 2 })
    stopping.restore({ epoch: 4, value: 0.5 })
    expect(stopping.update(5, 0.5)).toEqual({ improved: false, stop: false })
    expect(stopping.update(6, 0.4)).toEqual({ improved: false, stop: true })
    expect(stopping.best).toEqual({ epoch: 4, value: 0.5 })
  })

  it('does not take an equal value for an improvement', () => {
    const stopping = new EarlyStopping({ patience: 1 })
    expect(stopping.update(1, 0)).toEqual({ improved: true, stop: false })
    expect(stopping.update(2, 0)).toEqual({ improved: false, stop: true })
  })

  it('stops when no value is ever a number', () => {
    const stopping = new EarlyStopping({ patience: 2 })
    expect(stopping.update(1, Number.NaN)).toEqual({ improved: false, stop: false })
    expect(stopping.update(2, Number.NaN)).toEqual({ improved: false, stop: true })
    expect(stopping.best).toBeNull()
  })

  it.each([
    { patience: 0 },
    { patience: 1.5 },
    { patience: 3, minimumChange: -0.1 },
    { patience: 3, warmupEpochs: -1 },
    { patience: 3, mode: 'up' } as never,
    { patience: 3, minChange: 0.1 } as never,
    {} as never,
  ])('rejects %o', (options) => {
    expect(() => new EarlyStopping(options)).toThrow(InvalidOptionsError)
  })
})
