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

  it('are refused by both readers of Parquet at the first row without a value', async () => {
    const file = fixture('no-values.parquet')
    const options = { columns: { user: 'user', item: 'item', rating: 'rating' } }
    const message = `${file}: row 1 has no rating; expected one in every row or in none.`
    await expect(readParquet(file, options)).rejects.toThrow(message)
    await expect(held.db.readParquet(file, options)).rejects.toThrow(message)
  })

  it('are refused by DuckDB when it would take their numbers for others', async () => {
    const options = { columns: { user: 'user', item: 'item', rating: 'rating' } }
    const file = fixture('decimal256.parquet')
    expect(rowsOf(await readParquet(file, options))).toEqual([
      [1, 7, 3.5],
      [2, 8, 4],
    ])
    await expect(held.db.readParquet(file, options)).rejects.toThrow(
      'the column "rating" has decimal numbers of more than 38 digits',
    )
  })

  it.each([
    ['pandas.feather', 'lz4', readArrow],
    ['polars-zstd.arrow', 'zstd', readArrow],
    ['polars.parquet', 'zstd', readParquet],
  ] as const)('are refused when a compressed block is damaged: %s', async (name, codec, read) => {
    const magic = Buffer.from(codec === 'lz4' ? [4, 34, 77, 24] : [40, 181, 47, 253])
    const damages: ((bytes: Buffer, at: number) => void)[] = [
      (bytes, at) => bytes.writeUInt8(0, at),
      // The flags and the window of a frame.
      (bytes, at) => bytes.fill(0xff, at + 4, at + 8),
      (bytes, at) => bytes.fill(0, at + 8, at + 32),
    ]
    for (const damage of damages) {
      const bytes = readFileSync(fixture(name))
      damage(bytes, bytes.indexOf(magic))
      await expect(read(bytes, { columns })).rejects.toMatchObject({ code: 'FILE_FORMAT' })
    }
  })
})
