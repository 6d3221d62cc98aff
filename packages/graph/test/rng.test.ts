import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { threefry2x32 } from '../src/random/threefry.js'

function words(key: [number, number], counter: [number, number]): string[] {
  const out = new Int32Array(2)
  threefry2x32(key[0], key[1], counter[0], counter[1], out)
  return Array.from(out, (word) => (word >>> 0).toString(16).padStart(8, '0'))
}

const draw = (rng: Rng, count: number): number[] =>
  Array.from({ length: count }, () => rng.uniform())

describe('threefry2x32', () => {
  // https://github.com/DEShawResearch/random123, tests/kat_vectors, threefry2x32 20.
  it('gives the known answers of Random123', () => {
    expect(words([0, 0], [0, 0])).toEqual(['6b200159', '99ba4efe'])
    expect(words([-1, -1], [-1, -1])).toEqual(['1cb996fc', 'bb002be7'])
    expect(words([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([
      'c4923a9c',
      '483df7a0',
    ])
  })

  it('takes words as signed or unsigned 32-bit integers', () => {
    expect(words([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual(
      words([-1, -1], [-1, -1]),
    )
  })
})

describe('Rng', () => {
  it('draws the same for the same seed and something else for another', () => {
    expect(draw(Rng.fromSeed(1), 5)).toEqual(draw(Rng.fromSeed(1), 5))
    expect(draw(Rng.fromSeed(1), 5)).not.toEqual(draw(Rng.fromSeed(2), 5))
    expect(draw(Rng.fromSeed(1), 5)).not.toEqual(draw(Rng.fromSeed('1'), 5))
  })

  // Recorded: a change of these is a change of every result that users have.
  it('keeps its draws from version to version', () => {
    const rng = Rng.fromSeed(42)
    expect(rng.key).toEqual([-1775222880, -1172155321])
    expect(draw(rng, 2)).toEqual([0.925203473684843, 0.19199006996179524])
    expect(Rng.fromSeed(42).fork('users').uniformAt(3, 7)).toBe(0.23645711802359137)
  })

  it('forks by key and name, whatever was drawn before', () => {
    const rng = Rng.fromSeed(7)
    const before = draw(rng.fork('a'), 3)
    draw(rng, 10)
    expect(draw(rng.fork('a'), 3)).toEqual(before)
    expect(draw(rng.fork('b'), 3)).not.toEqual(before)
    expect(draw(rng.fork('a').fork('b'), 3)).not.toEqual(draw(rng.fork('b').fork('a'), 3))
    expect(rng.fork('a').fork('b').name).toBe('root/a/b')
  })

  it('makes forks that do not correlate with each other or the parent', () => {
    const rng = Rng.fromSeed(11)
    const streams = [draw(rng.fork('a'), 4000), draw(rng.fork('b'), 4000), draw(rng, 4000)]
    for (const [x, y] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const products = streams[x].map((value, n) => (value - 0.5) * (streams[y][n] - 0.5))
      const correlation = (12 * products.reduce((a, b) => a + b)) / 4000
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(4000))
    }
  })

  it('goes on from a saved state, also after a way through JSON', () => {
    const rng = Rng.fromSeed('state').fork('x')
    draw(rng, 17)
    const state = JSON.parse(JSON.stringify(rng.state()))
    const rest = [rng.uniform(), rng.normal(), rng.integer(10)]
    const restored = Rng.fromState(state)
    expect([restored.uniform(), restored.normal(), restored.integer(10)]).toEqual(rest)
    expect(restored.name).toBe('root/x')
    expect(restored.state()).toEqual(rng.state())
  })

  it('draws by address without moving, in any order', () => {
    const rng = Rng.fromSeed(3)
    const forwards = Array.from({ length: 20 }, (_, n) => rng.uniformAt(2, n))
    const backwards = Array.from({ length: 20 }, (_, n) => rng.uniformAt(2, 19 - n)).reverse()
    expect(backwards).toEqual(forwards)
    expect(rng.state().position).toBe(0)
    expect(rng.uniformAt(3, 0)).not.toBe(rng.uniformAt(2, 0))
    expect(rng.integerAt(2, 5, 1000)).toBe(Math.floor(forwards[5] * 1000))
  })

  it('keeps addressed and sequential draws apart', () => {
    const rng = Rng.fromSeed(5)
    const addressed = new Set<number>()
    for (let block = 0; block < 40; block++) {
      for (let position = 0; position < 40; position++)
        addressed.add(rng.uniformAt(block, position))
    }
    expect(addressed.size).toBe(1600)
    for (const value of draw(rng, 1600)) expect(addressed.has(value)).toBe(false)
  })

  it('goes past 2^32 sequential draws without starting over', () => {
    const { name, key } = Rng.fromSeed(1).state()
    const far = Rng.fromState({ name, key, position: 2 ** 32 })
    expect(draw(far, 3)).not.toEqual(draw(Rng.fromSeed(1), 3))
  })

  it('draws uniform numbers in [0, 1)', () => {
    const values = draw(Rng.fromSeed(8), 20000)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 20000))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / 20000))
  })

  it('draws standard normal numbers', () => {
    const rng = Rng.fromSeed(9)
    const values = Array.from({ length: 20000 }, () => rng.normal())
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((a, b) => a + b * b, 0) / values.length
    const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / values.length
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(20000))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 20000))
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(5 * Math.sqrt((0.0455 * 0.9545) / 20000))
  })

  it('draws integers below the bound, each alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), (bound, seed) => {
        const value = Rng.fromSeed(seed).integer(bound)
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true)
      }),
    )
    const counts = new Array<number>(7).fill(0)
    const rng = Rng.fromSeed(10)
    for (let n = 0; n < 14000; n++) counts[rng.integer(7)]++
    const limit = 5 * Math.sqrt(14000 * (1 / 7) * (6 / 7))
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(limit)
  })
})
