import { readFileSync } from 'node:fs'
import { Rng } from '@gnnrec/graph'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import { type OrthogonalMap, orthogonalBlock } from '../../src/group-shuffle/orthogonal-block.js'
import { randomPermutation, stridePermutation } from '../../src/group-shuffle/permutations.js'
import { rotation } from '../../src/group-shuffle/rotation.js'
import { type RotationForm, rotationMatrix } from '../../src/group-shuffle/rotation-matrix.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import { type FixtureTensor, fixtureFolder } from '../support/fixtures.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import {
  combine64,
  determinant64,
  type Matrix64,
  norm64,
  product64,
  rotation64,
  transpose64,
  unit64,
} from '../support/reference-group-shuffle.js'
import { trainSteps } from '../support/training.js'

interface MapCase {
  readonly blockSize: number
  readonly method: 'cayley' | 'exp'
  readonly skewScale: number
  readonly K: FixtureTensor
  readonly cotangent: FixtureTensor
  readonly Q: FixtureTensor
  readonly gradientOfSumCotangentTimesQ: FixtureTensor
  readonly frobeniusOfK: number
}

const { maps, stridePermutations, density } = JSON.parse(
  readFileSync(new URL('groupshuffle--orthogonal-maps.json', fixtureFolder), 'utf8'),
).expected as {
  maps: MapCase[]
  stridePermutations: { blocks: number; blockSize: number; index: number[] }[]
  density: { dim: number; blockSize: number; oneFactor: number; twoFactors: number }[]
}

const mapNames: OrthogonalMap[] = ['cayley', 'exponential']
const nameOf = ({ method }: MapCase): OrthogonalMap => (method === 'exp' ? 'exponential' : 'cayley')

function matrixOf(values: ArrayLike<number>): Matrix64 {
  const size = Math.sqrt(values.length)
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => values[row * size + column] as number),
  )
}

const orthogonalityError = (q: Matrix64): number =>
  norm64(combine64(1, product64(transpose64(q), q), -1, unit64(q.length)))

/** Numbers of a given Euclidean norm. */
function randomBlock(name: string, length: number, norm: number): Float64Array {
  const values = new Float32Array(length)
  Rng.fromSeed(name).fillNormal(values, 1)
  const own = Math.hypot(...values)
  return Float64Array.from(values, (value) => (value * norm) / own)
}

const form = (
  map: OrthogonalMap,
  dim: number,
  blockSize: number,
  skewScale = 0.5,
): RotationForm => ({ map, skewScale, blockSize, permutation: stridePermutation(dim, blockSize) })

const tensorOf = (values: Float64Array, shape: number[]) =>
  tf.tensor(Float32Array.from(values), shape, 'float32')

