import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { SubsetDrawer } from '../../src/graph-samplers/draw-distinct.js'

const rng = Rng.fromSeed(9)

it('draws all subsets of a size alike, ascending', () => {
  const drawer = new SubsetDrawer(6)
  const out = new Int32Array(3)
  const counts = new Map<string, number>()
  const draws = 20_000
  for (let n = 0; n < draws; n++) {
    drawer.draw(out, { start: 0, size: 3, count: 6 }, (at) => rng.uniformAt(0, at), 3 * n)
    counts.set(String(out), (counts.get(String(out)) ?? 0) + 1)
  }
  expect(counts.size).toBe(20)
  const expected = draws / 20
  let chiSquare = 0
  for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
  // The 0.999 quantile with 19 degrees of freedom.
  expect(chiSquare).toBeLessThan(43.8)
})

it('draws large subsets as well, distinct and ascending, wherever they are written', () => {
  const drawer = new SubsetDrawer(1000)
  const out = new Int32Array(910).fill(-1)
  drawer.draw(out, { start: 5, size: 900, count: 1000 }, (at) => rng.uniformAt(1, at), 0)
  const drawn = out.subarray(5, 905)
  expect(new Set(drawn).size).toBe(900)
  expect(drawn).toEqual(drawn.slice().sort())
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...drawn)).toBeLessThan(1000)
  expect([...out.subarray(0, 5), ...out.subarray(905)]).toEqual(new Array(10).fill(-1))
})
