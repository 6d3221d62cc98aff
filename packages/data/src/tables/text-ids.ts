import type { Id } from '@gnnrec/graph'
import { nodeModule } from '../sources/node-files.js'
import { type IdType, isCanonicalInteger } from './id-type.js'

/**
 * The distinct ids of a column, as the bytes in which they were written.
 *
 * A hash table with open addressing; the bytes of all ids lie one behind the other. A string is made
 * of each id once, at the end.
 */
export class TextIds {
  #bytes = new Uint8Array(1 << 12)
  /** Id c is `#bytes[#offsets[c]..#offsets[c + 1]-1]`. */
  #offsets = new Float64Array(1 << 8)
  #hashes = new Int32Array(1 << 8)
  /** Code of the id in each place, -1 for none; its length is a power of two. */
  #places = new Int32Array(1 << 9).fill(-1)
  #size = 0

  /** Number of distinct ids. */
  get size(): number {
    return this.#size
  }

  /** The code of the id `bytes[start..end-1]`: codes count up from 0 as ids first occur. */
  code(bytes: Uint8Array, start: number, end: number): number {
    // FNV-1a.
    let hash = -2128831035
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 16777619)
    // The low bits of FNV-1a hardly see the last byte's high bits.
    hash ^= hash >>> 15
    const places = this.#places
    const mask = places.length - 1
    let place = hash & mask
    for (;;) {
      const code = places[place]
      if (code < 0) return this.#add(bytes, start, end, hash, place)
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return code
      place = (place + 1) & mask
    }
  }

  /** The distinct ids in order of code: numbers if asked for, or if all of them are canonical integers. */
  ids(type: IdType, encoding: 'utf-8' | 'latin1'): Id[] {
    const decoder = nodeModule('node:buffer').Buffer.from(this.#bytes.buffer)
    const kind = encoding === 'latin1' ? 'latin1' : 'utf8'
    const texts = Array.from({ length: this.#size }, (_, code) =>
      decoder.toString(kind, this.#offsets[code], this.#offsets[code + 1]),
    )
    const isNumeric = type === 'number' || (type === 'auto' && texts.every(isCanonicalInteger))
    return isNumeric ? texts.map(Number) : texts
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes
    let at = this.#offsets[code]
    if (this.#offsets[code + 1] - at !== end - start) return false
    for (let other = start; other < end; other++) if (own[at++] !== bytes[other]) return false
    return true
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, place: number): number {
    const code = this.#size++
    const offset = this.#offsets[code]
    const needed = offset + end - start
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    for (let from = start, to = offset; from < end; from++) this.#bytes[to++] = bytes[from]
    if (code + 2 > this.#offsets.length) {
      const offsets = new Float64Array(this.#offsets.length * 2)
      offsets.set(this.#offsets)
      this.#offsets = offsets
      const hashes = new Int32Array(this.#hashes.length * 2)
      hashes.set(this.#hashes)
      this.#hashes = hashes
    }
    this.#offsets[code + 1] = needed
    this.#hashes[code] = hash
    this.#places[place] = code
    if (this.#size * 2 > this.#places.length) this.#rehash()
    return code
  }

  #rehash(): void {
    const places = new Int32Array(this.#places.length * 2).fill(-1)
    const mask = places.length - 1
    for (let code = 0; code < this.#size; code++) {
      let place = this.#hashes[code] & mask
      while (places[place] >= 0) place = (place + 1) & mask
      places[place] = code
    }
    this.#places = places
  }
}