describeEachBackend('orthogonal maps', () => {
  it('have 9 cases', () => {
    expect(maps).toHaveLength(9)
    expect(new Set(maps.map(nameOf)).size).toBe(2)
  })

  for (const [place, item] of maps.entries()) {
    const { blockSize, skewScale, K, cotangent, Q, gradientOfSumCotangentTimesQ } = item
    // One block, no permutation.
    const own: RotationForm = {
      map: nameOf(item),
      skewScale,
      blockSize,
      permutation: Int32Array.from({ length: blockSize }, (_, i) => i),
    }

    it(`give case ${place} and its gradient: ${item.method}, ‖K‖ ${item.frobeniusOfK}`, () => {
      tf.tidy(() => {
        const k = tf.tensor3d(K.data, [1, blockSize, blockSize])
        const cotangentTensor = tf.tensor2d(cotangent.data, [blockSize, blockSize])
        const { value, grad } = tf.valueAndGrad((x: Tensor) => {
          const q = rotation([x], own)
          expectClose(q.dataSync(), Q.data, 5e-6)
          expect(orthogonalityError(matrixOf(q.dataSync()))).toBeLessThan(
            1e-6 * Math.sqrt(blockSize),
          )
          return tf.sum(tf.mul(q, cotangentTensor))
        })(k)
        const expected = Q.data.reduce((sum, q, i) => sum + q * (cotangent.data[i] as number), 0)
        expectClose(value.dataSync(), [expected], 1e-5 * (1 + Math.abs(expected)))
        const { data } = gradientOfSumCotangentTimesQ
        const gradient = grad.dataSync()
        expectClose(gradient, data, 2e-6 * largest(data))
        for (let i = 0; i < blockSize; i++) expect(gradient[i * (blockSize + 1)]).toBe(0)
      })
    })
  }

  it('leave nothing behind', () => {
    const blocks = ['left', 'right'].map((name) =>
      tensorOf(randomBlock(name, 32, 1), [2, 4, 4]),
    ) as [Tensor, Tensor]
    const use = () =>
      tf.tidy(() => {
        tf.grads((...both) => tf.sum(tf.square(rotation(both, form('cayley', 8, 4)))))(blocks)
      })
    use()
    const before = memoryInUse()
    use()
    expect(memoryInUse()).toEqual(before)
    tf.dispose(blocks)
  })

  for (const map of mapNames) {
    for (const norm of [1e-3, 1, 10]) {
      it(`${map} is orthogonal in float32 for ‖K‖ = ${norm} a factor`, () => {
        tf.tidy(() => {
          const blocks = ['left', 'right'].map((name) =>
            tensorOf(randomBlock(name, 64 * 8, norm), [8, 8, 8]),
          )
          const q = matrixOf(rotation(blocks, form(map, 64, 8)).dataSync())
          expect(orthogonalityError(q)).toBeLessThan(1e-6 * 8)
        })
      })
    }

    it(`${map} is orthogonal after 1000 steps of Adam`, () => {
      const model = owned(
        new GroupShuffle(graphOf(smallGraph), {
          embeddingDim: 8,
          blockSize: 4,
          layers: 1,
          orthogonalMap: map,
          initialDeviation: 1,
        }),
      )
      trainSteps(model, { steps: 1000, batchSize: 8, learningRate: 0.05 })
      tf.tidy(() => {
        const { 'layer.0.left': left, 'layer.0.right': right } = model.parameters()
        const blocks = [left, right] as Tensor[]
        // They started at 0.
        expect(Math.max(...blocks.map((k) => largest(k.dataSync())))).toBeGreaterThan(0.1)
        const q = matrixOf(rotation(blocks, form(map, 8, 4)).dataSync())
        expect(orthogonalityError(q)).toBeLessThan(1e-6 * Math.sqrt(8))
      })
    })
  }
})

