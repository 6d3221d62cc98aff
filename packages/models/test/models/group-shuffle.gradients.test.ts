import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import type { GroupShuffleOptions } from '../../src/group-shuffle/group-shuffle-options.js'
import { randomPermutation } from '../../src/group-shuffle/permutations.js'
import { describeEachBackend } from '../support/backends.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { expectGradients, type Nodes64 } from '../support/reference.js'
import {
  type GroupShuffleSettings64,
  groupShuffleLoss64,
} from '../support/reference-group-shuffle.js'
import { batchOf, evaluateLoss, trainSteps } from '../support/training.js'

// Rows repeat within and across the columns; the isolated user 5 and item 4 take part.
const batch = batchOf([0, 1, 1, 3, 6, 5, 0], [1, 2, 2, 0, 3, 2, 1], [4, 0, 3, 1, 4, 0, 2])
const common = { initialDeviation: 0.5, l2Weight: 0.05, blockDeviation: 0.7 }
const { users: userCount } = smallGraph

const cases: Record<string, GroupShuffleSettings64> = {
  'Cayley, two factors': {
    dim: 6,
    blockSize: 3,
    factors: 2,
    orthogonalMap: 'cayley',
    layers: 2,
    initialResidual: 0.3,
    l2Weight: 0.05,
  },
  'exponential, two factors': {
    dim: 6,
    blockSize: 2,
    factors: 2,
    orthogonalMap: 'exponential',
    layers: 2,
    initialResidual: 0.1,
    l2Weight: 0.05,
  },
  'Cayley, one factor': {
    dim: 4,
    blockSize: 2,
    factors: 1,
    orthogonalMap: 'cayley',
    layers: 3,
    initialResidual: 0.2,
    l2Weight: 0.05,
  },
  'exponential, one factor': {
    dim: 4,
    blockSize: 4,
    factors: 1,
    orthogonalMap: 'exponential',
    layers: 2,
    initialResidual: 0,
    l2Weight: 0.05,
  },
  'four layers': {
    dim: 4,
    blockSize: 2,
    factors: 2,
    orthogonalMap: 'cayley',
    layers: 4,
    initialResidual: 0.4,
    l2Weight: 0,
  },
  'one layer': {
    dim: 4,
    blockSize: 2,
    factors: 2,
    orthogonalMap: 'cayley',
    layers: 1,
    initialResidual: 0.5,
    l2Weight: 0.05,
  },
}

function make(
  { dim, permutations: _, ...settings }: GroupShuffleSettings64,
  more: GroupShuffleOptions = {},
): GroupShuffle {
  const options = { embeddingDim: dim, ...common, ...settings, ...more }
  return owned(new GroupShuffle(graphOf(smallGraph), options))
}

/** The permutations that a model draws from seed 0. */
function drawn({ dim, layers }: GroupShuffleSettings64): Int32Array[] {
  const rng = Rng.fromSeed(0).fork('init')
  return Array.from({ length: layers }, (_, layer) =>
    randomPermutation(dim, rng.fork(`layer.${layer}.permutation`)),
  )
}

describeEachBackend('gradients of GroupShuffle against central differences', () => {
  for (const [name, settings] of Object.entries(cases)) {
    it(`agree for ${name}`, async () => {
      const reference = groupShuffleLoss64(smallGraph, settings, batch)
      await expectGradients(make(settings), batch, reference)
    })

    it(`agree for ${name} with random permutations`, async () => {
      const permuted = { ...settings, permutations: drawn(settings) }
      const reference = groupShuffleLoss64(smallGraph, permuted, batch)
      await expectGradients(make(settings, { shuffle: 'random' }), batch, reference)
    })

    it(`agree for ${name} without a shuffle`, async () => {
      const { dim, layers } = settings
      const inPlace = Array.from({ length: dim }, (_, place) => place)
      const kept = { ...settings, permutations: Array.from({ length: layers }, () => inPlace) }
      const reference = groupShuffleLoss64(smallGraph, kept, batch)
      await expectGradients(make(settings, { shuffle: 'none' }), batch, reference)
    })

    it(`have diagonals of 0 and are skew-symmetric for K, for ${name}`, () => {
      const { gradients } = evaluateLoss(make(settings), batch)
      const blocks = Object.entries(gradients).filter(([key]) => key.startsWith('layer.'))
      expect(blocks).toHaveLength(settings.layers * settings.factors)
      const { blockSize } = settings
      for (const [, values] of blocks) {
        expect(values.some((value) => value !== 0)).toBe(true)
        for (const [place, value] of values.entries()) {
          const [row, column] = [Math.floor(place / blockSize) % blockSize, place % blockSize]
          const mirrored = place + (column - row) * blockSize + (row - column)
          expect(value + (values[mirrored] as number)).toBe(0)
        }
      }
    })
  }

  const settings = cases['Cayley, two factors'] as GroupShuffleSettings64

  it('agree from the identity, after several steps, and with several negatives', async () => {
    const several = batchOf([0, 1, 5], [1, 2, 2], [4, 0, 3, 1, 4, 0])
    const reference = groupShuffleLoss64(smallGraph, settings, several)
    const model = make(settings, { blockDeviation: 0 })
    await expectGradients(model, several, reference)
    trainSteps(model, { steps: 5, batchSize: 5 })
    await expectGradients(model, several, reference)
  })

  it('agree through dropout', async () => {
    const dropout = 0.4
    const model = make(settings, { dropout })
    const rng = Rng.fromSeed('dropout')
    model.beginEpoch(2, rng, { startStep: 5 })
    const stream = rng.fork('steps').fork('2/5')
    const enter = (x: Nodes64, layer: number): Nodes64 => {
      const split = userCount * x.dim
      const values = x.values.map((value, place) => {
        const isItem = place >= split
        const u = stream.uniformAt(2 * layer + (isItem ? 1 : 0), isItem ? place - split : place)
        return u < dropout ? 0 : value / (1 - dropout)
      })
      return { ...x, values }
    }
    const reference = groupShuffleLoss64(smallGraph, settings, batch, enter)
    await expectGradients(model, batch, reference)
  })

  it('differ from those of a wrong reference', async () => {
    const model = make(settings)
    for (const wrong of [
      { initialResidual: 0.31 },
      { factors: 1 },
      { blockSize: 2 },
      { orthogonalMap: 'exponential' },
      { l2Weight: 0.051 },
      { permutations: [0, 1].map(() => [0, 1, 2, 3, 4, 5]) },
    ] as const) {
      const reference = groupShuffleLoss64(smallGraph, { ...settings, ...wrong }, batch)
      await expect(
        expectGradients(model, batch, reference),
        JSON.stringify(wrong),
      ).rejects.toThrow()
    }
  })
})
