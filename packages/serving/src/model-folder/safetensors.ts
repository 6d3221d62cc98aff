import { listOf } from '@gnnrec/graph/files'
import * as z from 'zod/mini'
import { SerializationError } from './errors.js'
import { parseJson, parseWith } from './parse-file.js'

/** The elements of a tensor, in one of the types that safetensors files here hold. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array

/** A dense row-major array outside any backend. */
export interface HostTensor {
  /** The length of each dimension. */
  readonly shape: readonly number[]
  /** The elements, row-major. */
  readonly data: TensorData
}

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, HostTensor>

/** Array types by the names that element types have in the header. */
export const dtypes = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const

/** Largest number of bytes of a header, as in the reference implementation. */
const mostHeaderBytes = 100_000_000

const count = z.number().check(z.int(), z.gte(0))
const headerSchema = z.record(z.string(), z.unknown())
const entrySchema = z.object({
  dtype: z.enum(['F64', 'F32', 'I32', 'U8']),
  shape: listOf(count),
  data_offsets: z.tuple([count, count]),
})

/**
 * Reads the tensors of a safetensors file.
 *
 * Everything is checked. As in the reference implementation, the tensors must cover the data without
 * a gap, an overlap or a rest.
 *
 * @param file - name of the file, for errors
 * @param options.share - true to return views of the bytes instead of copies where the alignment
 * allows it; the bytes must not change afterwards
 * @throws SerializationError saying what is wrong with the file
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from '@gnnrec/serving/model-folder'
 *
 * const bytes = encodeSafetensors(new Map([['scores', { shape: [2], data: Int32Array.of(3, 1) }]]))
 * for (const [name, { shape, data }] of decodeSafetensors(bytes, 'scores.safetensors')) {
 *   console.log(name, shape, data)
 * }
 * ```
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
      `${file} is truncated or not a safetensors file: it announces a header of ${headerBytes} bytes, ${bytes.length - 8} bytes follow.`,
    )
  }
  if (headerBytes > mostHeaderBytes) {
    throw new SerializationError(
      `${file} is damaged or foreign: it announces a header of ${headerBytes} bytes; a safetensors file has at most ${mostHeaderBytes}.`,
    )
  }
  const dataStart = 8 + Number(headerBytes)
  const header = parseJson(bytes.subarray(8, dataStart), `The header of ${file}`)
  if (typeof header === 'object' && header !== null) Reflect.deleteProperty(header, '__metadata__')
  parseWith(headerSchema, header, `The header of ${file}`)
  // Entries are parsed one by one, as a record of zod would drop the name '__proto__'.
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
  // `new Uint8Array` copies the bytes; `slice` of a Node Buffer would not.
  return new Elements(new Uint8Array(bytes).buffer)
}

/** Returns the number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}
