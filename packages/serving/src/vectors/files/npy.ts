import type { Id } from '@gnnrec/graph'
import type { VectorTable } from '../vector-table.js'
import { type EncodedFile, rangesOf } from './encoder.js'

/** Bytes before the text of the header: `\x93NUMPY`, version 1.0, and the length of the text. */
const prefixBytes = 10
/** Numpy's arrays begin at a multiple of this place. */
const alignment = 64

/** Makes the header of an array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
function headerOf(type: string, shape: readonly number[]): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`
  const length = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment
  const header = new Uint8Array(length).fill(0x20)
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  new DataView(header.buffer).setUint16(8, length - prefixBytes, true)
  header.set(new TextEncoder().encode(text), prefixBytes)
  header[length - 1] = 0x0a
  return header
}

/** Returns numbers as little-endian float32, whatever the order of the machine. */
function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < values.length; at++) view.setFloat32(at * 4, values[at], true)
  return bytes
}

function* vectorPieces(table: VectorTable): Generator<Uint8Array> {
  yield headerOf('<f4', [table.size, table.dim])
  for (const [first, last] of rangesOf(table)) {
    yield littleEndian(table.vectors.subarray(first * table.dim, last * table.dim))
  }
}

/** Writes integers as int64, and text as Unicode of one width, which numpy reads without pickle. */
function* idPieces({ ids }: VectorTable): Generator<Uint8Array> {
  if (typeof ids[0] === 'number') {
    yield headerOf('<i8', [ids.length])
    const bytes = new Uint8Array(ids.length * 8)
    const view = new DataView(bytes.buffer)
    for (const [row, id] of ids.entries()) view.setBigInt64(row * 8, BigInt(id), true)
    yield bytes
    return
  }
  const points = (ids as readonly Id[]).map((id) =>
    Array.from(String(id), (c) => c.codePointAt(0) as number),
  )
  const width = points.reduce((most, { length }) => Math.max(most, length), 1)
  yield headerOf(`<U${width}`, [ids.length])
  for (let first = 0; first < ids.length; first += 4096) {
    const block = points.slice(first, first + 4096)
    const bytes = new Uint8Array(block.length * width * 4)
    const view = new DataView(bytes.buffer)
    for (const [row, characters] of block.entries()) {
      for (const [place, point] of characters.entries()) {
        view.setUint32((row * width + place) * 4, point, true)
      }
    }
    yield bytes
  }
}

function* biasPieces({ bias }: VectorTable): Generator<Uint8Array> {
  const numbers = bias ?? new Float32Array()
  yield headerOf('<f4', [numbers.length])
  yield littleEndian(numbers)
}

/** Returns the files of a table: vectors, ids, and biases where there are some. */
export function npyFiles({ bias }: VectorTable): readonly EncodedFile[] {
  const files: EncodedFile[] = [
    { ending: '.ids.npy', pieces: idPieces },
    { ending: '.npy', pieces: vectorPieces },
  ]
  return bias ? [{ ending: '.bias.npy', pieces: biasPieces }, ...files] : files
}
