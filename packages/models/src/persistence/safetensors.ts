import { ShapeMismatchError } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { ByteStream } from './atomic-folder.js'
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

const dtypes = {
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
 * Packs tensors into the bytes of a [safetensors](https://github.com/huggingface/safetensors)
 * file: the length of the header (8 bytes, little-endian), the header in JSON, the data.
 *
 * The data starts at a multiple of 8 and wider elements come first, so that every tensor is
 * aligned to its elements. The same tensors give the same bytes in whatever order they come.
 *
 * @throws ShapeMismatchError when a tensor's data does not fill its shape
 */
export function encodeSafetensors(tensors: TensorMap): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  )
  for (const [name, { shape, data }] of ordered) {
    if (sizeOf(shape) === data.length) continue
    throw new ShapeMismatchError(
      `Tensor '${name}' has ${data.length} elements; its shape [${shape}] needs ${sizeOf(shape)}.`,
    )
  }
  const header = headerOf(ordered.map(([name, { shape, data }]) => [name, dtypeOf(data), shape]))
  const dataBytes = ordered.reduce((sum, [, { data }]) => sum + data.byteLength, 0)
  const bytes = new Uint8Array(header.length + dataBytes)
  bytes.set(header)
  let offset = header.length
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return bytes
}

/** A dense row-major array of float32 that is made piece by piece, anew at each call. */
export interface StreamedTensor {
  readonly shape: readonly number[]
  /** Its numbers in order; a piece is valid until the next. */
  pieces(): Iterable<Float32Array>
}

/** {@link encodeSafetensors} of tensors that are never in memory as a whole. */
export function streamSafetensors(tensors: ReadonlyMap<string, StreamedTensor>): ByteStream {
  const ordered = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))
  const header = headerOf(ordered.map(([name, { shape }]) => [name, 'F32', shape]))
  const length = ordered.reduce((sum, [, { shape }]) => sum + 4 * sizeOf(shape), header.length)
  return {
    length,
    *pieces() {
      yield header
      for (const [, tensor] of ordered) {
        for (const { buffer, byteOffset, byteLength } of tensor.pieces()) {
          yield new Uint8Array(buffer, byteOffset, byteLength)
        }
      }
    },
  }
}

/** What comes before the data of tensors that follow each other without a gap. */
function headerOf(
  ordered: readonly (readonly [string, keyof typeof dtypes, readonly number[]])[],
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = []
  let dataBytes = 0
  for (const [name, dtype, shape] of ordered) {
    const end = dataBytes + sizeOf(shape) * dtypes[dtype].BYTES_PER_ELEMENT
    header.push([name, { dtype, shape, data_offsets: [dataBytes, end] }])
    dataBytes = end
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const headerBytes = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + headerBytes).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.set(json, 8)
  return bytes
}

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

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}

function dtypeOf(data: TensorData): keyof typeof dtypes {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  return data instanceof Int32Array ? 'I32' : 'U8'
}
