import { fromRecords, interactionLists, Rng } from '@gnnrec/graph'
import { EmbeddingRecommender, type EmbeddingRecommenderOptions } from '../../src/index.js'
import type { SearchEngine } from '../../src/vectors.js'

/**
 * An engine that looks at all rows.
 *
 * @param keep - returns the rows to hand out, of those found, best first
 */
export function listingEngine(
  keep: (best: readonly number[]) => readonly number[] = (best) => best,
): SearchEngine & { readonly asked: number[] } {
  const asked: number[] = []
  return {
    name: 'listing',
    asked,
    create: ({ dim }) => {
      const rows: number[] = []
      return {
        add: (first, some) => {
          if (first * dim !== rows.length) throw new Error('a row is missing')
          rows.push(...some)
        },
        search: (query, count) => {
          asked.push(count)
          const scores = Array.from({ length: rows.length / dim }, (_, row) =>
            query.reduce((sum, value, d) => sum + value * (rows[row * dim + d] as number), 0),
          )
          const order = Array.from(scores.keys())
          order.sort((a, b) => (scores[b] as number) - (scores[a] as number))
          return Int32Array.from(keep(order.slice(0, count)))
        },
        save: () => undefined,
        load: () => undefined,
      }
    },
  }
}

/** Returns a recommender by random embeddings whose lengths differ as those of popular and rare items do. */
export function randomEmbeddings(
  { users, items, dim }: { users: number; items: number; dim: number },
  options: Partial<EmbeddingRecommenderOptions<number, string>> = {},
): EmbeddingRecommender<number, string> {
  const rng = Rng.fromSeed(7)
  const records = Array.from({ length: Math.max(users, items) * 2 }, (_, at) => ({
    user: at % users,
    item: `i${(at * 7) % items}`,
  }))
  const table = fromRecords<number, string>(records)
  const numbers = (length: number) => {
    const out = new Float32Array(length)
    rng.fillNormal(out, 1)
    return out
  }
  const itemEmbeddings = numbers(table.items.size * dim)
  for (let item = 0; item < table.items.size; item++) {
    const length = Math.exp(0.5 * rng.normal())
    for (let d = 0; d < dim; d++) itemEmbeddings[item * dim + d]! *= length
  }
  return new EmbeddingRecommender<number, string>({
    users: table.users,
    items: table.items,
    seen: interactionLists(table),
    embeddingDim: dim,
    userEmbeddings: numbers(table.users.size * dim),
    itemEmbeddings,
    ...options,
  })
}
