import type { Batch } from '@gnnrec/graph'
import type { EdgeList } from './graphs.js'
import {
  batchL264,
  bpr64,
  layerZero64,
  multiply64,
  type Nodes64,
  type Parameters64,
  symmetricOperator64,
} from './reference.js'
import { meanLayer64 } from './reference-dgr.js'

/** A square matrix by rows. */
export type Matrix64 = readonly (readonly number[])[]

/** Settings of the rotations of GroupShuffle. */
export interface RotationSettings64 {
  readonly dim: number
  readonly blockSize: number
  readonly factors: 1 | 2
  readonly orthogonalMap: 'cayley' | 'exponential'
  /** By layer; the stride permutation where left out. */
  readonly permutations?: readonly ArrayLike<number>[]
}

const square = (size: number, value: (row: number, column: number) => number): Matrix64 =>
  Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => value(row, column)),
  )

export const unit64 = (size: number): Matrix64 => square(size, (r, c) => (r === c ? 1 : 0))

export const transpose64 = (a: Matrix64): Matrix64 =>
  square(a.length, (r, c) => (a[c] as number[])[r] as number)

export const product64 = (a: Matrix64, b: Matrix64): Matrix64 =>
  a.map((row) => {
    const out = new Array<number>(row.length).fill(0)
    for (const [k, value] of row.entries()) {
      const other = b[k] as number[]
      if (value !== 0) for (let c = 0; c < out.length; c++) out[c]! += value * (other[c] as number)
    }
    return out
  })

export const combine64 = (x: number, a: Matrix64, y: number, b: Matrix64): Matrix64 =>
  a.map((row, r) => row.map((value, c) => x * value + y * ((b[r] as number[])[c] as number)))

export const norm64 = (a: Matrix64): number => Math.hypot(...a.flat())

/** The determinant, by expansion without pivots of 0. */
export function determinant64(matrix: Matrix64): number {
  const rows = matrix.map((row) => [...row])
  let determinant = 1
  for (let column = 0; column < rows.length; column++) {
    const size = (row: number[]) => Math.abs(row[column] as number)
    const pivot = rows.slice(column).reduce((best, row) => (size(row) > size(best) ? row : best))
    const place = rows.indexOf(pivot)
    if (place !== column) {
      rows[place] = rows[column] as number[]
      rows[column] = pivot
      determinant = -determinant
    }
    determinant *= pivot[column] as number
    for (let row = column + 1; row < rows.length; row++) {
      const own = rows[row] as number[]
      const factor = (own[column] as number) / (pivot[column] as number)
      rows[row] = own.map((value, c) => value - factor * (pivot[c] as number))
    }
  }
  return determinant
}

/** exp(S) by its series, without scaling: for norms of a few units. */
function exponential64(skew: Matrix64): Matrix64 {
  let [term, sum] = [unit64(skew.length), unit64(skew.length)]
  for (let n = 1; norm64(term) > 1e-20; n++) {
    term = combine64(1 / n, product64(term, skew), 0, skew)
    sum = combine64(1, sum, 1, term)
  }
  return sum
}

/** (I + S)(I - S)⁻¹, the inverse by Newton's iteration X ← X (2I - (I - S) X). */
function cayley64(skew: Matrix64): Matrix64 {
  const unit = unit64(skew.length)
  const shifted = combine64(1, unit, -1, skew)
  let inverse = combine64(1 / norm64(shifted) ** 2, transpose64(shifted), 0, unit)
  let product = product64(shifted, inverse)
  while (norm64(combine64(1, unit, -1, product)) > 1e-14 * skew.length) {
    inverse = product64(inverse, combine64(2, unit, -1, product))
    product = product64(shifted, inverse)
  }
  return product64(combine64(1, unit, 1, skew), inverse)
}

/** The rotation of a layer, from dense factors and permutation matrices. */
export function rotation64(
  blocks: readonly ArrayLike<number>[],
  settings: RotationSettings64,
  layer = 0,
): Matrix64 {
  const { dim, blockSize, factors, orthogonalMap, permutations } = settings
  const count = dim / blockSize
  const diagonal = (k: ArrayLike<number>): Matrix64 => {
    // Off its diagonal blocks, a block-diagonal S gives 0 in both maps.
    const dense = square(dim, (row, column) => {
      const block = Math.floor(row / blockSize)
      if (block !== Math.floor(column / blockSize)) return 0
      return k[(block * blockSize + (row % blockSize)) * blockSize + (column % blockSize)] as number
    })
    const scale = factors === 2 ? 0.5 : 1
    const skew = combine64(scale, dense, -scale, transpose64(dense))
    return orthogonalMap === 'cayley' ? cayley64(skew) : exponential64(skew)
  }
  // (Pz)[j·b + t] = z[t·r + j]
  const from = (place: number): number =>
    permutations?.[layer]?.[place] ?? (place % blockSize) * count + Math.floor(place / blockSize)
  const permute = square(dim, (row, column) => (from(row) === column ? 1 : 0))
  const [first, second] = blocks.map(diagonal) as [Matrix64, Matrix64]
  // out[:, j] = y[:, permutation[j]] is y Pᵀ.
  if (factors === 1) return product64(first, transpose64(permute))
  return product64(transpose64(permute), product64(first, product64(permute, second)))
}

/** The layers of GroupShuffle, layer 0 first; `enter` acts on the input of each. */
export function groupShuffleLayers64(
  operator: Float64Array,
  layerZero: Nodes64,
  rotations: readonly Matrix64[],
  initialResidual: number,
  enter: (x: Nodes64, layer: number) => Nodes64 = (x) => x,
): Nodes64[] {
  const { dim } = layerZero
  const layers = [layerZero]
  for (const [layer, rotation] of rotations.entries()) {
    const y = multiply64(operator, enter(layers[layer] as Nodes64, layer)).values
    const values = layerZero.values.map((own, place) => {
      const row = place - (place % dim)
      const turned = rotation.reduce(
        (sum, q, k) => sum + (y[row + k] as number) * (q[place % dim] as number),
        0,
      )
      return (1 - initialResidual) * turned + initialResidual * own
    })
    layers.push({ ...layerZero, values })
  }
  return layers
}

/** Settings of the loss of GroupShuffle. */
export interface GroupShuffleSettings64 extends RotationSettings64 {
  readonly layers: number
  readonly initialResidual: number
  readonly l2Weight: number
}

/** The rotations of all layers from the parameters of a model. */
export function rotations64(parameters: Parameters64, settings: GroupShuffleSettings64) {
  const names = settings.factors === 2 ? ['left', 'right'] : ['block']
  return Array.from({ length: settings.layers }, (_, layer) => {
    const blocks = names.map((name) => parameters[`layer.${layer}.${name}`] as Float64Array)
    return rotation64(blocks, settings, layer)
  })
}

/** BPR on the mean of the layers plus L2 on layer 0, as a function of all parameters. */
export function groupShuffleLoss64(
  list: EdgeList,
  settings: GroupShuffleSettings64,
  batch: Batch,
  enter?: (x: Nodes64, layer: number) => Nodes64,
) {
  const operator = symmetricOperator64(list)
  return (parameters: Parameters64): number => {
    const layerZero = layerZero64(parameters, list.users)
    const { initialResidual, l2Weight } = settings
    const rotations = rotations64(parameters, settings)
    const layers = groupShuffleLayers64(operator, layerZero, rotations, initialResidual, enter)
    return bpr64(meanLayer64(layers), batch) + l2Weight * batchL264(layerZero, batch)
  }
}
