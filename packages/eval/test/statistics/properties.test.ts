import { GnnRecError, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { statistics } from '../../src/index.js'
import { normalCdf, studentTCdf, studentTQuantile } from '../../src/statistics/distributions.js'

const {
  adjustPValues,
  effectSizes,
  pairedBootstrap,
  pairedTTest,
  permutationTest,
  wilcoxonSignedRank,
} = statistics

function normals(count: number, seed: number, shift = 0): Float64Array {
  const rng = Rng.fromSeed(seed)
  return Float64Array.from({ length: count }, () => rng.normal() + shift)
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    if (GnnRecError.isInstance(error)) return error.code
    throw error
  }
}

const tests = { pairedTTest, effectSizes, wilcoxonSignedRank, permutationTest, pairedBootstrap }

describe.each(Object.entries(tests))('%s', (_, test) => {
  it('rejects samples that are not paired', () => {
    expect(codeOf(() => test([1, 2], [1]))).toBe('SHAPE_MISMATCH')
    expect(codeOf(() => test([], []))).toBe('INVALID_OPTIONS')
    expect(codeOf(() => test([1, Number.NaN], [1, 2]))).toBe('NON_FINITE')
    expect(codeOf(() => test([1, Number.POSITIVE_INFINITY], [1, 2]))).toBe('NON_FINITE')
  })
})

describe('undefined results', () => {
  it('treats differences that vary by rounding alone as constant', () => {
    const b = [0.1, 0.7, 0.3, 0.9]
    const a = b.map((value) => value + 0.1)
    expect(new Set(a.map((value, i) => value - b[i])).size).toBeGreaterThan(1)
    expect(pairedTTest(a, b)).toBeUndefined()
    expect(effectSizes(a, b)).toBeUndefined()
  })

  it('has no t-test of a single pair', () => {
    expect(pairedTTest([1], [0])).toBeUndefined()
    expect(effectSizes([1], [0])).toBeUndefined()
    expect(permutationTest([1], [0])).toEqual({ pValue: 1, exact: true, permutations: 2 })
  })

  it('calls identical runs equal however many pairs there are', () => {
    const a = normals(100, 1)
    expect(permutationTest(a, a).pValue).toBe(1)
    expect(wilcoxonSignedRank(a, a)).toBeUndefined()
    expect(pairedBootstrap(a, a).interval).toEqual([0, 0])
  })
})

describe('permutationTest', () => {
  it('finds nearly the same p-value by draws as by counting', () => {
    // Ten equal pairs do not change the sums, so that 16 differing pairs are counted.
    const [a, b] = [normals(16, 3, 0.4), normals(16, 4)]
    const counted = permutationTest(a, b)
    expect(counted.exact).toBe(true)
    // A seventeenth difference far below the others leaves the test what it is.
    const drawn = permutationTest([...a, 1e-9], [...b, 0], { permutations: 20_000 })
    expect(drawn.exact).toBe(false)
    expect(Math.abs(drawn.pValue - counted.pValue)).toBeLessThan(0.015)
  })

  it('finds a clear difference, and none where there is none', () => {
    expect(permutationTest(normals(200, 1, 0.5), normals(200, 2)).pValue).toBeLessThan(0.01)
    const even = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1))
    expect(permutationTest(even, new Float64Array(100)).pValue).toBe(1)
  })

  it('draws by its seed alone', () => {
    const [a, b] = [normals(50, 1, 0.2), normals(50, 2)]
    expect(permutationTest(a, b, { seed: 7 })).toEqual(permutationTest(a, b, { seed: 7 }))
    const values = new Set([1, 2, 3, 4, 5].map((seed) => permutationTest(a, b, { seed }).pValue))
    expect(values.size).toBeGreaterThan(1)
  })

  it('gives the same p-value when the runs are swapped', () => {
    const [a, b] = [normals(60, 5, 0.3), normals(60, 6)]
    expect(permutationTest(a, b).pValue).toBe(permutationTest(b, a).pValue)
  })
})

