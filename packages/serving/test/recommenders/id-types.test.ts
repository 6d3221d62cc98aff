import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, expectTypeOf, it } from 'vitest'
import type { Recommender as AnyRecommender } from '../../src/index.js'
import { EmbeddingRecommender, Recommender, writeRecommendations } from '../../src/index.js'
import { embeddings } from '../support/recommenders.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const recommender = new EmbeddingRecommender(embeddings)

it('keeps the types of ids in every answer', () => {
  expectTypeOf(recommender).toEqualTypeOf<EmbeddingRecommender<string, string>>()
  expectTypeOf(recommender.recommend('anna').items).toEqualTypeOf<readonly string[]>()
  expectTypeOf(recommender.recommend(['anna']).map(({ user }) => user)).toEqualTypeOf<string[]>()
  expectTypeOf(recommender.similarItems('a').items).toEqualTypeOf<readonly string[]>()
  expectTypeOf(recommender.similarUsers('anna').users).toEqualTypeOf<readonly string[]>()
  expectTypeOf(recommender.users.ids).toEqualTypeOf<readonly string[]>()
})

it('gives a loaded recommender the types that are asked for, else both', async () => {
  const files = {}
  await recommender.save(files)
  const typed = await Recommender.load<string, string>(files)
  expectTypeOf(typed).toEqualTypeOf<AnyRecommender<string, string>>()
  expectTypeOf(typed.recommend('anna').items).toEqualTypeOf<readonly string[]>()
  const untyped = await Recommender.load(files)
  expectTypeOf(untyped.recommend('anna').items).toEqualTypeOf<readonly (string | number)[]>()
})

it('refuses ids of another type', () => {
  // @ts-expect-error users are strings
  const byNumber = () => recommender.recommend(7)
  // @ts-expect-error items are strings
  const itemByNumber = () => recommender.score('anna', [7])
  // @ts-expect-error candidates are strings
  const candidates = () => recommender.recommend('anna', { candidates: [7] })
  expectTypeOf(byNumber).toBeFunction()
  expectTypeOf(itemByNumber).toBeFunction()
  expectTypeOf(candidates).toBeFunction()
})

it('writes lists of typed and of untyped ids', async () => {
  const files = {}
  await recommender.save(files)
  const untyped = await Recommender.load(files)
  const folder = await temporaryFolder()
  const [first, second] = [join(folder, 'typed.csv'), join(folder, 'untyped.csv')]
  await writeRecommendations(first, recommender.recommendAll({ k: 1 }))
  await writeRecommendations(second, untyped.recommendAll({ k: 1 }))
  expect(readFileSync(first, 'utf8')).toBe(readFileSync(second, 'utf8'))
})
