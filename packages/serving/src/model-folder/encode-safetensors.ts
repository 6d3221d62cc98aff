import { ShapeMismatchError } from '@gnnrec/graph'
import type { ByteStream } from './atomic-folder.js'
import { dtypes, sizeOf, type TensorData, type TensorMap } from './safetensors.js'

/**
 * Packs tensors into the bytes of a [safetensors](https://github.com/huggingface/safetensors)
 * file: the length of the header (8 bytes, little-endian), the header in JSON, the data.
 *
 * The data starts at a multiple of 8 and wider elements come first, so that every tensor is
 * aligned to its elements. The same tensors give the same bytes, whatever their order in the map.
 *
 * @throws ShapeMismatchError when a tensor's data does not fill its shape
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from '@gnnrec/serving/model-folder'
 *
 * const weights = { shape: [1, 2], data: Float32Array.of(0.5, 2) }
 * const bytes = encodeSafetensors(new Map([['weights', weights]]))
 * console.log(decodeSafetensors(bytes, 'weights.safetensors').get('weights'))
 * ```
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

/** A dense row-major array of float32 that is made piece by piece. */
export interface StreamedTensor {
  /** The length of each dimension. */
  readonly shape: readonly number[]
  /** Makes the numbers in order; each call makes them again. A piece is valid until the next one. */
  pieces(): Iterable<Float32Array>
}

/** Packs tensors of float32 as {@link encodeSafetensors} does, without holding them in memory. */
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

/** Makes the header of tensors whose data follow each other without a gap. */
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

function dtypeOf(data: TensorData): keyof typeof dtypes {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  return data instanceof Int32Array ? 'I32' : 'U8'
}
