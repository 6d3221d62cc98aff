import { type OrthogonalBlock, type OrthogonalMap, orthogonalBlock } from './orthogonal-block.js'
import { identity } from './small-matrix.js'

/** Settings of a rotation of d dimensions that is made of blocks; see {@link rotationMatrix}. */
export interface RotationForm {
  readonly map: OrthogonalMap
  /** Factor on K - Kᵀ. */
  readonly skewScale: number
  readonly blockSize: number
  /** A permutation of 0..d-1. */
  readonly permutation: Int32Array
}

/** An orthogonal matrix, by rows. */
export interface RotationMatrix {
  readonly values: Float64Array
  /** The gradients of the blocks it was made from, given its own. */
  pullback(gradient: Float64Array): Float64Array[]
}

/** Blocks of which number j acts on the rows index[j·b..(j+1)·b-1]. */
interface Factor {
  readonly blocks: readonly OrthogonalBlock[]
  readonly index: Int32Array
}

/**
 * An orthogonal matrix [d, d] from blocks K [d/b, b, b], in float64, O(d²·b). It is the form of Gorbunov
 * et al. (NeurIPS 2024, https://arxiv.org/abs/2406.10019), where L and R are block-diagonal with blocks
 * of `orthogonalBlock`:
 *
 * - from left and right blocks, Q = Pᵀ L P R with (Pz)[i] = z[permutation[i]]
 * - from one array of blocks, L with permuted columns: Q[:, j] = L[:, permutation[j]]
 */
export function rotationMatrix(
  blocks: readonly Float64Array[],
  { map, skewScale, blockSize, permutation }: RotationForm,
): RotationMatrix {
  const size = permutation.length
  const straight = permutation.map((_, place) => place)
  const factorOf = (k: Float64Array, index: Int32Array): Factor => {
    const length = blockSize * blockSize
    const numbers = Array.from({ length: size / blockSize }, (_, block) => block * length)
    return {
      blocks: numbers.map((first) =>
        orthogonalBlock(map, k.subarray(first, first + length), blockSize, skewScale),
      ),
      index,
    }
  }
  const [left, right] = blocks
  // In the order in which they act.
  const factors = right
    ? [factorOf(right, straight), factorOf(left, permutation)]
    : [factorOf(left, straight)]
  const inputs = [right ? identity(size) : permutedColumns(permutation)]
  for (const factor of factors) inputs.push(act(factor, blockSize, inputs[inputs.length - 1]))
  const values = inputs.pop() as Float64Array
  return {
    values,
    pullback(gradient) {
      const gradients: Float64Array[] = []
      let incoming = gradient
      for (const [place, factor] of [...factors.entries()].reverse()) {
        gradients.push(blockGradients(factor, blockSize, incoming, inputs[place]))
        if (place > 0) incoming = act(factor, blockSize, incoming, true)
      }
      return gradients
    },
  }
}

/** The factor, or its transpose, times x [d, d]. */
function act(
  { blocks, index }: Factor,
  blockSize: number,
  x: Float64Array,
  isTransposed = false,
): Float64Array {
  const size = index.length
  const out = new Float64Array(x.length)
  for (const [block, { values }] of blocks.entries()) {
    const rows = index.subarray(block * blockSize, (block + 1) * blockSize)
    for (let t = 0; t < blockSize; t++) {
      for (let s = 0; s < blockSize; s++) {
        const factor = values[isTransposed ? s * blockSize + t : t * blockSize + s]
        const [to, from] = [rows[t] * size, rows[s] * size]
        for (let c = 0; c < size; c++) out[to + c] += factor * x[from + c]
      }
    }
  }
  return out
}

/** Gradients of the K of all blocks, given what the factor acted on and the gradient of the result. */
function blockGradients(
  { blocks, index }: Factor,
  blockSize: number,
  incoming: Float64Array,
  x: Float64Array,
): Float64Array {
  const size = index.length
  const out = new Float64Array(size * blockSize)
  for (const [block, { pullback }] of blocks.entries()) {
    const rows = index.subarray(block * blockSize, (block + 1) * blockSize)
    const gradient = new Float64Array(blockSize * blockSize)
    for (let t = 0; t < blockSize; t++) {
      for (let s = 0; s < blockSize; s++) {
        const [to, from] = [rows[t] * size, rows[s] * size]
        let sum = 0
        for (let c = 0; c < size; c++) sum += incoming[to + c] * x[from + c]
        gradient[t * blockSize + s] = sum
      }
    }
    out.set(pullback(gradient), block * blockSize * blockSize)
  }
  return out
}

/** The matrix whose products have column permutation[j] of the other at j. */
function permutedColumns(permutation: Int32Array): Float64Array {
  const size = permutation.length
  const out = new Float64Array(size * size)
  for (let column = 0; column < size; column++) out[permutation[column] * size + column] = 1
  return out
}
