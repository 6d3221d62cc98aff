import { ShapeMismatchError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { ItemSimilarityRecommender } from '../../src/index.js'
import { common, sparse } from '../support/recommenders.js'

/** Place (j, i): what having met j adds to the score of i. */
const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
const dense = new ItemSimilarityRecommender({ ...common, weights })
const compressed = new ItemSimilarityRecommender({ ...common, weights: sparse(weights, 4) })

function histories(...lists: number[][]) {
  const pointers = [0]
  for (const list of lists) pointers.push((pointers.at(-1) as number) + list.length)
  return { pointers: Int32Array.from(pointers), items: Int32Array.from(lists.flat()) }
}

describe.each([
  ['dense', dense],
  ['sparse', compressed],
])('scoreHistories with %s weights', (_, recommender) => {
  it('scores any history, in training or not', () => {
    const out = new Float32Array(12)
    recommender.scoreHistories(histories([0, 3], [], [0, 1, 2, 3]), out)
    expect(Array.from(out)).toEqual([0.5, 1, 0, 4, 0, 0, 0, 0, 2.5, 1, -3, 5])
  })

  it('gives the history of a user what the user gets', () => {
    const users = Int32Array.of(0, 1, 2)
    const [own, asked] = [new Float32Array(12), new Float32Array(12)]
    recommender.withColdStart('model').scoreUsers(users, own)
    recommender.scoreHistories(recommender.seen, asked)
    expect(asked).toEqual(own)
  })

  it('leaves places beyond the scores as they are', () => {
    const out = new Float32Array(6).fill(9)
    recommender.scoreHistories(histories([2]), out)
    expect(Array.from(out)).toEqual([0, 0, 0, 1, 9, 9])
  })

  it.each<[string, ReturnType<typeof histories>, number, string]>([
    ['too little room', histories([0], [1]), 7, 'out has 7 places; 2 histories and 4 items need 8'],
    ['an unknown item', histories([4]), 4, 'item index 4; expected 0..3'],
    ['a repeated item', histories([1, 1]), 4, 'are not ascending and distinct'],
    ['items in disorder', histories([2, 1]), 4, 'are not ascending and distinct'],
    [
      'pointers that do not fit',
      { pointers: Int32Array.of(0, 2), items: Int32Array.of(1) },
      4,
      "'pointers' runs from 0 to 2; expected 0 to 1",
    ],
  ])('refuses %s', (_, lists, room, message) => {
    const ask = () => recommender.scoreHistories(lists, new Float32Array(room))
    expect(ask).toThrow(ShapeMismatchError)
    expect(ask).toThrow(message)
  })
})
