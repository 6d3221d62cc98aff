import { ShapeMismatchError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSafetensors } from '../../src/model-folder/encode-safetensors.js'
import { SerializationError } from '../../src/model-folder/errors.js'
import {
  decodeSafetensors,
  type HostTensor,
  type TensorData,
} from '../../src/model-folder/safetensors.js'

/** Bytes of a file with any header and data, for what the encoder would never write. */
function fileOf(header: string | Uint8Array, data = new Uint8Array()): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

function headerOf(bytes: Uint8Array): Record<string, { data_offsets: [number, number] }> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
}

const dataArbitrary = (size: number): fc.Arbitrary<TensorData> =>
  fc.oneof(
    fc.float32Array({ minLength: size, maxLength: size }),
    fc.float64Array({ minLength: size, maxLength: size }),
    fc.int32Array({ minLength: size, maxLength: size }),
    fc.uint8Array({ minLength: size, maxLength: size }),
  )
const tensorArbitrary: fc.Arbitrary<HostTensor> = fc
  .array(fc.nat(4), { maxLength: 3 })
  .chain((shape) =>
    dataArbitrary(shape.reduce((a, b) => a * b, 1)).map((data) => ({ shape, data })),
  )
const tensorsArbitrary = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), tensorArbitrary), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .map((entries) => entries.filter(([name]) => name !== '__metadata__'))

