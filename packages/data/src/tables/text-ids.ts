import type { Id } from '@gnnrec/graph'
import { isCanonicalInteger } from '../readers/text-values.js'
import { nodeModule } from '../sources/node-files.js'
import type { IdType } from './id-type.js'

/**
 * A set of the distinct ids of a column that gives each a code. It keeps ids as bytes, one after the
 * other, in a hash table with open addressing, so a string is made of each id only once, at the end.
 */
export class TextIds {
  #bytes = new Uint8Array(1 << 12)
  /** Id c is `#bytes[#offsets[c]..#offsets[c + 1]-1]`. */
  #offsets = new Float64Array(1 << 8)
  #hashes = new Int32Array(1 << 8)
  /** The code in each place of the hash table, or -1. The length is a power of two. */
  #places = new Int32Array(1 << 9).fill(-1)
  #size = 0

  /** The number of distinct ids. */
  get size(): number {
    return this.#size
  }

  /** Returns the code of the id `bytes[start..end-1]`. Codes count from 0 in the order of first occurrence. */
  code(bytes: Uint8Array, start: number, end: number): number {
    // FNV-1a.
    let hash = -2128831035
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 16777619)
    // The low bits of FNV-1a hardly depend on the high bits of the last byte, so mix the halves.
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

  /**
   * Returns the distinct ids in the order of their codes. They are numbers when the type is `'number'`, or
   * when it is `'auto'` and all ids are canonical integers.
   */
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
