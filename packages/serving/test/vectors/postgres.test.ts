import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { InvalidOptionsError } from '@gnnrec/graph'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SerializationError } from '../../src/index.js'
import {
  type PostgresClient,
  transformVectors,
  VectorTable,
  writeToPostgres,
} from '../../src/vectors.js'

let database: PGlite

beforeAll(async () => {
  database = await PGlite.create({ extensions: { vector } })
})
beforeEach(async () => {
  await database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
})
afterAll(() => database.close())

const items = new VectorTable({
  ids: ["o'neill", 'b', 'c'],
  dim: 2,
  vectors: Float32Array.of(3, 0.1, 1, 0, 0, 5),
})
const numbered = new VectorTable({
  ids: Array.from({ length: 700 }, (_, row) => row * 1000),
  dim: 100,
  vectors: new Float32Array(70_000).map((_, at) => (at % 1013) / 8),
})
const queryText = (query: Float32Array) => JSON.stringify(Array.from(query))
const rowsOf = async (text: string, values?: unknown[]) =>
  (await database.query<Record<string, unknown>>(text, values)).rows
const indexesOf = async (table: string) =>
  (await rowsOf('SELECT indexdef FROM pg_indexes WHERE tablename = $1 ORDER BY 1', [table])).map(
    ({ indexdef }) => indexdef as string,
  )

