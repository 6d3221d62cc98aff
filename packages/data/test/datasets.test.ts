import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { MovieLensName } from '../src/datasets/movie-lens-sets.js'
import {
  type DatasetNotFoundError,
  filterMinInteractions,
  loadBookCrossing,
  loadGowalla,
  loadMovieLens,
  loadMovieTweetings,
} from '../src/index.js'
import { readTitles } from '../src/readers/read-titles.js'
import { rowsOf, temporaryFolder } from './support/index.js'

const environment = (variables: Record<'GNNREC_DATA_DIR' | 'XDG_CACHE_HOME', string>) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

beforeEach(() => {
  // No test downloads from a publisher.
  vi.stubEnv('GNNREC_OFFLINE', '1')
  vi.stubEnv('GNNREC_MIRROR', '')
})

const notFound = async (loading: Promise<unknown>): Promise<DatasetNotFoundError> => {
  const error = await loading.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toMatchObject({ code: 'DATASET_NOT_FOUND' })
  return error as DatasetNotFoundError
}

describe('loadMovieTweetings', () => {
  it('loads the bundled 10-core with titles', async () => {
    const { interactions, titles, ...info } = await loadMovieTweetings()
    expect(interactions.users.size).toBe(2_059)
    expect(interactions.items.size).toBe(1_099)
    expect(rowsOf(interactions).length).toBe(44_613)
    expect(rowsOf(interactions)[0]).toEqual([0, 1061, 5, 1364312712])
    expect(interactions.items.ids.every((item) => titles?.get(item))).toBe(true)
    expect(titles?.get(0)).toBe('All Quiet on the Western Front (1930)')
    expect(info).toMatchObject({
      name: 'movietweetings-10core',
      timestampUnit: 'seconds',
      licence: expect.stringContaining('MIT'),
      citation: expect.stringContaining('Dooms'),
    })
  })

  it('is a 10-core', async () => {
    const { interactions } = await loadMovieTweetings()
    const core = filterMinInteractions(interactions, { minPerUser: 10, minPerItem: 10 })
    expect(rowsOf(core)).toEqual(rowsOf(interactions))
  })

  it('ships the licence text', () => {
    expect(existsSync(new URL('../assets/movietweetings/LICENSE', import.meta.url))).toBe(true)
  })
})

describe('a data set that is not there', () => {
  it('is looked for in GNNREC_DATA_DIR and the cache folder', async () => {
    environment({ GNNREC_DATA_DIR: '/nowhere/data', XDG_CACHE_HOME: '/nowhere/cache' })
    const error = await notFound(loadMovieLens('ml-1m'))
    expect(error.places).toEqual([
      join('/nowhere/data', 'ml-1m'),
      join('/nowhere/cache', 'gnnrec', 'ml-1m'),
    ])
    for (const part of [
      ...error.places,
      'ratings.dat or ratings.ordered.tsv (plain, .gz or in ml-1m.zip)',
      "It was not downloaded, because 'offline' or GNNREC_OFFLINE is set.",
      'https://files.grouplens.org/datasets/movielens/ml-1m.zip',
      'GNNREC_DATA_DIR',
    ]) {
      expect(error.message).toContain(part)
    }
  })

  it('is looked for in ~/.cache without XDG_CACHE_HOME', async () => {
    environment({ GNNREC_DATA_DIR: '', XDG_CACHE_HOME: '' })
    vi.stubEnv('HOME', temporaryFolder())
    const error = await notFound(loadGowalla())
    expect(error.places).toEqual([join(homedir(), '.cache', 'gnnrec', 'gowalla')])
    expect(error.message).toContain('train.txt and test.txt')
  })

  it('is looked for only in the directory when one is given', async () => {
    const directory = temporaryFolder()
    environment({ GNNREC_DATA_DIR: '/nowhere/data', XDG_CACHE_HOME: '/nowhere/cache' })
    const error = await notFound(loadBookCrossing({ directory }))
    expect(error.places).toEqual([join(directory, 'book-crossing-6754x13670'), directory])
  })

  it('is not found when one of its files is missing', async () => {
    await notFound(loadGowalla({ directory: temporaryFolder({ 'train.txt': '0 1\n' }) }))
  })
})

describe('a data set with other numbers than the published ones', () => {
  const small = 'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n2,5,4.0,964982703\n'

  it.each<[MovieLensName, string, string]>([
    ['ml-latest-small', 'ratings.csv', small],
    ['ml-100k', 'u.data', '1\t1\t3\t1\n2\t5\t3\t1\n'],
    ['ml-1m', 'ratings.dat', '1::1::3::1\n2::5::3::1\n'],
    ['ml-1m', 'ratings.ordered.tsv', '1\t1\t3\t0\n2\t5\t3\t0\n'],
  ])('is refused, and the error names the file (%s, %s)', async (name, file, content) => {
    const directory = temporaryFolder({ [file]: content })
    await expect(loadMovieLens(name, { directory })).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
      file: join(directory, file),
      message: expect.stringMatching(/it has 2 rows, .* it has 2 users, .* it has 2 items, /),
    })
  })

  it('is refused when one part differs', async () => {
    const directory = temporaryFolder({ 'train.txt': '0 1\n', 'test.txt': '0 2\n' })
    await expect(loadGowalla({ directory })).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
      file: join(directory, 'train.txt'),
      message: expect.stringContaining('it has 1 pairs, the published file has 810128'),
    })
  })

  it('is found in its own folder inside the directory first', async () => {
    const directory = temporaryFolder({ 'ratings.csv': small })
    mkdirSync(join(directory, 'ml-latest-small'))
    const inner = join(directory, 'ml-latest-small', 'ratings.csv')
    writeFileSync(inner, small)
    await expect(loadMovieLens('ml-latest-small', { directory })).rejects.toMatchObject({
      file: inner,
    })
  })
})

describe('the options of a loader', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['an unknown set', () => loadMovieLens('ml-5m' as MovieLensName), 'got "ml-5m"'],
    ['an empty directory', () => loadMovieLens('ml-1m', { directory: '' }), 'directory: got ""'],
    ['a misspelt option', () => loadGowalla({ dir: 'x' } as object), "unknown option 'dir'"],
  ])('may not have %s', async (_, load, message) => {
    await expect(load()).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })
})

describe('readTitles', () => {
  const format = {
    delimiter: '::',
    header: false,
    encoding: 'latin1',
    quotes: false,
    columns: [0, 1],
  } as const

  it('reads Latin-1 titles', async () => {
    const source = Buffer.from('1::Misérables, Les (1995)::Drama\n', 'latin1')
    expect(await readTitles(source, format)).toEqual(new Map([[1, 'Misérables, Les (1995)']]))
  })

  it('reads copies of Latin-1 files that are UTF-8', async () => {
    const text = '1::Misérables, Les (1995)::Drama\n2::Heat (1995)::Action\n'
    const titles = await readTitles({ text }, format)
    expect(titles.get(1)).toBe('Misérables, Les (1995)')
    expect(titles.size).toBe(2)
  })

  it.each([['x::Title\n'], ['::Title\n'], ['1.5::Title\n'], ['12\n']])(
    'rejects the line %j',
    async (text) => {
      await expect(readTitles({ text }, format)).rejects.toThrow(
        /^\(text\), line 1: expected an (integer )?item id and a title\.$/,
      )
    },
  )
})