describe('orthogonal maps in float64', () => {
  it('give the fixtures', () => {
    for (const item of maps) {
      const { blockSize, skewScale, K, cotangent, Q, gradientOfSumCotangentTimesQ } = item
      const own = orthogonalBlock(nameOf(item), Float64Array.from(K.data), blockSize, skewScale)
      expectClose(own.values, Q.data, 1e-12)
      const gradient = own.pullback(Float64Array.from(cotangent.data))
      const { data } = gradientOfSumCotangentTimesQ
      expectClose(gradient, data, 1e-12 * Math.max(1, largest(data)))
    }
  })

  for (const map of mapNames) {
    it(`${map} is orthogonal with determinant 1, whatever K`, () => {
      for (const size of [1, 2, 3, 8, 16]) {
        for (const norm of [0, 1e-8, 0.1, 1, 10, 1e4]) {
          const k = randomBlock(`${size} ${norm}`, size * size, norm)
          const q = matrixOf(orthogonalBlock(map, k, size, 1).values)
          expect(orthogonalityError(q)).toBeLessThan(1e-12 * Math.max(1, norm))
          expect(determinant64(q)).toBeCloseTo(1, 9)
        }
      }
    })

    it(`${map} of a symmetric K is the identity, exactly`, () => {
      const k = randomBlock('symmetric', 9, 3)
      const symmetric = matrixOf(k).map((row, r) =>
        row.map((value, c) => value + (k[c * 3 + r] as number)),
      )
      const { values } = orthogonalBlock(map, Float64Array.from(symmetric.flat()), 3, 0.5)
      expect([...values]).toEqual(unit64(3).flat())
    })

    it(`${map} gives NaN and no endless loop where K has diverged`, () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const k = Float64Array.of(0, value, 1, 0)
        const { values, pullback } = orthogonalBlock(map, k, 2, 0.5)
        expect(values.every(Number.isNaN)).toBe(true)
        expect(pullback(Float64Array.of(1, 2, 3, 4)).every(Number.isNaN)).toBe(true)
      }
    })
  }

  it('agree up to third order: exp(2S) with the Cayley transform of S', () => {
    for (const size of [2, 4, 8]) {
      const difference = (norm: number) => {
        const k = randomBlock(`third ${size}`, size * size, norm)
        const cayley = orthogonalBlock('cayley', k, size, 0.5).values
        const exponential = orthogonalBlock('exponential', k, size, 1).values
        return norm64(combine64(1, matrixOf(cayley), -1, matrixOf(exponential)))
      }
      // exp(2S) - Cayley(S) = -(2/3) S³ + ..., so half the norm is an eighth of the difference.
      for (const norm of [0.2, 0.1, 0.05]) {
        expect(difference(norm)).toBeLessThan(norm ** 3)
        const ratio = difference(norm) / difference(norm / 2)
        expect(Math.abs(ratio - 8)).toBeLessThan(0.3)
      }
    }
  })

  it('make rotations that are products of dense factors and permutations', () => {
    const permutation = randomPermutation(12, Rng.fromSeed('dense'))
    for (const map of mapNames) {
      for (const factors of [1, 2] as const) {
        const blocks = ['left', 'right'].slice(0, factors).map((name) => randomBlock(name, 48, 3))
        const settings = { dim: 12, blockSize: 4, factors, orthogonalMap: map }
        const stride = form(map, 12, 4, factors === 2 ? 0.5 : 1)
        const check = (own: RotationForm, expected: Matrix64) =>
          expectClose(rotationMatrix(blocks, own).values, expected.flat(), 1e-12)
        check(stride, rotation64(blocks, settings))
        const permuted = rotation64(blocks, { ...settings, permutations: [permutation] })
        check({ ...stride, permutation }, permuted)
      }
    }
  })

  it('have determinant 1 with two factors, the sign of the permutation with one', () => {
    const blocks = ['left', 'right'].map((name) => randomBlock(name, 16, 2))
    const determinant = (count: number, permutation: Int32Array) => {
      const own = { ...form('cayley', 8, 2), permutation }
      return determinant64(matrixOf(rotationMatrix(blocks.slice(0, count), own).values))
    }
    const swapped = Int32Array.of(1, 0, 2, 3, 4, 5, 6, 7)
    expect(determinant(2, swapped)).toBeCloseTo(1, 10)
    expect(determinant(2, stridePermutation(8, 2))).toBeCloseTo(1, 10)
    expect(determinant(1, swapped)).toBeCloseTo(-1, 10)
  })

  it('reach as many dimensions as the fixtures say', () => {
    expect(density).toHaveLength(5)
    for (const { dim, blockSize, oneFactor, twoFactors } of density) {
      const blocks = ['left', 'right'].map((name) => randomBlock(name, dim * blockSize, 4))
      const share = (count: number) => {
        const { values } = rotationMatrix(blocks.slice(0, count), form('cayley', dim, blockSize))
        return values.filter((value) => value !== 0).length / values.length
      }
      expect(share(1)).toBe(oneFactor)
      expect(share(2)).toBe(twoFactors)
    }
  })
})

describe('permutations', () => {
  const isBijection = (permutation: Int32Array) =>
    expect([...permutation].sort((a, b) => a - b)).toEqual(Array.from(permutation, (_, i) => i))

  it('by stride are those of the fixtures, and their inverse is the other stride', () => {
    expect(stridePermutations).toHaveLength(8)
    for (const { blocks, blockSize, index } of stridePermutations) {
      const permutation = stridePermutation(blocks * blockSize, blockSize)
      expect([...permutation]).toEqual(index)
      isBijection(permutation)
      const inverse = stridePermutation(blocks * blockSize, blocks)
      expect([...permutation.map((place) => inverse[place] as number)]).toEqual(
        Array.from(index, (_, place) => place),
      )
    }
  })

  it('at random are bijections, each as likely', () => {
    for (const size of [1, 2, 7, 64]) isBijection(randomPermutation(size, Rng.fromSeed(size)))
    const counts = new Map<string, number>()
    const rng = Rng.fromSeed('uniform')
    for (let n = 0; n < 6000; n++) {
      const key = randomPermutation(3, rng).join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // Six standard deviations of a count of 1000.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(175)
  })
})
