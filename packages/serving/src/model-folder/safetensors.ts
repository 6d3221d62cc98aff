import * as z from 'zod/mini'
import { SerializationError } from './errors.js'
import { parseJson, parseWith } from './parse-file.js'

/** The element types that our files hold. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array

/** A dense row-major array outside any backend. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, HostTensor>

/** Names of element types in the header. */
export const dtypes = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const

const count = z.number().check(z.int(), z.gte(0))
const headerSchema = z.record(z.string(), z.unknown())
const entrySchema = z.object({
  dtype: z.enum(['F64', 'F32', 'I32', 'U8']),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
})

/**
 * Reads the tensors of a safetensors file.
 *
 * Everything is checked: as in the reference implementation the tensors must cover the data
 * without a gap, an overlap or a rest.
 *
 * @param file - name of the file, for messages
 * @param options.share - whether data may be views of the bytes, which then must not change, where
 * they lie at a multiple of their element's size. Default false: they are copies.
 * @throws SerializationError saying what is wrong with the file
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  file: string,
  options: { share?: boolean } = {},
): Map<string, HostTensor> {
  if (bytes.length < 8) {
    throw new SerializationError(
      `${file} is truncated: ${bytes.length} bytes; a safetensors file has at least 8.`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getBigUint64(0, true)
  if (headerBytes > BigInt(bytes.length - 8)) {
    throw new SerializationError(
      `${file} is truncated or no safetensors file: it announces a header of ${headerBytes} bytes, ${bytes.length - 8} bytes follow.`,
    )
  }
  const dataStart = 8 + Number(headerBytes)
  const header = parseJson(bytes.subarray(8, dataStart), `The header of ${file}`)
  if (typeof header === 'object' && header !== null) Reflect.deleteProperty(header, '__metadata__')
  parseWith(headerSchema, header, `The header of ${file}`)
  // One by one: a record of zod drops the name '__proto__'.
  const entries = Object.entries(header as object).map(
    ([name, entry]) =>
      [name, parseWith(entrySchema, entry, `Tensor '${name}' in the header of ${file}`)] as const,
  )
  entries.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])

  const tensors = new Map<string, HostTensor>()
  let covered = 0
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const [start, end] = offsets
    if (start !== covered || end < start || dataStart + end > bytes.length) {
      throw new SerializationError(
        `${file} is damaged or truncated: tensor '${name}' lies at bytes ${start} to ${end} of the data; expected it to start at ${covered} and to end within ${bytes.length - dataStart}.`,
      )
    }
    const needed = sizeOf(shape) * dtypes[dtype].BYTES_PER_ELEMENT
    if (end - start !== needed) {
      throw new SerializationError(
        `${file} is damaged: tensor '${name}' takes ${end - start} bytes; its shape [${shape}] of ${dtype} needs ${needed}.`,
      )
    }
    const own = bytes.subarray(dataStart + start, dataStart + end)
    tensors.set(name, { shape, data: elementsOf(own, dtypes[dtype], options.share ?? false) })
    covered = end
  }
  if (dataStart + covered !== bytes.length) {
    throw new SerializationError(
      `${file} is damaged: ${bytes.length - dataStart - covered} bytes at its end belong to no tensor.`,
    )
  }
  return tensors
}

function elementsOf(
  bytes: Uint8Array,
  Elements: (typeof dtypes)[keyof typeof dtypes],
  share: boolean,
): TensorData {
  if (share && bytes.byteOffset % Elements.BYTES_PER_ELEMENT === 0) {
    const count = bytes.length / Elements.BYTES_PER_ELEMENT
    return new Elements(bytes.buffer as ArrayBuffer, bytes.byteOffset, count)
  }
  // `new Uint8Array` copies; `slice` would not where the bytes are a Node Buffer.
  return new Elements(new Uint8Array(bytes).buffer)
}

/** Numbers of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}
