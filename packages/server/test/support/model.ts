import { fromRecords, interactionLists } from '@gnnrec/graph'
import { ItemSimilarityRecommender, PopularityRecommender, type Recommender } from '@gnnrec/serving'

const titles = ['Alien', 'Brazil', 'Clue', 'Dune', 'Enigma', 'Fargo']

/** Makes a model of weights between items for three users and six films. */
export function filmModel(scale = 1): Recommender {
  const table = fromRecords([
    { user: 'ann', item: 'Alien' },
    { user: 'ann', item: 'Brazil' },
    { user: 'ben', item: 'Clue' },
    { user: 'ben', item: 'Dune' },
    { user: 'eve', item: 'Enigma' },
    { user: 'eve', item: 'Fargo' },
  ])
  const weights = new Float32Array(titles.length ** 2)
  for (let row = 0; row < titles.length; row++) {
    for (let column = 0; column < titles.length; column++) {
      if (row !== column)
        weights[row * titles.length + column] = scale / (1 + Math.abs(row - column))
    }
  }
  const { users, items } = table
  return new ItemSimilarityRecommender({ users, items, seen: interactionLists(table), weights })
}

/** Makes a model whose ids are numbers. */
export function numberModel(): Recommender {
  const table = fromRecords([
    { user: 1, item: 10 },
    { user: 1, item: 20 },
    { user: 2, item: 30 },
  ])
  return new PopularityRecommender({
    users: table.users,
    items: table.items,
    seen: interactionLists(table),
    scores: Float32Array.of(1, 2, 3),
  })
}