describe('safetensors', () => {
  it('takes any name, also that of an object’s prototype', () => {
    const tensor = { shape: [1], data: Float32Array.of(7) }
    const tensors = new Map([['__proto__', tensor]])
    expect(decodeSafetensors(encodeSafetensors(tensors), 'a file')).toEqual(tensors)
  })

  it('gives back every tensor with its shape, type and bits', () => {
    fc.assert(
      fc.property(tensorsArbitrary, (entries) => {
        const share = entries.length % 2 === 1
        const decoded = decodeSafetensors(encodeSafetensors(new Map(entries)), 'a file', { share })
        expect(new Set(decoded.keys())).toEqual(new Set(entries.map(([name]) => name)))
        for (const [name, { shape, data }] of entries) {
          const read = decoded.get(name) as HostTensor
          expect(read.shape).toEqual(shape)
          expect(read.data.constructor).toBe(data.constructor)
          const { buffer, byteOffset, byteLength } = read.data
          expect(new Uint8Array(buffer, byteOffset, byteLength)).toEqual(
            new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
          )
        }
      }),
    )
  })

  it('writes the same bytes in whatever order the tensors come', () => {
    fc.assert(
      fc.property(tensorsArbitrary, (entries) => {
        const reversed = new Map([...entries].reverse())
        expect(encodeSafetensors(reversed)).toEqual(encodeSafetensors(new Map(entries)))
      }),
    )
  })

  it('aligns the data to 8 bytes and every tensor to its elements', () => {
    fc.assert(
      fc.property(tensorsArbitrary, (entries) => {
        const bytes = encodeSafetensors(new Map(entries))
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
        expect(length % 8).toBe(0)
        const header = headerOf(bytes)
        for (const [name, { data }] of entries) {
          expect((header[name]?.data_offsets[0] as number) % data.BYTES_PER_ELEMENT).toBe(0)
        }
      }),
    )
  })

  it('writes the bytes that the format lays down', () => {
    const bytes = encodeSafetensors(
      new Map([['a', { shape: [1, 2], data: Float32Array.of(1, -2) }]]),
    )
    const json = '{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    expect(json.length % 8).toBe(0)
    expect(bytes).toEqual(fileOf(json, Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0)))
  })

  it('reads a file with metadata and an unaligned header', () => {
    const json = '{"__metadata__":{"by":"x"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} '
    const tensors = decodeSafetensors(fileOf(json, Uint8Array.of(0, 0, 0x80, 0x3f)), 'a file')
    expect([...tensors]).toEqual([['a', { shape: [1], data: Float32Array.of(1) }]])
  })

  it('copies out of the bytes it reads, also from a Buffer', () => {
    const bytes = Buffer.from(
      encodeSafetensors(new Map([['a', { shape: [2], data: Int32Array.of(5, 6) }]])),
    )
    const tensors = decodeSafetensors(bytes, 'a file')
    bytes.fill(0)
    expect(tensors.get('a')?.data).toEqual(Int32Array.of(5, 6))
  })

  it('shares the bytes it reads when it may, where they are aligned', () => {
    const bytes = encodeSafetensors(new Map([['a', { shape: [2], data: Int32Array.of(5, 6) }]]))
    const unaligned = new Uint8Array(bytes.length + 1).subarray(1)
    unaligned.set(bytes)
    const [shared, copied] = [bytes, unaligned].map(
      (given) => decodeSafetensors(given, 'a file', { share: true }).get('a')?.data,
    )
    bytes.fill(1)
    unaligned.fill(1)
    expect(shared).toEqual(Int32Array.of(0x01010101, 0x01010101))
    expect(copied).toEqual(Int32Array.of(5, 6))
  })

  it('rejects data that do not fill their shape', () => {
    const tensors = new Map([['a', { shape: [2, 2], data: new Float32Array(3) }]])
    expect(() => encodeSafetensors(tensors)).toThrow(ShapeMismatchError)
    expect(() => encodeSafetensors(tensors)).toThrow("'a' has 3 elements; its shape [2,2] needs 4")
  })

  it('rejects a file cut off at any byte', () => {
    const bytes = encodeSafetensors(
      new Map<string, HostTensor>([
        ['a', { shape: [2], data: Float32Array.of(1, 2) }],
        ['b', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ]),
    )
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.slice(0, length), 'w.safetensors')).toThrow(
        /w\.safetensors is (damaged or )?truncated/,
      )
    }
  })

  const tensor = (fields: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } })
  const two = (a: [number, number], b: [number, number]) =>
    JSON.stringify({
      a: { dtype: 'U8', shape: [a[1] - a[0]], data_offsets: a },
      b: { dtype: 'U8', shape: [b[1] - b[0]], data_offsets: b },
    })
  it.each([
    [
      'a header longer than the file',
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255),
      'truncated or not a safetensors',
    ],
    ['a header that is not JSON', fileOf('{"a":'), 'not JSON'],
    ['a header that is not UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), 'not JSON'],
    ['a byte-order mark', fileOf('\ufeff{}'), 'not JSON'],
    ['a header that is null', fileOf('null'), 'does not fit its format'],
    ['a header that is an array', fileOf('[]'), 'does not fit its format'],
    ['a tensor that is no object', fileOf('{"a":3}'), "'a'"],
    ['an unknown type', fileOf(tensor({ dtype: 'BF16' }), new Uint8Array(8)), "'dtype'"],
    ['a negative length', fileOf(tensor({ shape: [-2] }), new Uint8Array(8)), "'shape.0'"],
    ['a fractional length', fileOf(tensor({ shape: [1.5] }), new Uint8Array(8)), "'shape.0'"],
    ['one offset', fileOf(tensor({ data_offsets: [0] }), new Uint8Array(8)), "'data_offsets"],
    [
      'a negative offset',
      fileOf(tensor({ data_offsets: [-4, 4] }), new Uint8Array(8)),
      "'data_offsets.0'",
    ],
    [
      'an end before the start',
      fileOf(
        tensor({ data_offsets: [0, 8], shape: [2] }).replace('[0,8]', '[8,0]'),
        new Uint8Array(8),
      ),
      "tensor 'a' lies at bytes 8 to 0",
    ],
    ['an end beyond the file', fileOf(tensor({}), new Uint8Array(7)), 'end within 7'],
    [
      'a size that does not fit the shape',
      fileOf(tensor({ shape: [3] }), new Uint8Array(8)),
      'takes 8 bytes; its shape [3] of F32 needs 12',
    ],
    [
      'a shape beyond all numbers',
      fileOf(tensor({ shape: Array(9).fill(2 ** 50) }), new Uint8Array(8)),
      'takes 8 bytes',
    ],
    [
      'overlapping tensors',
      fileOf(two([0, 4], [2, 8]), new Uint8Array(8)),
      "tensor 'b' lies at bytes 2 to 8",
    ],
    [
      'a gap between tensors',
      fileOf(two([0, 3], [4, 8]), new Uint8Array(8)),
      'expected it to start at 3',
    ],
    [
      'bytes that belong to nothing',
      fileOf(two([0, 3], [3, 6]), new Uint8Array(8)),
      '2 bytes at its end belong to no tensor',
    ],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'w.safetensors')).toThrow(SerializationError)
    expect(() => decodeSafetensors(bytes, 'w.safetensors')).toThrow(message)
    expect(() => decodeSafetensors(bytes, 'w.safetensors')).toThrow('w.safetensors')
  })

  it('never throws anything but a SerializationError, whatever single byte is changed', () => {
    const good = encodeSafetensors(
      new Map<string, HostTensor>([
        ['a', { shape: [2], data: Float32Array.of(1, 2) }],
        ['b', { shape: [1, 2], data: Int32Array.of(3, 4) }],
      ]),
    )
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (place, value) => {
        const bytes = good.slice()
        bytes[place] = value
        try {
          decodeSafetensors(bytes, 'a file')
        } catch (error) {
          expect(error).toBeInstanceOf(SerializationError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
