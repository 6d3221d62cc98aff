import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BipartiteGraph, fromColumns, selectRows, topK } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import { expect, it } from 'vitest'
import { Ease } from '../../src/ease/ease.js'
import { ItemKnn } from '../../src/item-knn/item-knn.js'
import { Popularity } from '../../src/popularity/popularity.js'
import { Random } from '../../src/random/random.js'
import { Slim } from '../../src/slim/slim.js'
import { UserKnn } from '../../src/user-knn/user-knn.js'

/** The data set bundled with `@gnnrec/data`, which this package does not depend on. */
const ratings = new URL('../../../data/assets/movietweetings/ratings.csv.gz', import.meta.url)

it('MovieTweetings ranks random below popularity below the baselines that learn', async () => {
  const [header, ...lines] = gunzipSync(readFileSync(ratings)).toString().trim().split(/\r?\n/)
  const names = header?.split(',') ?? []
  const rows = lines.map((line) => line.split(',').map(Number))
  const column = (name: string) => rows.map((row) => row[names.indexOf(name)] as number)
  const table = fromColumns({ user: column('user'), item: column('item') })
  const indices = Array.from(rows.keys())
  const train = selectRows(
    table,
    indices.filter((row) => row % 5 !== 0),
  )
  const test = selectRows(
    table,
    indices.filter((row) => row % 5 === 0),
  )
  const graph = BipartiteGraph.fromInteractions(train)
  const relevant = BipartiteGraph.fromInteractions(test)

  /** The mean over users with test items of NDCG@20 among the items not in training. */
  const ndcg = (model: Recommender): number => {
    let sum = 0
    let users = 0
    const scores = new Float32Array(graph.itemCount)
    for (let user = 0; user < graph.userCount; user++) {
      const wanted = new Set(relevant.userItems(user))
      if (wanted.size === 0) continue
      model.scoreUsers(Int32Array.of(user), scores)
      let gain = 0
      let ideal = 0
      topK(scores, 20, graph.userItems(user)).items.forEach((item, place) => {
        if (wanted.has(item)) gain += 1 / Math.log2(place + 2)
        if (place < wanted.size) ideal += 1 / Math.log2(place + 2)
      })
      sum += gain / ideal
      users++
    }
    return sum / users
  }

  const random = ndcg(await new Random(graph).toRecommender())
  const popularity = ndcg(await new Popularity(graph).toRecommender())
  const itemKnn = ndcg(await new ItemKnn(graph).toRecommender())
  const ease = ndcg(await new Ease(graph).toRecommender())
  const userKnn = ndcg(await new UserKnn(graph).toRecommender())
  const slim = ndcg(await new Slim(graph).toRecommender())
  expect(popularity).toBeGreaterThan(5 * random)
  expect(itemKnn).toBeGreaterThan(1.1 * popularity)
  expect(ease).toBeGreaterThan(1.1 * popularity)
  expect(userKnn).toBeGreaterThan(1.1 * popularity)
  expect(slim).toBeGreaterThan(1.2 * popularity)
})
