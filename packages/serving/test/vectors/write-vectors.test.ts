import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Id, InvalidOptionsError } from '@gnnrec/graph'
import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { Index } from 'usearch'
import { describe, expect, it } from 'vitest'
import { SerializationError } from '../../src/index.js'
import { transformVectors, VectorTable, writeUsearch, writeVectors } from '../../src/vectors.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const texts: VectorTable = new VectorTable<Id>({
  ids: ['a', 'bé', '😀c'],
  dim: 2,
  vectors: Float32Array.of(1, 0.25, 0.1, 2, -3, 4),
  bias: Float32Array.of(0.5, -1, 2),
})
const numbers: VectorTable = new VectorTable<Id>({
  ids: [7, -2, 2 ** 40],
  dim: 3,
  vectors: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
})
const rowsOf = (table: VectorTable) => table.ids.map((_, row) => table.rowAt(row))
/** A table of several blocks. */
const many: VectorTable = new VectorTable<Id>({
  ids: Array.from({ length: 2100 }, (_, row) => row),
  dim: 256,
  vectors: Float32Array.from({ length: 2100 * 256 }, (_, at) => at % 1009),
})

/** Reads an array of numpy. */
function readNpy(bytes: Buffer): { type: string; shape: number[]; values: unknown[] } {
  expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  const start = 10 + bytes.readUInt16LE(8)
  expect(start % 64).toBe(0)
  const header = bytes.toString('latin1', 10, start)
  const match = /^{'descr': '(.*?)', 'fortran_order': False, 'shape': \((.*?)\), } *\n$/.exec(
    header,
  )
  const type = String(match?.[1])
  const shape = String(match?.[2]).split(',').filter(Boolean).map(Number)
  const width = Number(type.slice(2)) * (type[1] === 'U' ? 4 : 1)
  const body = bytes.subarray(start)
  const values = Array.from({ length: body.length / width }, (_, at) => {
    if (type === '<f4') return body.readFloatLE(at * 4)
    if (type === '<i8') return Number(body.readBigInt64LE(at * 8))
    const points = Array.from({ length: width / 4 }, (_, c) =>
      body.readUInt32LE(at * width + c * 4),
    )
    return String.fromCodePoint(...points.filter((point) => point > 0))
  })
  return { type, shape, values }
}

