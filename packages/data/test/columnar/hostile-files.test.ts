import { copyFileSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Rng } from '@gnnrec/graph'
import {
  CompressionType,
  compressionRegistry,
  makeVector,
  RecordBatchStreamWriter,
  Table,
} from 'apache-arrow'
import { compressFrameSync } from 'lz4-napi'
import { describe, expect, it } from 'vitest'
import { decodeArrow } from '../../src/columnar/decode-arrow.js'
import { FlatReader } from '../../src/columnar/flat-buffer.js'
import { inspectFile, readArrow, readParquet } from '../../src/index.js'
import { useDuckDb } from '../support/duckdb.js'
import { rowsOf, temporaryFolder } from '../support/index.js'
import { deltas, parquetFile } from '../support/parquet-file.js'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/columnar/${name}`, import.meta.url))
const pair = { columns: { user: 'user', item: 'item' } }
const whole = { columns: { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' } }

const held = useDuckDb()

describe('a file with wrong lengths', () => {
  it('is refused when a message of Arrow leads backwards', async () => {
    await expect(readArrow(fixture('tiny-hang.arrow'), pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('the length of a message leads out of the file'),
    })
  })

  it.each([
    ['is cut off', 660],
    ['goes on behind its end, without being read into memory', 20_000_000_000],
  ])('is refused when an Arrow file %s', async (_, size) => {
    const file = join(temporaryFolder(), 'a.arrow')
    copyFileSync(fixture('tiny-hang.arrow'), file)
    truncateSync(file, size)
    for (const read of [() => readArrow(file, pair), () => inspectFile(file)]) {
      await expect(read()).rejects.toMatchObject({
        code: 'FILE_FORMAT',
        message: expect.stringContaining('it does not end like an Arrow file'),
      })
    }
  })

  it('is refused when its numbers are big-endian', async () => {
    const file = new Uint8Array(readFileSync(fixture('tiny-hang.arrow')))
    file[192] = 0xff
    const stream = file.slice(8, 440)
    // The head of the first message, which is the schema, follows its mark and its length.
    const head = new DataView(stream.buffer, 8)
    const message = head.getUint32(0, true)
    const reader = new FlatReader(new Uint8Array(stream.buffer, 8), { fields: {} })
    const schema = reader.table(message, 2) as number
    const layout = schema - head.getInt32(schema, true)
    // The field of the order of bytes is put where another number than 0 stands.
    let other = schema + 4
    while (head.getInt16(other, true) === 0) other++
    head.setUint16(layout + 4, other - schema, true)
    await expect(readArrow(stream, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('its numbers are big-endian'),
    })
  })

  it('is refused when a page of Parquet leads out of itself', async () => {
    await expect(readParquet(fixture('hang.parquet'), whole)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('the length of the levels of a page leads out of it'),
    })
  })

  it('is refused when numbers are said to be stored as booleans', async () => {
    const bytes = readFileSync(fixture('pyarrow-lz4.parquet'))
    // The type of a column in the schema. The decoder would write an array without end.
    expect(bytes[2860]).toBe(4)
    bytes[2860] = 0
    const options = { columns: { ...whole.columns, timestamp: 'time' } }
    await expect(readParquet(bytes, options)).rejects.toMatchObject({ code: 'FILE_FORMAT' })
  })

  it('is a table or an error, whatever byte of an Arrow file is wrong', async () => {
    const rng = Rng.fromSeed(17)
    const bytes = new Uint8Array(readFileSync(fixture('tiny-hang.arrow')))
    bytes[192] = 0xff
    expect(rowsOf(await readArrow(bytes, pair))).toHaveLength(2)
    // The stream is the file without its start, its footer and its end.
    const stream = Uint8Array.from([...bytes.subarray(8, 440), 0, 0, 0, 0, 0, 0, 0, 0])
    expect(rowsOf(await readArrow(stream, pair))).toHaveLength(2)
    for (const good of [bytes, stream]) {
      for (let place = 0; place < good.length; place++) {
        const bad = good.slice()
        bad[place] ^= 1 + rng.integer(255)
        await expectTableOrFormatError(() => readArrow(bad, { ...pair, maxDecodeSeconds: 5 }))
      }
    }
  })

  it('is a table or an error, whatever byte of a Parquet file is wrong', async () => {
    const rng = Rng.fromSeed(17)
    const files = ['polars.parquet', 'pyarrow-lz4.parquet']
    const goods = files.map((name) => new Uint8Array(readFileSync(fixture(name))))
    for (let round = 0; round < 300; round++) {
      const bad = goods[round % 2].slice()
      bad[rng.integer(bad.length)] ^= 1 + rng.integer(255)
      const options = { columns: { ...whole.columns, timestamp: 'time' }, maxDecodeSeconds: 5 }
      await expectTableOrFormatError(() => readParquet(bad, options))
      await expectTableOrFormatError(() => inspectFile(bad))
    }
  })

  it('is refused when it unfolds to more rows than its size explains', async () => {
    const file = join(temporaryFolder(), 'a.parquet')
    await held.db.query(
      `COPY (SELECT 1 AS "user", 2 AS item FROM range(5000001)) TO '${file}' (FORMAT parquet)`,
    )
    await expect(readParquet(file, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('got 5000001 rows or more'),
    })
  })

  it('is refused when texts that share their beginnings unfold to much more than it holds', async () => {
    // Each text is one character longer than the text before. Together they have some 600 MB.
    const count = 35_000
    const texts = [...deltas(count, 0, 1), ...deltas(count, 1, 0), ...Array(count).fill(97)]
    const page = { count, encoding: 7, content: Uint8Array.from(texts) }
    const file = parquetFile('uncompressed', { user: [page], item: [page] })
    await expect(readParquet(file, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringMatching(/a row group unpacks to 613\d{6} bytes or more/),
    })
    const few = [...deltas(4, 0, 1), ...deltas(4, 1, 0), ...Buffer.from('abcd')]
    const small = { count: 4, encoding: 7, content: Uint8Array.from(few) }
    const table = await readParquet(
      parquetFile('uncompressed', { user: [small], item: [small] }),
      pair,
    )
    expect(table.users.ids).toEqual(['a', 'ab', 'abc', 'abcd'])
  })

  it('is refused when all pages of a row group together unpack to too much', async () => {
    const text = new Uint8Array(60_000_000).fill(97)
    new DataView(text.buffer).setUint32(0, text.length - 4, true)
    const page = { count: 1, content: gzipSync(text), unpacked: text.length }
    const user = Array(5).fill(page)
    const file = parquetFile('gzip', { user, item: user })
    await expect(readParquet(file, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('a row group unpacks to 540000000 bytes or more'),
    })
  })

  it('is refused when all columns of a batch of Arrow together unpack to too much', async () => {
    const rows = 30_000_000
    const packed = compressFrameSync(Buffer.alloc(4 * rows))
    compressionRegistry.set(CompressionType.LZ4_FRAME, { encode: () => packed })
    const column = makeVector(new Int32Array(rows))
    const names = ['user', 'item', 'rating', 'timestamp', 'other']
    const table = new Table(Object.fromEntries(names.map((name) => [name, column])))
    const writer = new RecordBatchStreamWriter({ compressionType: CompressionType.LZ4_FRAME })
    const file = Buffer.from(writer.writeAll(table).toUint8Array(true))
    // The writer puts the packed length where the unpacked one belongs.
    const start = packed.subarray(0, 4)
    for (let at = file.indexOf(start); at >= 0; at = file.indexOf(start, at + 1)) {
      file.writeBigInt64LE(BigInt(4 * rows), at - 8)
    }
    expect(file.length).toBeLessThan(1e7)
    await expect(readArrow(file, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('a batch unpacks to 600000000 bytes or more'),
    })
  })

  it('is refused when it has more rows than allowed', async () => {
    const arrow = fixture('polars.arrow')
    expect(rowsOf(await readArrow(arrow, { ...pair, maxRows: 100 }))).toHaveLength(100)
    for (const reading of [
      readArrow(arrow, { ...pair, maxRows: 99 }),
      readParquet(fixture('polars.parquet'), { ...pair, maxRows: 99 }),
    ]) {
      await expect(reading).rejects.toThrow('maxRows is 99. Raise it to read them.')
    }
  })
})

describe('a stream', () => {
  it('keeps its own error', async () => {
    async function* broken() {
      yield readFileSync(fixture('polars.arrow')).subarray(0, 100)
      throw new TypeError('the network is down')
    }
    await expect(readArrow(broken(), pair)).rejects.toThrow(new TypeError('the network is down'))
    await expect(readParquet(broken(), pair)).rejects.toThrow(TypeError)
  })

  it('may wait longer than a decoder may take', async () => {
    async function* late() {
      yield readFileSync(fixture('polars.arrow'))
      await new Promise((resolve) => setTimeout(resolve, 4000))
    }
    const table = await readArrow(late(), { ...pair, maxDecodeSeconds: 2 })
    expect(rowsOf(table)).toHaveLength(100)
  })

  it('is inspected like a file', async () => {
    async function* pieces() {
      yield readFileSync(fixture('polars.parquet'))
    }
    const { columns } = await inspectFile(pieces())
    expect(columns).toEqual((await inspectFile(fixture('polars.parquet'))).columns)
  })
})

it('keeps the error of the system when a file is missing', async () => {
  const missing = join(temporaryFolder(), 'missing')
  for (const reading of [readParquet(missing, pair), readArrow(missing, pair)]) {
    await expect(reading).rejects.toMatchObject({
      code: 'FILE_READ',
      cause: { code: 'ENOENT', syscall: 'stat', path: missing },
    })
  }
})

it('names the package that unpacks LZ4 when it is missing', async () => {
  const table = { columns: pair.columns, idType: { user: 'auto', item: 'auto' } } as const
  await expect(decodeArrow(fixture('pandas.feather'), { table })).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    dependency: 'lz4-napi',
  })
})

async function expectTableOrFormatError(action: () => Promise<unknown>): Promise<void> {
  try {
    expect(await action()).toBeDefined()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'FILE_FORMAT',
      // The checks find what is wrong before the decoder hangs, fills the memory or ends its thread.
      message: expect.not.stringMatching(/takes longer|takes more memory|has ended/),
    })
  }
}
