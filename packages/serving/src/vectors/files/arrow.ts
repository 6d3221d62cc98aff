import { SerializationError } from '../../model-folder/errors.js'
import type { VectorTable } from '../vector-table.js'
import { rangesOf } from './encoder.js'

/**
 * Loads the library and returns a function that writes a table in the IPC file format of Arrow: `id` (text or 64-bit
 * integers), `vector` (a fixed-size list of float32) and `bias` in float32 where the table has biases.
 *
 * @throws SerializationError when apache-arrow is not installed
 */
export async function arrowEncoder(): Promise<(table: VectorTable) => Iterable<Uint8Array>> {
  const arrow = await load()
  return function* pieces(table) {
    const { ids, bias, dim } = table
    const isNumber = typeof ids[0] === 'number'
    const idType = isNumber ? new arrow.Int64() : new arrow.Utf8()
    const element = new arrow.Field('item', new arrow.Float32(), false)
    const listType = new arrow.FixedSizeList(dim, element)
    const schema = new arrow.Schema([
      new arrow.Field('id', idType, false),
      new arrow.Field('vector', listType, false),
      ...(bias ? [new arrow.Field('bias', new arrow.Float32(), false)] : []),
    ])
    const batches = Array.from(rangesOf(table), ([first, last]) => {
      const length = last - first
      const some = ids.slice(first, last)
      const idData = isNumber
        ? arrow.makeData({
            type: new arrow.Int64(),
            data: BigInt64Array.from(some, (id) => BigInt(id)),
          })
        : arrow.vectorFromArray(some as string[], new arrow.Utf8()).data[0]
      const numbers = table.vectors.subarray(first * dim, last * dim)
      const listData = arrow.makeData({
        type: listType,
        length,
        nullCount: 0,
        child: arrow.makeData({ type: new arrow.Float32(), data: numbers }),
      })
      const biasData = bias && [
        arrow.makeData({ type: new arrow.Float32(), data: bias.subarray(first, last) }),
      ]
      const children = [idData, listData, ...(biasData ?? [])]
      const data = arrow.makeData({
        type: new arrow.Struct(schema.fields),
        length,
        nullCount: 0,
        children,
      })
      return new arrow.RecordBatch(schema, data)
    })
    yield arrow.tableToIPC(new arrow.Table(schema, batches), 'file')
  }
}

async function load(): Promise<typeof import('apache-arrow')> {
  try {
    return await import('apache-arrow')
  } catch (cause) {
    throw new SerializationError(
      'Arrow needs the package apache-arrow: npm i apache-arrow, or write another format.',
      { cause },
    )
  }
}
