import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { rowCount, type Split } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import type { MovieLensName } from '../src/datasets/movie-lens-sets.js'
import {
  dropDuplicates,
  filterMinInteractions,
  loadBookCrossing,
  loadGowalla,
  loadMovieLens,
  temporalSplit,
} from '../src/index.js'
import { hasSharedData, sharedData, temporaryFolder } from './support/index.js'

const directory = sharedData
const sizes = ({ train, validation, test }: Split) => [train, validation, test].map(rowCount)

// The terms of these sets forbid keeping them in the repository.
describe.skipIf(!hasSharedData)('real data sets', () => {
  it.each<[MovieLensName, number, number, number, string, number, string]>([
    ['ml-latest-small', 100_836, 610, 9_724, 'seconds', 11, 'American President, The (1995)'],
    ['ml-100k', 100_000, 943, 1_682, 'seconds', 543, 'Misérables, Les (1995)'],
    ['ml-1m', 1_000_209, 6_040, 3_706, 'position-in-history', 73, 'Misérables, Les (1995)'],
  ])('loads MovieLens %s', async (name, rows, users, items, timestampUnit, item, title) => {
    const dataset = await loadMovieLens(name, { directory })
    const { interactions, titles } = dataset
    expect(rowCount(interactions)).toBe(rows)
    expect(interactions.users.size).toBe(users)
    expect(interactions.items.size).toBe(items)
    expect(interactions.users.type).toBe('number')
    expect(dataset.timestampUnit).toBe(timestampUnit)
    expect(titles?.get(item)).toBe(title)
    expect(interactions.items.ids.every((id) => titles?.get(id))).toBe(true)
  })

  it('prefers the original ratings.dat of MovieLens 1m, and works without titles', async () => {
    const packed = readFileSync(join(directory, 'ml-1m', 'ratings.ordered.tsv.gz'))
    const lines = gunzipSync(packed).toString().replaceAll('\t', '::')
    const dataset = await loadMovieLens('ml-1m', {
      directory: temporaryFolder({ 'ratings.dat': lines, 'ratings.ordered.tsv': 'never read' }),
    })
    expect(rowCount(dataset.interactions)).toBe(1_000_209)
    expect(dataset.timestampUnit).toBe('seconds')
    expect(dataset).not.toHaveProperty('titles')
  })

  it('loads Gowalla as given', async () => {
    const { split } = await loadGowalla({ directory })
    expect(sizes(split)).toEqual([810_128, 0, 217_242])
    expect(split.train.users.size).toBe(29_858)
    expect(split.train.items.size).toBe(40_981)
    expect(split.method).toEqual({ name: 'given', settings: { dataset: 'gowalla' } })
    const { users, items, userIndex, itemIndex } = split.test
    expect([users.idOf(userIndex[1]), items.idOf(itemIndex[1])]).toEqual([0, 3730])
  })

  it('loads Book-Crossing as given', async () => {
    const { split } = await loadBookCrossing({ directory })
    expect(sizes(split)).toEqual([262_228, 37_308, 74_789])
    expect(split.train.users.size).toBe(6_754)
    expect(split.train.items.size).toBe(13_670)
  })

  it('finds the 10-core of MovieLens latest-small', async () => {
    const { interactions } = await loadMovieLens('ml-latest-small', { directory })
    const core = filterMinInteractions(dropDuplicates(interactions), {
      minPerUser: 10,
      minPerItem: 10,
    })
    expect([core.users.size, core.items.size, rowCount(core)]).toEqual([609, 2_269, 81_109])
    const split = temporalSplit(core)
    expect(sizes(split).reduce((sum, rows) => sum + rows)).toBe(81_109)
    expect(new Set(split.train.userIndex).size).toBe(609)
  })
})