describe('pairedBootstrap', () => {
  it('agrees with the normal interval for many pairs', () => {
    const [a, b] = [normals(400, 1, 0.3), normals(400, 2)]
    const { interval, normalInterval, standardError, exact } = pairedBootstrap(a, b, {
      resamples: 20_000,
    })
    expect(exact).toBe(false)
    expect(Math.abs(interval[0] - normalInterval[0])).toBeLessThan(0.06 * standardError)
    expect(Math.abs(interval[1] - normalInterval[1])).toBeLessThan(0.06 * standardError)
  })

  it('widens with the confidence and draws by its seed alone', () => {
    const [a, b] = [normals(50, 1, 0.2), normals(50, 2)]
    const narrow = pairedBootstrap(a, b, { confidence: 0.5 })
    const wide = pairedBootstrap(a, b, { confidence: 0.99 })
    expect(wide.interval[0]).toBeLessThan(narrow.interval[0])
    expect(wide.interval[1]).toBeGreaterThan(narrow.interval[1])
    expect(pairedBootstrap(a, b, { seed: 1 })).toEqual(pairedBootstrap(a, b, { seed: 1 }))
    expect(pairedBootstrap(a, b, { seed: 2 })).not.toEqual(pairedBootstrap(a, b, { seed: 1 }))
  })
})

describe('wilcoxonSignedRank', () => {
  it('approximates the exact p-value', () => {
    const [a, b] = [normals(50, 9, 0.3), normals(50, 10)]
    const exact = wilcoxonSignedRank(a, b)
    const normal = wilcoxonSignedRank(a, b, { method: 'normal', continuityCorrection: true })
    expect([exact?.method, normal?.method]).toEqual(['exact', 'normal'])
    expect(Math.abs(Number(exact?.pValue) - Number(normal?.pValue))).toBeLessThan(0.01)
  })

  it('has one-sided p-values whose sum is 1 plus the probability of the statistic itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, seed) => {
        const [a, b] = [normals(count, seed), normals(count, seed + 1)]
        const p = (alternative: 'greater' | 'less') =>
          Number(wilcoxonSignedRank(a, b, { alternative, method: 'exact' })?.pValue)
        expect(p('greater') + p('less')).toBeGreaterThanOrEqual(1)
        expect(p('greater') + p('less')).toBeLessThan(1.51)
      }),
    )
  })
})

describe('adjustPValues', () => {
  it('never lowers a value nor changes the order, and Holm finds no less than Bonferroni', () => {
    const pValue = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(pValue, { maxLength: 20 }), (pValues) => {
        const holm = adjustPValues(pValues)
        const bonferroni = adjustPValues(pValues, 'bonferroni')
        const rate = adjustPValues(pValues, 'benjamini-hochberg')
        pValues.forEach((p, i) => {
          expect(holm[i]).toBeGreaterThanOrEqual(p)
          expect(holm[i]).toBeLessThanOrEqual(bonferroni[i])
          expect(rate[i]).toBeLessThanOrEqual(holm[i] * (1 + 1e-15))
          pValues.forEach((other, j) => {
            if (p < other) expect(holm[i]).toBeLessThanOrEqual(holm[j])
          })
        })
      }),
    )
  })

  it('rejects numbers that are no probability', () => {
    expect(codeOf(() => adjustPValues([0.5, 1.2]))).toBe('INVALID_OPTIONS')
    expect(codeOf(() => adjustPValues([Number.NaN]))).toBe('INVALID_OPTIONS')
    expect(codeOf(() => adjustPValues([0.5], 'none' as never))).toBe('INVALID_OPTIONS')
  })
})

describe('distributions', () => {
  it('approach each other as degrees of freedom grow', () => {
    for (const x of [-3, -0.5, 0.01, 2]) {
      expect(studentTCdf(x, 1e7)).toBeCloseTo(normalCdf(x), 6)
    }
  })

  it('turns probabilities into quantiles and back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.integer({ min: 1, max: 30_000 }),
        (p, degrees) => {
          expect(studentTCdf(studentTQuantile(p, degrees), degrees)).toBeCloseTo(p, 9)
        },
      ),
      { numRuns: 50 },
    )
  })
})
