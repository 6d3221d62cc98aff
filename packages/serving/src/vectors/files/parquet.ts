import { SerializationError } from '../../model-folder/errors.js'
import type { VectorTable } from '../vector-table.js'
import { rangesOf } from './encoder.js'

/**
 * Loads the library and returns a function that writes a table: `id` (text or 64-bit integers), `vector` (a list of
 * float32) and `bias` in float32 where the table has biases. Numbers are not compressed, since random ones do not get shorter.
 *
 * @throws SerializationError when hyparquet-writer is not installed
 */
export async function parquetEncoder(): Promise<(table: VectorTable) => Iterable<Uint8Array>> {
  const library = await load()
  return function* pieces(table) {
    const { ids, bias, vectors, dim } = table
    const isNumber = typeof ids[0] === 'number'
    const required = { repetition_type: 'REQUIRED' } as const
    const idElement = isNumber
      ? ({ name: 'id', type: 'INT64', ...required } as const)
      : ({ name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...required } as const)
    const bytes = new library.ByteWriter()
    const writer = new library.ParquetWriter({
      writer: bytes,
      schema: [
        { name: 'root', num_children: bias ? 3 : 2 },
        idElement,
        { name: 'vector', converted_type: 'LIST', num_children: 1, ...required },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', ...required },
        ...(bias ? [{ name: 'bias', type: 'FLOAT', ...required } as const] : []),
      ],
      codec: 'UNCOMPRESSED',
      createdBy: 'gnnrec',
    })
    const taken = () => {
      const part = bytes.getBytes().slice()
      bytes.index = 0
      return part
    }
    for (const [first, last] of rangesOf(table)) {
      const some = ids.slice(first, last)
      writer.write({
        columnData: [
          { name: 'id', data: isNumber ? some.map((id) => BigInt(id)) : (some as string[]) },
          {
            name: 'vector',
            data: some.map((_, at) =>
              Array.from(vectors.subarray((first + at) * dim, (first + at + 1) * dim)),
            ),
          },
          ...(bias ? [{ name: 'bias', data: bias.slice(first, last) }] : []),
        ],
        rowGroupSize: last - first,
      })
      yield taken()
    }
    writer.finish()
    yield taken()
  }
}

async function load(): Promise<typeof import('hyparquet-writer')> {
  try {
    return await import('hyparquet-writer')
  } catch (cause) {
    throw new SerializationError(
      'Parquet needs the package hyparquet-writer: npm i hyparquet-writer, or write another format.',
      { cause },
    )
  }
}
