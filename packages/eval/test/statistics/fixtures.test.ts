import { describe, expect, it } from 'vitest'
import { statistics } from '../../src/index.js'
import {
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from '../../src/statistics/distributions.js'
import { statisticsFixture } from '../support/statistics-fixture.ts'

const {
  adjustPValues,
  effectSizes,
  pairedBootstrap,
  pairedTTest,
  permutationTest,
  wilcoxonSignedRank,
} = statistics

function expectClose(actual: number | undefined, expected: number, relative = 1e-9): void {
  const bound = relative * Math.max(1, Math.abs(expected))
  expect(Math.abs(Number(actual) - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(
    bound,
  )
}

/** Small tails are compared by their own size. */
function expectProbability(actual: number | undefined, expected: number): void {
  expectClose(actual, expected, 1e-10)
  expect(Math.abs(Number(actual) / expected - 1), `${actual} is not ${expected}`).toBeLessThan(1e-6)
}

describe.each(statisticsFixture.pairs)('statistics of $name', ({ a, b, expected }) => {
  it('has the expected t-test', () => {
    const test = pairedTTest(a, b)
    if (expected.pairedT === null) return expect(test).toBeUndefined()
    const { t, df, pTwoSided, pGreater, ci95 } = expected.pairedT
    expectClose(test?.t, t)
    expect(test?.degreesOfFreedom).toBe(df)
    expectProbability(test?.pValue, pTwoSided)
    expectProbability(pairedTTest(a, b, { alternative: 'greater' })?.pValue, pGreater)
    expectProbability(pairedTTest(b, a, { alternative: 'less' })?.pValue, pGreater)
    expectClose(test?.interval[0], ci95[0])
    expectClose(test?.interval[1], ci95[1])
  })

  it('has the expected effect sizes', () => {
    const sizes = effectSizes(a, b)
    if (expected.cohen === null) return expect(sizes).toBeUndefined()
    expectClose(sizes?.dz, expected.cohen.dz)
    expectClose(sizes?.pooled, expected.cohen.pooled)
    expectClose(sizes?.average, expected.cohen.average)
    expectClose(sizes?.hedgesGz, expected.cohen.hedgesGz)
  })

  it('has the expected signed-rank test', () => {
    const test = wilcoxonSignedRank(a, b)
    const { wilcoxon } = expected
    if (wilcoxon === null) return expect(test).toBeUndefined()
    expect(test).toMatchObject({
      positiveRanks: wilcoxon.wPlus,
      negativeRanks: wilcoxon.wMinus,
      zeros: wilcoxon.zerosDropped,
      ties: wilcoxon.tiesAmongAbsoluteDifferences,
      method: wilcoxon.pExactTwoSided === null ? 'normal' : 'exact',
    })
    expectProbability(wilcoxonSignedRank(a, b, { method: 'normal' })?.pValue, wilcoxon.pApprox)
    const corrected = { method: 'normal', continuityCorrection: true } as const
    expectProbability(wilcoxonSignedRank(a, b, corrected)?.pValue, wilcoxon.pApproxCorrected)
    const exact = wilcoxonSignedRank(a, b, { method: 'exact' })
    if (wilcoxon.pExactTwoSided === null) return expect(exact).toBeUndefined()
    expectProbability(exact?.pValue, wilcoxon.pExactTwoSided)
    const greater = wilcoxonSignedRank(a, b, { method: 'exact', alternative: 'greater' })
    expectProbability(greater?.pValue, Number(wilcoxon.pExactGreater))
    const less = wilcoxonSignedRank(b, a, { method: 'exact', alternative: 'less' })
    expectProbability(less?.pValue, Number(wilcoxon.pExactGreater))
  })

  it('has the expected permutation test', () => {
    const test = permutationTest(a, b)
    if (expected.signFlipExact === undefined) return expect(test.exact).toBe(false)
    expect(test.exact).toBe(true)
    expectProbability(test.pValue, expected.signFlipExact)
  })

  it('has the expected bootstrap intervals', () => {
    const found = pairedBootstrap(a, b)
    const { standardError, normal95, exactPercentile95, resamples } = expected.bootstrapAnalytic
    expectClose(found.meanDifference, expected.meanDifference)
    expectClose(found.standardError, standardError)
    expectClose(found.normalInterval[0], normal95[0])
    expectClose(found.normalInterval[1], normal95[1])
    expect(found.exact).toBe(exactPercentile95 !== undefined)
    if (!exactPercentile95) return
    expect(found.resamples).toBe(resamples)
    expectClose(found.interval[0], exactPercentile95[0])
    expectClose(found.interval[1], exactPercentile95[1])
  })
})

describe('adjustPValues', () => {
  it.each(statisticsFixture.multipleComparisons)('adjusts $p as expected', (expected) => {
    const { p } = expected
    for (const [method, key] of [
      ['holm', 'holm'],
      ['bonferroni', 'bonferroni'],
      ['benjamini-hochberg', 'benjaminiHochberg'],
    ] as const) {
      adjustPValues(p, method).forEach((value, i) => {
        expectProbability(value, expected[key][i])
      })
    }
    expect(adjustPValues(p).map((value) => value <= 0.05)).toEqual(expected.rejectHolmAt05)
  })
})

describe('distributions', () => {
  const { distributions } = statisticsFixture

  it.each(distributions.studentTCdf)('t = $t with $df degrees of freedom', ({ t, df, cdf }) => {
    expectProbability(studentTCdf(t, df), cdf)
  })

  it.each(distributions.normalCdf)('z = $z', ({ z, cdf }) => {
    expectProbability(normalCdf(z), cdf)
  })

  it.each(distributions.studentTQuantile)('quantile $p of t with $df', ({ p, df, t }) => {
    expectClose(studentTQuantile(p, df), t)
  })

  it.each(distributions.normalQuantile)('quantile $p of the normal', ({ p, z }) => {
    expectClose(normalQuantile(p), z)
  })
})
