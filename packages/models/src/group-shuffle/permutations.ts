import type { Rng } from '@gnnrec/graph'

/**
 * The permutation that deals each block out to all blocks: with r blocks of b it takes place
 * t·r + j to j·b + t.
 *
 * @returns where each place takes its value from: (Pz)[i] = z[permutation[i]]
 */
export function stridePermutation(size: number, blockSize: number): Int32Array {
  const blocks = size / blockSize
  return Int32Array.from(
    { length: size },
    (_, place) => (place % blockSize) * blocks + Math.floor(place / blockSize),
  )
}

/** Returns the permutation that `shuffle` stands for where nothing is drawn. */
export function fixedPermutation(
  shuffle: 'stride' | 'none',
  size: number,
  blockSize: number,
): Int32Array {
  if (shuffle === 'stride') return stridePermutation(size, blockSize)
  return Int32Array.from({ length: size }, (_, place) => place)
}

/** A permutation of 0..size-1, each as likely (Fisher-Yates). */
export function randomPermutation(size: number, rng: Rng): Int32Array {
  const permutation = Int32Array.from({ length: size }, (_, place) => place)
  for (let place = size - 1; place > 0; place--) {
    const other = rng.integer(place + 1)
    const value = permutation[place]
    permutation[place] = permutation[other]
    permutation[other] = value
  }
  return permutation
}
