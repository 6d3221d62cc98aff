/** Computes a digest of the bits of arrays, which tells whether anything in them has changed (FNV-1a on words). */
export function fingerprint(arrays: readonly (Float32Array | Int32Array)[]): number {
  let hash = 0x811c9dc5
  for (const { buffer, byteOffset, length } of arrays) {
    for (const word of new Int32Array(buffer, byteOffset, length)) {
      hash = Math.imul(hash ^ word, 0x01000193)
      // Without this, the high bits of a word would never reach the low ones.
      hash ^= hash >>> 15
    }
  }
  return hash >>> 0
}
