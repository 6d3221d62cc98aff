import { readFileSync } from 'node:fs'
import { TimeSlice } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { alternate } from '../../src/ials/alternate.js'
import { expectClose, largest } from '../support/compare.js'
import { type Edge, graphOf } from '../support/graphs.js'

interface Golden {
  readonly users: number
  readonly items: number
  readonly embeddingDim: number
  readonly degree: number
  /** Number of different edges. */
  readonly edges: number
  /** Scores are those of users 0, `everyUser`, 2 `everyUser` and so on. */
  readonly everyUser: number
  readonly cases: readonly { alpha: number; l2Weight: number; scores: number[] }[]
}

// Made by implicit/make_scores.py with the library implicit 0.7.3.
const golden: Golden = JSON.parse(
  readFileSync(new URL('implicit/scores.json', import.meta.url), 'utf8'),
)
const { users, items, embeddingDim, degree, everyUser } = golden

/** Draws the graph and the start that make_scores.py draws. */
function drawn() {
  let state = 1
  const draw = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state * bound) / 2 ** 32)
  }
  const edges: Edge[] = []
  for (let user = 0; user < users; user++) {
    for (let n = 0; n < degree; n++) edges.push([user, Math.min(draw(items), draw(items))])
  }
  const table = (rows: number) =>
    Float32Array.from({ length: rows * embeddingDim }, () => (draw(2 ** 16) - 32768) / 2 ** 18)
  return { graph: graphOf({ users, items, edges }), users: table(users), items: table(items) }
}

it.each(golden.cases)('iALS has the scores of the library implicit for α $alpha', async (given) => {
  const { graph, ...tables } = drawn()
  expect(graph.edgeCount).toBe(golden.edges)
  const { alpha, l2Weight } = given
  const foldIn = { convention: 'implicit', alpha, l2Weight } as const
  const settings = { foldIn, embeddingDim, blockSize: embeddingDim, sweeps: 3 }
  await alternate(graph, tables, settings, new TimeSlice())
  const scores: number[] = []
  for (let user = 0; user < users; user += everyUser) {
    for (let item = 0; item < items; item++) {
      let score = 0
      for (let i = 0; i < embeddingDim; i++) {
        score +=
          (tables.users[user * embeddingDim + i] as number) *
          (tables.items[item * embeddingDim + i] as number)
      }
      scores.push(score)
    }
  }
  expectClose(scores, given.scores, 1e-4 * largest(given.scores))
})
