import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromRecords } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  leaveLastOut,
  loadMovieTweetings,
  loadSplit,
  randomSplit,
  saveSplit,
  temporalSplit,
} from '../../src/index.js'
import { rowsOf, temporaryFolder } from '../support/index.js'

const table = fromRecords([
  { user: '007', item: 1, rating: 3.3, timestamp: 1.5 },
  { user: 'a,"b"\nc', item: 2, rating: 4, timestamp: 1260759144 },
  { user: 'Zoë', item: -7, rating: 0.1, timestamp: 3 },
  { user: 'Zoë', item: 1, rating: 0.1, timestamp: 4 },
  { user: 'Zoë', item: 2, rating: 1e-7, timestamp: 5e-324 },
])

describe('a saved split', () => {
  it('is loaded unchanged', async () => {
    const folder = join(temporaryFolder(), 'deep', 'split')
    const split = leaveLastOut(table)
    await saveSplit(split, folder)
    const loaded = await loadSplit(folder)
    expect(loaded).toEqual(split)
    expect(loaded.hash).toBe(split.hash)
    expect(loaded.train.users).toBe(loaded.test.users)
    expect(readdirSync(folder).sort()).toEqual([
      'items.json',
      'split.json',
      'test.csv',
      'train.csv',
      'users.json',
      'validation.csv',
    ])
  })

  it('can be read by other programs', async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    expect(readFileSync(join(folder, 'train.csv'), 'utf8')).toBe(
      'user,item,rating,timestamp\n007,1,3.3,1.5\n"a,""b""\nc",2,4,1260759144\nZoë,2,1e-7,5e-324\n',
    )
    expect(JSON.parse(readFileSync(join(folder, 'users.json'), 'utf8'))).toEqual(table.users.ids)
  })

  it('keeps any ids, ratings and times', { timeout: 60_000 }, async () => {
    const record = fc.record({
      user: fc.string({ minLength: 1, unit: 'grapheme' }),
      item: fc.integer(),
      rating: fc.float({ noNaN: true, noDefaultInfinity: true }),
      timestamp: fc.double({ noNaN: true, min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
    })
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async (records) => {
        const split = randomSplit(fromRecords(records))
        await saveSplit(split, folder, { overwrite: true })
        const loaded = await loadSplit(folder)
        expect(loaded.hash).toBe(split.hash)
        for (const part of ['train', 'validation', 'test'] as const) {
          // A file has the same text for -0 and 0.
          const plain = (rows: (string | number)[][]) =>
            rows.map((row) => row.map((value) => (value === 0 ? 0 : value)))
          expect(plain(rowsOf(loaded[part]))).toEqual(plain(rowsOf(split[part])))
        }
      }),
      { numRuns: 20 },
    )
  })

  it('keeps ids that no part has', async () => {
    const folder = temporaryFolder()
    const split = temporalSplit(table)
    const users = split.train.users
    await saveSplit(split, folder)
    expect((await loadSplit(folder)).train.users.ids).toEqual(users.ids)
  })

  it('keeps its hash (bundled data)', async () => {
    const folder = temporaryFolder()
    const split = temporalSplit((await loadMovieTweetings()).interactions)
    await saveSplit(split, folder)
    expect((await loadSplit(folder)).hash).toBe(split.hash)
  })

  it('is replaced only on request', async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    const other = randomSplit(table, { seed: 5 })
    await expect(saveSplit(other, folder)).rejects.toThrow('already holds a split')
    expect((await loadSplit(folder)).method.name).toBe('leave-last-out')
    await saveSplit(other, folder, { overwrite: true })
    expect((await loadSplit(folder)).hash).toBe(other.hash)
  })

  it('cannot be loaded when it was only partly written', async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    const aborted = AbortSignal.abort(new Error('enough'))
    const many = fromRecords(Array.from({ length: 20_000 }, (_, user) => ({ user, item: 1 })))
    const writing = saveSplit(randomSplit(many), folder, { overwrite: true, signal: aborted })
    await expect(writing).rejects.toThrow('enough')
    await expect(loadSplit(folder)).rejects.toMatchObject({
      code: 'FILE_READ',
      file: join(folder, 'split.json'),
    })
  })

  it('is refused when an id is an empty string', async () => {
    const split = randomSplit(fromRecords([{ user: '', item: 1 }]))
    await expect(saveSplit(split, temporaryFolder())).rejects.toThrow('An id is an empty string')
  })

  it('fails when the folder cannot be created', async () => {
    const folder = join(temporaryFolder({ file: '' }), 'file', 'split')
    await expect(saveSplit(randomSplit(table), folder)).rejects.toMatchObject({ code: 'FILE_READ' })
  })
})

describe('a damaged split', () => {
  const saved = async () => {
    const folder = temporaryFolder()
    await saveSplit(leaveLastOut(table), folder)
    return folder
  }

  it.each([
    ['train.csv', 'user,item,rating,timestamp\n007,2,3.3,1.5\n', 'SHA-256'],
    ['users.json', '["a"]', 'SHA-256'],
    ['split.json', '{', 'expected JSON'],
    ['split.json', '{}', 'was not written by saveSplit'],
    ['split.json', 'null', 'was not written by saveSplit'],
    ['split.json', '{"format":"gnnrec-split","formatVersion":9}', 'Upgrade @gnnrec/data'],
    ['split.json', '{"format":"gnnrec-split","formatVersion":1}', 'is damaged'],
  ])('is an error that names the file (%s, %j)', async (name, content, message) => {
    const folder = await saved()
    writeFileSync(join(folder, name), content)
    await expect(loadSplit(folder)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file: join(folder, name),
      message: expect.stringContaining(message),
    })
  })

  it('is an error when its hash differs', async () => {
    const folder = await saved()
    const file = join(folder, 'split.json')
    const json = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...json, hash: '0'.repeat(64) }))
    await expect(loadSplit(folder)).rejects.toThrow('they belong to another split')
  })
})
