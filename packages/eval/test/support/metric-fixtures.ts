import { readFileSync } from 'node:fs'
import type { ItemLists } from './tiny-split.ts'

interface AtK {
  recall: number
  ndcg: number
  precision: number
  hitRate: number
  mrr: number
  evaluatedUsers: { users: number; coverage: number }
  allUsers: { users: number; coverage: number }
  perUser?: { hits: number[]; recall: number[]; ndcg: number[]; mrr: number[] }
}

export interface MetricFixture {
  case: string
  users: number
  items: number
  kValues: number[]
  train: ItemLists
  test: ItemLists
  expected: {
    evaluatedUsers: number[]
    atK: Record<string, AtK>
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
  const file = JSON.parse(readFileSync(url, 'utf8')) as FixtureFile
  const rows = file.scores ?? multiply(file.scoreFactors)
  return { ...file, scores: rows.map((row) => Float32Array.from(row)) }
}

function multiply(factors: FixtureFile['scoreFactors']): number[][] {
  if (factors === undefined) throw new Error('The fixture has neither scores nor scoreFactors.')
  return factors.users.map((user) =>
    factors.items.map((item) => user.reduce((sum, value, f) => sum + value * item[f], 0)),
  )
}