describe('writeToPostgres', () => {
  it('writes rows that the database orders as their scores, with an index', async () => {
    const result = await writeToPostgres(database, items, { table: 'items' })
    expect(result).toEqual({ rows: 3, table: '"items"' })
    const found = await rowsOf('SELECT id FROM items ORDER BY embedding <#> $1 LIMIT 2', [
      queryText(Float32Array.of(1, 0)),
    ])
    expect(found).toEqual([{ id: "o'neill" }, { id: 'b' }])
    expect((await indexesOf('items')).join()).toMatch(/USING hnsw \(embedding vector_ip_ops\)/)
  })

  it('writes several batches with numbers as ids, the same numbers as in the table', async () => {
    await writeToPostgres(database, numbered, { table: 'items', index: 'none' })
    const rows = await rowsOf('SELECT id, embedding FROM items ORDER BY id')
    expect(rows.map(({ id }) => Number(id))).toEqual(numbered.ids)
    expect(rows.map(({ embedding }) => JSON.parse(embedding as string))).toEqual(
      numbered.ids.map((_, row) => Array.from(numbered.vectorAt(row))),
    )
    expect(await indexesOf('items')).toHaveLength(1)
  })

  it('takes the place of what it wrote before, in another schema too, and leaves no draft', async () => {
    await database.exec('CREATE SCHEMA shop')
    const options = { table: 'items', schema: 'shop', type: 'halfvec', index: 'ivfflat' } as const
    await writeToPostgres(database, numbered, options)
    await writeToPostgres(database, items, options)
    await writeToPostgres(database, items, options)
    expect(await rowsOf('SELECT count(*)::int AS rows FROM shop.items')).toEqual([{ rows: 3 }])
    const tables = "SELECT tablename FROM pg_tables WHERE schemaname IN ('shop', 'public')"
    expect(await rowsOf(tables)).toEqual([{ tablename: 'items' }])
    expect((await indexesOf('items')).join()).toMatch(/ivfflat \(embedding halfvec_ip_ops\)/)
    const half = new VectorTable({ ids: [1], dim: 1, vectors: Float32Array.of(65_505) })
    await expect(writeToPostgres(database, half, options)).rejects.toThrow(/up to 65504/)
  })

  it('writes biases, which exact search takes and an index is refused for', async () => {
    const bias = Float32Array.of(0, 0, 9.5)
    const biased = new VectorTable({ ids: items.ids, dim: 2, vectors: items.vectors, bias })
    await writeToPostgres(database, biased, { table: 'items', index: 'none' })
    const query = Float32Array.of(1, 0)
    const best = 'SELECT id FROM items ORDER BY (embedding <#> $1) - bias LIMIT 1'
    expect(await rowsOf(best, [queryText(query)])).toEqual([{ id: 'c' }])
    const refused = writeToPostgres(database, biased, { table: 'items' })
    await expect(refused).rejects.toThrow(/transformVectors\(items, 'dot'\)/)
    for (const [metric, operator] of [
      ['dot', '<#>'],
      ['cosine', '<=>'],
      ['l2', '<->'],
    ] as const) {
      const { items: turned, toQuery } = transformVectors(biased, metric)
      await writeToPostgres(database, turned, { table: 'items', metric })
      const ordered = `SELECT id FROM items ORDER BY embedding ${operator} $1`
      expect(await rowsOf(ordered, [queryText(toQuery(query))])).toEqual([
        { id: 'c' },
        { id: "o'neill" },
        { id: 'b' },
      ])
    }
  })

  it('refuses a cosine or Euclidean index for inner products', async () => {
    for (const metric of ['cosine', 'l2'] as const) {
      const written = writeToPostgres(database, items, { table: 'items', metric })
      await expect(written).rejects.toThrow(InvalidOptionsError)
    }
    expect(await rowsOf("SELECT to_regclass('items') AS items")).toEqual([{ items: null }])
  })

  it('keeps tables that it has not written', async () => {
    await database.exec('CREATE TABLE items (id text); INSERT INTO items VALUES ($$mine$$)')
    await expect(writeToPostgres(database, items, { table: 'items' })).rejects.toThrow(
      /"items" is there and was not written by writeToPostgres/,
    )
    expect(await rowsOf('SELECT id FROM items')).toEqual([{ id: 'mine' }])
    await database.exec('DROP TABLE items; CREATE TABLE items_new (id text)')
    await expect(writeToPostgres(database, items, { table: 'items' })).rejects.toThrow(/items_new/)
  })

  it('leaves the old rows and no draft when a statement fails or the signal is aborted', async () => {
    await writeToPostgres(database, items, { table: 'items' })
    const controller = new AbortController()
    const failing = (fail: () => void): PostgresClient => ({
      query: async (text, values) => {
        if (text.startsWith('INSERT')) fail()
        return database.query(text, values)
      },
    })
    const broken = failing(() => {
      throw new Error('disk full')
    })
    await expect(writeToPostgres(broken, numbered, { table: 'items' })).rejects.toThrow(
      SerializationError,
    )
    const aborting = failing(() => controller.abort(new Error('enough')))
    const { signal } = controller
    await expect(writeToPostgres(aborting, numbered, { table: 'items', signal })).rejects.toThrow(
      'enough',
    )
    expect(await rowsOf('SELECT count(*)::int AS rows FROM items')).toEqual([{ rows: 3 }])
    expect(await rowsOf("SELECT to_regclass('items_new') AS draft")).toEqual([{ draft: null }])
  })

  it.each([
    [{ table: 'a"; DROP TABLE users; --' }, /table: .*letters, digits/],
    [{ table: '1st' }, /table/],
    [{}, /table/],
    [{ table: 'items', schema: '$swap$' }, /schema/],
    [{ table: 'items', type: 'sparsevec' }, /type/],
    [{ table: 'items', index: 'flat' }, /index/],
    [{ table: 'items', metric: 'hamming' }, /metric/],
    [{ table: 'items', metrik: 'dot' }, /metrik/],
  ])('refuses the options %j', async (options, message) => {
    const written = writeToPostgres(database, items, options as never)
    await expect(written).rejects.toThrow(InvalidOptionsError)
    await expect(writeToPostgres(database, items, options as never)).rejects.toThrow(message)
  })

  it('refuses an index for vectors that are too long, and a client without query', async () => {
    const long = new VectorTable({ ids: [1], dim: 2001, vectors: new Float32Array(2001) })
    await expect(writeToPostgres(database, long, { table: 'items' })).rejects.toThrow(/up to 2000/)
    await expect(writeToPostgres({} as never, items, { table: 'items' })).rejects.toThrow(/query/)
  })
})
