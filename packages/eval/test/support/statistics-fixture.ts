import { readFileSync } from 'node:fs'

interface StatisticsPair {
  name: string
  a: number[]
  b: number[]
  expected: {
    meanDifference: number
    pairedT: null | {
      t: number
      df: number
      pTwoSided: number
      pGreater: number
      ci95: [number, number]
    }
    cohen: null | { dz: number; pooled: number; average: number; hedgesGz: number }
    wilcoxon: null | {
      zerosDropped: number
      tiesAmongAbsoluteDifferences: boolean
      wPlus: number
      wMinus: number
      pExactTwoSided: number | null
      pExactGreater: number | null
      pApprox: number
      pApproxCorrected: number
    }
    signFlipExact?: number
    bootstrapAnalytic: {
      standardError: number
      normal95: [number, number]
      exactPercentile95?: [number, number]
      resamples?: number
    }
  }
}

interface StatisticsFixture {
  pairs: StatisticsPair[]
  multipleComparisons: {
    p: number[]
    holm: number[]
    bonferroni: number[]
    benjaminiHochberg: number[]
    rejectHolmAt05: boolean[]
  }[]
  distributions: {
    studentTCdf: { t: number; df: number; cdf: number }[]
    normalCdf: { z: number; cdf: number }[]
    studentTQuantile: { p: number; df: number; t: number }[]
    normalQuantile: { p: number; z: number }[]
  }
}

/** Expected values made with scipy 1.17.1. */
export const statisticsFixture = JSON.parse(
  readFileSync(new URL('../fixtures/statistics.json', import.meta.url), 'utf8'),
) as StatisticsFixture
