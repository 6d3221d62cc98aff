import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readArrow, readParquet } from '../../src/index.js'
import { useDuckDb } from '../support/duckdb.js'
import { rowsOf } from '../support/index.js'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/columnar/${name}`, import.meta.url))

const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }

const rows = (count: number) =>
  Array.from({ length: count }, (_, row) => [
    row % 50,
    `item ${row % 97}`,
    (row % 10) / 2,
    1577872800 + (row % 60),
  ])

const held = useDuckDb()

describe('files of other programs', () => {
  it.each([
    ['pandas.feather', 10_000],
    ['polars.arrow', 100],
    ['polars-zstd.arrow', 10_000],
    ['polars-lz4.arrow', 10_000],
  ])('are read by readArrow: %s', async (name, count) => {
    expect(rowsOf(await readArrow(fixture(name), { columns }))).toEqual(rows(count))
  })

  it.each(['polars.parquet', 'pyarrow-lz4.parquet'])(
    'are read by readParquet: %s',
    async (name) => {
      const table = await readParquet(fixture(name), { columns })
      expect(rowsOf(table)).toEqual(rows(10_000))
      expect(await held.db.toTable(await held.db.readParquet(fixture(name), { columns }))).toEqual(
        table,
      )
    },
  )

  it('are refused when a compressed block is damaged', async () => {
    for (const name of ['pandas.feather', 'polars-zstd.arrow']) {
      const bytes = new Uint8Array(readFileSync(fixture(name)))
      bytes.fill(0x55, 600, 900)
      await expect(readArrow(bytes, { columns })).rejects.toMatchObject({ code: 'FILE_FORMAT' })
    }
    const bytes = new Uint8Array(readFileSync(fixture('polars.parquet')))
    bytes.fill(0x55, 100, 300)
    await expect(readParquet(bytes, { columns })).rejects.toMatchObject({ code: 'FILE_FORMAT' })
  })
})