describe('writeVectors', () => {
  it('writes Parquet with lists of float32', async () => {
    const folder = await temporaryFolder()
    for (const table of [texts, numbers, many]) {
      const path = join(folder, 'v.parquet')
      const { rows, bytes } = await writeVectors(path, table)
      const file = await readFile(path)
      expect([rows, bytes]).toEqual([table.size, file.length])
      const read = await parquetReadObjects({ file: new Uint8Array(file).buffer })
      expect(
        read.map(({ id, ...row }) => ({ id: typeof id === 'bigint' ? Number(id) : id, ...row })),
      ).toEqual(rowsOf(table))
    }
  })

  it('writes Arrow with lists of fixed size', async () => {
    const folder = await temporaryFolder()
    for (const table of [texts, numbers, many]) {
      const path = join(folder, 'v.arrow')
      await writeVectors(path, table)
      const read = tableFromIPC(await readFile(path))
      expect(String(read.schema.fields[1])).toContain(`FixedSizeList[${table.dim}]<Float32>`)
      const rows = read.toArray().map((row) => {
        const { id, vector, ...rest } = row.toJSON()
        return { id: typeof id === 'bigint' ? Number(id) : id, vector: Array.from(vector), ...rest }
      })
      expect(rows).toEqual(rowsOf(table))
    }
  })

  it('writes lines of JSON', async () => {
    const path = join(await temporaryFolder(), 'v.jsonl')
    await writeVectors(pathToFileURL(path), texts)
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    expect(lines[0]).toBe('{"id":"a","vector":[1,0.25],"bias":0.5}')
    const read = lines.map((line) => JSON.parse(line))
    expect(read.map(({ id }) => id)).toEqual(texts.ids)
    expect(read.flatMap(({ vector }) => vector.map(Math.fround))).toEqual([...texts.vectors])
  })

  it('writes arrays of numpy: vectors, ids, and biases', async () => {
    const folder = await temporaryFolder()
    const { files } = await writeVectors(join(folder, 'items.npy'), texts)
    expect((await readdir(folder)).sort()).toEqual(['items.bias.npy', 'items.ids.npy', 'items.npy'])
    expect(files).toHaveLength(3)
    const read = async (name: string) => readNpy(await readFile(join(folder, name)))
    const { type, shape, values } = await read('items.npy')
    expect([type, shape, values]).toEqual(['<f4', [3, 2], [...texts.vectors]])
    expect(await read('items.ids.npy')).toEqual({ type: '<U2', shape: [3], values: texts.ids })
    expect((await read('items.bias.npy')).values).toEqual([...(texts.bias as Float32Array)])
    await writeVectors(join(folder, 'numbers'), numbers, { format: 'npy' })
    expect(await read('numbers.ids.npy')).toEqual({ type: '<i8', shape: [3], values: numbers.ids })
    expect((await read('numbers')).shape).toEqual([3, 3])
  })

  it('writes a table without rows in every format', async () => {
    const folder = await temporaryFolder()
    const empty = new VectorTable({ ids: [], dim: 2, vectors: new Float32Array() })
    for (const format of ['parquet', 'arrow', 'jsonl', 'npy'] as const) {
      const { rows } = await writeVectors(join(folder, `none.${format}`), empty)
      expect(rows).toBe(0)
    }
    const parquet = new Uint8Array(await readFile(join(folder, 'none.parquet')))
    expect(await parquetReadObjects({ file: parquet.buffer })).toEqual([])
    expect(tableFromIPC(await readFile(join(folder, 'none.arrow'))).numRows).toBe(0)
    expect(readNpy(await readFile(join(folder, 'none.npy'))).shape).toEqual([0, 2])
  })

  it('writes into a stream, but no format of several files', async () => {
    const parts: Uint8Array[] = []
    const stream = () => new WritableStream<Uint8Array>({ write: (part) => void parts.push(part) })
    const { files, bytes } = await writeVectors(stream(), numbers, { format: 'jsonl' })
    expect([files, bytes]).toEqual([[], Buffer.concat(parts).length])
    const npy = writeVectors(stream(), numbers, { format: 'npy' })
    await expect(npy).rejects.toThrow(/several files/)
    await expect(writeVectors(stream(), numbers)).rejects.toThrow(InvalidOptionsError)
  })

  it('keeps the older file when writing fails, and names what is wrong', async () => {
    const folder = await temporaryFolder()
    const old = join(folder, 'v.jsonl')
    await writeFile(old, 'old')
    const broken = new VectorTable({ ids: ['a'], dim: 1, vectors: Float32Array.of(1) })
    broken.rowAt = () => {
      throw new Error('broken')
    }
    await expect(writeVectors(old, broken)).rejects.toThrow('broken')
    expect(await readFile(old, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['v.jsonl'])
    await expect(writeVectors(join(folder, 'no', 'v.jsonl'), texts)).rejects.toThrow(
      SerializationError,
    )
    await expect(writeVectors(join(folder, 'v.csv'), texts)).rejects.toThrow(/\.parquet, \.arrow/)
    await expect(writeVectors('', texts)).rejects.toThrow(InvalidOptionsError)
    await expect(writeVectors(5 as never, texts)).rejects.toThrow(InvalidOptionsError)
    const options = { format: 'csv' as never }
    await expect(writeVectors(old, texts, options)).rejects.toThrow(InvalidOptionsError)
  })
})

describe('writeUsearch', () => {
  it('writes an index that finds the best rows, and the ids by row', async () => {
    const path = join(await temporaryFolder(), 'items.usearch')
    await writeUsearch(path, numbers)
    const index = new Index({ dimensions: 3, metric: 'ip', quantization: 'f32' } as never)
    index.load(path)
    const { keys } = index.search(Float32Array.of(1, 0, 0), 2, 1)
    const ids = JSON.parse(await readFile(`${path}.ids.json`, 'utf8'))
    expect(Array.from(keys, (key) => ids[Number(key)])).toEqual([2 ** 40, -2])
  })

  it('refuses a metric of another order, and offers what helps', async () => {
    const path = join(await temporaryFolder(), 'items.usearch')
    for (const [table, metric, reason] of [
      [
        numbers,
        'cosine',
        /their lengths differ\. Write the items of transformVectors\(items, 'cosine'\)/,
      ],
      [numbers, 'l2', /transformVectors\(items, 'l2'\)/],
      [texts, 'dot', /biases, which an index does not add/],
    ] as const) {
      const written = writeUsearch(path, table, { metric })
      await expect(written).rejects.toThrow(InvalidOptionsError)
      await expect(writeUsearch(path, table, { metric })).rejects.toThrow(reason)
    }
    await writeUsearch(path, transformVectors(texts, 'l2').items, { metric: 'l2' })
  })

  it('names a place that cannot be written', async () => {
    const path = join(await temporaryFolder(), 'no', 'items.usearch')
    await expect(writeUsearch(path, numbers)).rejects.toThrow(SerializationError)
    await expect(writeUsearch('http://localhost/x', numbers)).rejects.toThrow(InvalidOptionsError)
  })
})
