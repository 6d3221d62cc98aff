import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fromRecords, InvalidOptionsError, interactionLists } from '@gnnrec/graph'
import { parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  PopularityRecommender,
  type Recommendation,
  SerializationError,
  writeRecommendations,
} from '../../src/index.js'
import { embeddings } from '../support/recommenders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gnnrec-lists-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const recommender = new EmbeddingRecommender(embeddings)
const all = () => recommender.recommendAll({ k: 2, blockSize: 1 })
const expected = recommender.recommend(recommender.users.ids, { k: 2 })
const rowsOf = (lists: readonly Recommendation[]) =>
  lists.flatMap(({ user, items, scores }) =>
    items.map((item, place) => ({ user, item, rank: place + 1, score: scores[place] })),
  )

/** Ids of numbers, and texts that CSV has to quote. */
function odd(): PopularityRecommender<number, string> {
  const table = fromRecords<number, string>([
    { user: 7, item: 'plain' },
    { user: 2 ** 52, item: 'with, comma' },
    { user: -3, item: 'with "quotes"' },
    { user: 8, item: 'over\ntwo lines' },
  ])
  return new PopularityRecommender({
    users: table.users,
    items: table.items,
    seen: interactionLists(table),
    scores: Float32Array.of(0.1, 1 / 3, -2.5e-7, 16_777_217),
  })
}

