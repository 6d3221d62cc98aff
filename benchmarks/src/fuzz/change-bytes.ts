import type { Rng } from '@gnnrec/graph'
import { hostileIntegers } from './hostile-values.js'

/** Returns changed bytes; the given ones stay. */
export type ByteChange = (bytes: Uint8Array, rng: Rng) => Uint8Array

/** Changes of any bytes, whatever they mean. */
export const byteChanges: readonly ByteChange[] = [
  flipBit,
  setByte,
  setByte,
  setInteger,
  setInteger,
  fillRange,
  truncate,
  removeRange,
  repeatRange,
  insertRandom,
  moveRange,
  append,
]

function flipBit(bytes: Uint8Array, rng: Rng): Uint8Array {
  const changed = bytes.slice()
  changed[rng.integer(bytes.length)] ^= 1 << rng.integer(8)
  return changed
}

function setByte(bytes: Uint8Array, rng: Rng): Uint8Array {
  const changed = bytes.slice()
  const values = [0, 1, 127, 128, 254, 255, rng.integer(256), rng.integer(256)]
  changed[rng.integer(bytes.length)] = values[rng.integer(values.length)]
  return changed
}

function setInteger(bytes: Uint8Array, rng: Rng): Uint8Array {
  const width = [2, 4, 8][rng.integer(3)]
  if (bytes.length < width) return bytes
  const changed = bytes.slice()
  const view = new DataView(changed.buffer)
  const places = bytes.length - width + 1
  // Most integers of binary formats are aligned.
  const start = rng.integer(places)
  const place = rng.uniform() < 0.7 ? start - (start % width) : start
  const value = hostileIntegers[rng.integer(hostileIntegers.length)]
  const isLittle = rng.uniform() < 0.9
  if (width === 2) view.setUint16(place, Number(value & 0xffffn), isLittle)
  else if (width === 4) view.setUint32(place, Number(value & 0xffffffffn), isLittle)
  else view.setBigUint64(place, value, isLittle)
  return changed
}

function fillRange(bytes: Uint8Array, rng: Rng): Uint8Array {
  const { start, end } = range(bytes, rng)
  return bytes.slice().fill([0, 255, 32, 127][rng.integer(4)], start, end)
}

function truncate(bytes: Uint8Array, rng: Rng): Uint8Array {
  return bytes.slice(0, rng.integer(bytes.length))
}

function removeRange(bytes: Uint8Array, rng: Rng): Uint8Array {
  const { start, end } = range(bytes, rng)
  return joined(bytes.subarray(0, start), bytes.subarray(end))
}

function repeatRange(bytes: Uint8Array, rng: Rng): Uint8Array {
  const { start, end } = range(bytes, rng)
  const times = rng.uniform() < 0.9 ? 1 : 1 + rng.integer(200)
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end))
  return joined(bytes.subarray(0, end), ...copies, bytes.subarray(end))
}

function insertRandom(bytes: Uint8Array, rng: Rng): Uint8Array {
  const place = rng.integer(bytes.length + 1)
  return joined(bytes.subarray(0, place), randomBytes(rng), bytes.subarray(place))
}

function moveRange(bytes: Uint8Array, rng: Rng): Uint8Array {
  const { start, end } = range(bytes, rng)
  const changed = bytes.slice()
  changed.copyWithin(rng.integer(bytes.length), start, end)
  return changed
}

function append(bytes: Uint8Array, rng: Rng): Uint8Array {
  return joined(bytes, randomBytes(rng))
}

function randomBytes(rng: Rng): Uint8Array {
  return Uint8Array.from({ length: 1 + rng.integer(16) }, () => rng.integer(256))
}

/** Draws a range, which is short more often than long. */
function range(bytes: Uint8Array, rng: Rng): { start: number; end: number } {
  const start = rng.integer(bytes.length)
  const most = bytes.length - start
  const length = 1 + Math.floor((most - 1) * rng.uniform() ** 4)
  return { start, end: start + length }
}

/** Returns the bytes of all parts, one after the other. */
function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
