import { readFileSync } from 'node:fs'
import type { ItemLists } from './tiny-split.ts'

/** Metrics over lists, of users with test items or of all users. */
export interface BeyondAccuracy {
  users: number
  coverage: number
  gini: number
  entropyBits: number
  entropyNormalized: number
  noveltyUsers: number
  noveltyInteractions: number
  averagePopularity: number
  averagePopularityLift: number
  intraListDiversity: number | null
}

type PerUserKey = 'recall' | 'recallMin' | 'ndcg' | 'mrr' | 'map' | 'mapMin'

interface AtK extends Record<PerUserKey, number> {
  precision: number
  hitRate: number
  pooledRecall: number
  evaluatedUsers: BeyondAccuracy
  allUsers: BeyondAccuracy
  perUser?: Record<PerUserKey, number[]>
}

interface Full {
  map: number
  mrr: number
  ndcg: number
  perUser?: { map: number[]; mrr: number[]; ndcg: number[] }
}

export interface MetricFixture {
  case: string
  users: number
  items: number
  kValues: number[]
  train: ItemLists
  test: ItemLists
  itemVectors: number[][]
  expected: {
    evaluatedUsers: number[]
    popularity: number[]
    atK: Record<string, AtK>
    full: Full
    topItems?: number[][]
    topItemsFirst20Users?: number[][]
  }
}

interface FixtureFile extends MetricFixture {
  scores?: number[][]
  scoreFactors?: { users: number[][]; items: number[][] }
}

export const metricFixtureNames = [
  'fewer-candidates-than-k',
  'hand-3users',
  'many-test-items',
  'medium-distinct',
  'medium-ties',
  'small-distinct',
  'small-ties',
] as const

/** Reads a fixture; scores that it gives as integer factors are multiplied out. */
export function readMetricFixture(name: string): MetricFixture & { scores: Float32Array[] } {
  const url = new URL(`../fixtures/${name}.json`, import.meta.url)
  // The fixtures spell their keys in another way.
  const text = readFileSync(url, 'utf8').replaceAll('ised":', 'ized":')
  const file = JSON.parse(text) as FixtureFile
  const rows = file.scores ?? multiply(file.scoreFactors)
  return { ...file, scores: rows.map((row) => Float32Array.from(row)) }
}

function multiply(factors: FixtureFile['scoreFactors']): number[][] {
  if (factors === undefined) throw new Error('The fixture has neither scores nor scoreFactors.')
  return factors.users.map((user) =>
    factors.items.map((item) => user.reduce((sum, value, f) => sum + value * item[f], 0)),
  )
}