describe('writeRecommendations', () => {
  it('writes CSV', async () => {
    const file = join(folder, 'lists.csv')
    const written = await writeRecommendations(file, all())
    const text = readFileSync(file, 'utf8')
    expect(text).toBe(
      `user,item,rank,score\n${rowsOf(expected)
        .map(({ user, item, rank, score }) => `${user},${item},${rank},${score}\n`)
        .join('')}`,
    )
    expect(written).toEqual({ users: 3, fallbacks: 0, items: 6, bytes: Buffer.byteLength(text) })
    expect(readdirSync(folder)).toEqual(['lists.csv'])
  })

  it('writes JSON lines', async () => {
    const file = pathToFileURL(join(folder, 'lists.jsonl'))
    await writeRecommendations(file, all())
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      expected.map(({ scores, ...list }) => ({ ...list, scores: [...scores] })),
    )
  })

  it('writes Parquet', async () => {
    const file = join(folder, 'lists.parquet')
    const written = await writeRecommendations(file, all())
    const bytes = readFileSync(file)
    expect(written.bytes).toBe(bytes.length)
    const rows = await parquetReadObjects({ file: arrayBufferOf(bytes) })
    expect(rows).toEqual(rowsOf(expected))
  })

  it('keeps ids and scores as they are, in every format', async () => {
    const own = odd()
    const lists = own.recommend(own.users.ids, { k: 3 })
    const write = async (name: string) => {
      await writeRecommendations(join(folder, name), own.recommendAll({ k: 3 }))
      return readFileSync(join(folder, name))
    }
    const csv = (await write('odd.csv')).toString('utf8')
    expect(csv).toContain('"with, comma"')
    expect(csv).toContain('"with ""quotes"""')
    expect(csv).toContain('"over\ntwo lines"')
    const scores = [...csv.matchAll(/,(-?[\d.e+-]+)\n(?=-?\d|$)/g)].map(([, text]) => Number(text))
    expect(Float32Array.from(scores)).toEqual(
      Float32Array.from(lists.flatMap((list) => [...list.scores])),
    )
    const lines = (await write('odd.jsonl')).toString('utf8').trimEnd().split('\n')
    for (const [i, line] of lines.entries()) {
      const { user, items, scores: texts } = JSON.parse(line)
      expect({ user, items }).toEqual({ user: lists[i].user, items: lists[i].items })
      expect(texts.map(Math.fround)).toEqual(lists[i].scores)
    }
    const rows = await parquetReadObjects({ file: arrayBufferOf(await write('odd.parquet')) })
    expect(rows).toEqual(rowsOf(lists).map((row) => ({ ...row, user: BigInt(row.user) })))
  })

  it('writes several row groups of Parquet', async () => {
    const items = Array.from({ length: 300 }, (_, i) => `item ${i}`)
    const scores = items.map((_, i) => i / 2)
    async function* blocks() {
      for (let user = 0; user < 700; user++)
        yield [{ user, items, scores, source: 'trained' as const }]
    }
    const file = join(folder, 'many.parquet')
    expect((await writeRecommendations(file, blocks())).items).toBe(210_000)
    const rows = await parquetReadObjects({ file: arrayBufferOf(readFileSync(file)) })
    expect(rows).toHaveLength(210_000)
    expect(rows[150_000]).toEqual({ user: 500n, item: 'item 0', rank: 1, score: 0 })
    expect(rows[209_999]).toEqual({ user: 699n, item: 'item 299', rank: 300, score: 149.5 })
  })

  it('writes files without a single list', async () => {
    const none = () => recommender.recommendAll({ users: [] })
    await writeRecommendations(join(folder, 'none.csv'), none())
    expect(readFileSync(join(folder, 'none.csv'), 'utf8')).toBe('user,item,rank,score\n')
    await writeRecommendations(join(folder, 'none.jsonl'), none())
    expect(readFileSync(join(folder, 'none.jsonl'))).toHaveLength(0)
    await writeRecommendations(join(folder, 'none.parquet'), none())
    const file = arrayBufferOf(readFileSync(join(folder, 'none.parquet')))
    expect(await parquetReadObjects({ file })).toEqual([])
  })

  it('writes into a stream, and closes it', async () => {
    const pieces: Uint8Array[] = []
    let closed = false
    const stream = new WritableStream<Uint8Array>({
      write: (piece) => {
        pieces.push(piece)
      },
      close: () => {
        closed = true
      },
    })
    await writeRecommendations(stream, all(), { format: 'csv' })
    expect(closed).toBe(true)
    expect(Buffer.concat(pieces).toString().split('\n')).toHaveLength(8)
    // The header, and one piece for each block.
    expect(pieces).toHaveLength(4)
  })

  it('leaves what was there when lists fail or are aborted', async () => {
    const file = join(folder, 'lists.csv')
    writeFileSync(file, 'old')
    const reason = new Error('enough')
    async function* failing() {
      yield expected.slice(0, 1)
      throw reason
    }
    await expect(writeRecommendations(file, failing())).rejects.toBe(reason)
    const signal = AbortSignal.abort(reason)
    await expect(writeRecommendations(file, recommender.recommendAll({ signal }))).rejects.toBe(
      reason,
    )
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['lists.csv'])
    let aborted: unknown
    const stream = new WritableStream<Uint8Array>({
      abort: (why) => {
        aborted = why
      },
    })
    await expect(writeRecommendations(stream, failing(), { format: 'jsonl' })).rejects.toBe(reason)
    expect(aborted).toBe(reason)
  })

  it('says where it cannot write', async () => {
    const nowhere = join(folder, 'no', 'such', 'folder.csv')
    await expect(writeRecommendations(nowhere, all())).rejects.toBeInstanceOf(SerializationError)
    await expect(writeRecommendations(nowhere, all())).rejects.toThrow(`Could not write ${nowhere}`)
  })

  it.each([
    new URL('http://x/a.csv'),
    'http://x/a.csv',
    new URL('data:a.csv'),
    'http://[/a.csv',
    new URL('file:///a%2Fb.csv'),
  ])('refuses the address %s', async (target) => {
    const result = writeRecommendations(target, all(), { format: 'csv' })
    await expect(result).rejects.toBeInstanceOf(SerializationError)
  })

  it('takes a file: URL, as an object or as text', async () => {
    for (const name of ['one.csv', 'two.csv']) {
      const url = pathToFileURL(join(folder, name))
      await writeRecommendations(name === 'one.csv' ? url : url.href, all())
      expect(readFileSync(join(folder, name), 'utf8')).toContain('user,item,rank,score')
    }
  })

  it.each([
    [null as never, {}, 'Got null as the place to write to'],
    [7 as never, {}, 'Got 7 as the place to write to'],
    ['', {}, 'Got "" as the place to write to'],
    ['lists.txt', {}, "'lists.txt' does not end in .csv, .jsonl or .parquet"],
    ['lists.csv', { format: 'xml' }, 'format: got "xml"'],
    [new WritableStream<Uint8Array>(), {}, 'got none for a stream'],
    ['lists.csv', { formats: 'csv' }, "did you mean 'format'?"],
  ])('rejects %j with %j', async (target, options, message) => {
    const result = writeRecommendations(target, all(), options as object)
    await expect(result).rejects.toBeInstanceOf(InvalidOptionsError)
    await expect(result).rejects.toThrow(message)
  })
})

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
