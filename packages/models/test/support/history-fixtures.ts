import { readdirSync, readFileSync } from 'node:fs'
import type { InteractionLists } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import { expect } from 'vitest'
import { scoresOf } from '../baselines/support.js'
import { expectClose, largest } from './compare.js'
import { type FixtureTensor, fixtureFolder } from './fixtures.js'
import type { Edge } from './graphs.js'

/** A fixture of a model without gradient: scores of its users, and of histories that are not in the graph. */
export interface HistoryFixture {
  readonly model: string
  readonly case: string
  readonly graph: { users: number; items: number; edges: Edge[] }
  readonly params: Readonly<Record<string, unknown>>
  readonly tensors?: Readonly<Record<string, FixtureTensor>>
  readonly expected: {
    readonly scores: FixtureTensor
    readonly histories: number[][]
    readonly scoresOfHistories: FixtureTensor
    readonly [name: string]: unknown
  }
}

/** Reads the fixtures of a model in one of the folders `filters`, `ials` and `neighbours`. */
export function historyFixtures(folder: string, model: string): HistoryFixture[] {
  const place = new URL(`${folder}/`, fixtureFolder)
  return readdirSync(place)
    .map((name): HistoryFixture => JSON.parse(readFileSync(new URL(name, place), 'utf8')))
    .filter((fixture) => fixture.model === model)
}

/** Returns lists of items, ascending, in the form that recommenders take. */
export function listsOf(histories: readonly (readonly number[])[]): InteractionLists {
  const pointers = new Int32Array(histories.length + 1)
  histories.forEach((history, row) => {
    pointers[row + 1] = (pointers[row] as number) + history.length
  })
  return {
    pointers,
    items: Int32Array.from(histories.flatMap((history) => [...history].sort((a, b) => a - b))),
  }
}

interface ScoresHistories {
  scoreHistories(histories: InteractionLists, out: Float32Array): void
}

/** Returns the scores of all items for histories of anybody, row-major. */
export function scoresOfHistories(
  recommender: Recommender,
  histories: InteractionLists,
): Float32Array {
  const scores = new Float32Array((histories.pointers.length - 1) * recommender.itemCount)
  ;(recommender as Recommender & ScoresHistories).scoreHistories(histories, scores)
  return scores
}

/** Expects the scores of a fixture, of users and of histories, within a share of the largest. */
export function expectScores(
  recommender: Recommender,
  { expected }: HistoryFixture,
  tolerance: number,
): void {
  const { scores, histories, scoresOfHistories: ofHistories } = expected
  expect(scores.shape).toEqual([recommender.userCount, recommender.itemCount])
  const own = Float64Array.from(scoresOf(recommender).flat())
  expectClose(own, scores.data, tolerance * largest(scores.data))
  const asked = scoresOfHistories(recommender, listsOf(histories))
  expectClose(asked, ofHistories.data, tolerance * largest(ofHistories.data))
}
