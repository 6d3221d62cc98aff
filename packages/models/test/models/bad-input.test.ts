import { InvalidOptionsError, ShapeMismatchError, UnknownIdError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { BprMf, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { batchOf } from '../support/training.js'

const graph = graphOf(smallGraph)

/** Wrong options of both models, and what the message must say. */
const wrongForBoth: [object, ...string[]][] = [
  [{ embeddingDim: 0 }, 'embeddingDim: got 0'],
  [{ embeddingDim: -8 }, 'embeddingDim: got -8'],
  [{ embeddingDim: 6.5 }, 'embeddingDim: got 6.5'],
  [{ embeddingDim: '64' }, 'embeddingDim: got "64"'],
  [{ initialDeviation: 0 }, 'initialDeviation: got 0'],
  [{ initialDeviation: -0.1 }, 'initialDeviation: got -0.1'],
  [{ initialDeviation: Number.NaN }, 'initialDeviation: got NaN'],
  [{ l2Weight: -1e-4 }, 'l2Weight: got -0.0001'],
  [{ l2Weight: Number.POSITIVE_INFINITY }, 'l2Weight: got Infinity'],
  [{ seed: null }, 'seed: got null'],
  [{ seed: Number.NaN }, 'seed: got NaN'],
  [{ embedingDim: 8 }, "'embedingDim'", "did you mean 'embeddingDim'"],
  [{ l2weight: 1 }, "'l2weight'", "did you mean 'l2Weight'"],
  [{ decay: 1 }, "'decay'", 'known options: embeddingDim'],
  [{ embeddingDim: 0, l2Weight: -1 }, 'embeddingDim: got 0', 'l2Weight: got -1'],
]

const wrongForLightGcn: [object, ...string[]][] = [
  [{ layers: -1 }, 'layers: got -1'],
  [{ layers: 1.5 }, 'layers: got 1.5'],
  [{ layers: '3' }, 'layers: got "3"'],
  [{ layer: 2 }, "'layer'", "did you mean 'layers'"],
  [{ edgeDropout: 1 }, 'edgeDropout: got 1'],
  [{ edgeDropout: -0.1 }, 'edgeDropout: got -0.1'],
  [{ layers: 2, layerWeights: [0.5, 0.5] }, 'layerWeights: got [0.5,0.5]', 'expected 3 weights'],
  [{ layerWeights: [] }, 'layerWeights: got []', 'expected 4 weights'],
  [{ layers: 1, layerWeights: [1, Number.NaN] }, 'layerWeights.1: got NaN'],
  [{ layers: 1, layerWeights: [1, '1'] }, 'layerWeights.1: got "1"'],
  [{ layers: 1, layerWeights: 0.5 }, 'layerWeights: got 0.5'],
  [{ layerWeights: 'sum' }, 'layerWeights: got "sum"', "'mean' or 'propagated-mean'"],
  [{ layers: 0, layerWeights: 'propagated-mean' }, 'layerWeights: got "propagated-mean"'],
]

describeEachBackend('bad options', () => {
  const cases = [
    ...wrongForBoth.map((wrong) => ['BprMf', BprMf, wrong] as const),
    ...[...wrongForBoth, ...wrongForLightGcn].map(
      (wrong) => ['LightGcn', LightGcn, wrong] as const,
    ),
    ['BprMf', BprMf, [{ layers: 2 }, "'layers'"]] as const,
  ]
  for (const [name, Model, [options, ...parts]] of cases) {
    it(`of ${name} are refused by name: ${parts.join(', ')}`, () => {
      const before = memoryInUse()
      let error: unknown
      try {
        new Model(graph, options)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(InvalidOptionsError)
      for (const part of [`Invalid options for ${Model.architecture}`, ...parts]) {
        expect((error as Error).message).toContain(part)
      }
      expect(memoryInUse()).toEqual(before)
    })
  }

  it('do not include the ends of the ranges', () => {
    const ends = { embeddingDim: 1, initialDeviation: 1e-3, l2Weight: 0, layers: 0, edgeDropout: 0 }
    const model = owned(new LightGcn(graph, ends))
    expect(model.options).toMatchObject({ ...ends, seed: 0 })
    expect(owned(new BprMf(graph)).options).toMatchObject({
      embeddingDim: 64,
      initialDeviation: 0.1,
      l2Weight: 1e-4,
      seed: 0,
    })
  })
})

describeEachBackend('a bad batch', () => {
  const batches = {
    'without samples': [batchOf([], [], []), ShapeMismatchError, 'a batch of 0 users'],
    'with too few positives': [batchOf([0, 1], [1], [2, 3]), ShapeMismatchError, '1 positives'],
    'with too many positives': [batchOf([0], [1, 1], [2]), ShapeMismatchError, '2 positives'],
    'without negatives': [batchOf([0, 1], [1, 1], []), ShapeMismatchError, '0 negatives'],
    'with negatives left over': [batchOf([0, 1], [1, 1], [2, 3, 4]), ShapeMismatchError, '3 neg'],
    'with a user too many': [batchOf([0, 7], [1, 1], [2, 3]), UnknownIdError, '7 at users[1]'],
    'with a negative index': [
      batchOf([0, 1], [-1, 1], [2, 3]),
      UnknownIdError,
      '-1 at positives[0]',
    ],
    'with an item too many': [batchOf([0, 1], [1, 1], [2, 5]), UnknownIdError, '5 at negatives[1]'],
  } as const
  for (const [name, [batch, type, message]] of Object.entries(batches)) {
    it(`${name} is refused, and the model stays usable`, () => {
      for (const model of [
        owned(new BprMf(graph)),
        owned(new LightGcn(graph, { edgeDropout: 0.1 })),
      ]) {
        const variables = Object.values(model.parameters())
        const before = memoryInUse()
        for (const compute of [
          () => model.loss(batch),
          () => model.lossTerms(batch),
          () => tf.variableGrads(() => model.loss(batch), variables),
        ]) {
          expect(compute).toThrow(type)
          expect(compute).toThrow(message)
        }
        expect(memoryInUse()).toEqual(before)
        const loss = model.loss(batchOf([0], [1], [2]))
        expect(loss.dataSync()[0]).toBeGreaterThan(0)
        loss.dispose()
      }
    })
  }
})

describeEachBackend('loss', () => {
  it('is a training step unless told otherwise, and so are its terms', () => {
    const batch = batchOf([0, 1], [1, 2], [4, 0])
    const model = owned(new LightGcn(graph, { edgeDropout: 0.5, initialDeviation: 1 }))
    const read = (loss: () => tf.Scalar) => tf.tidy(() => loss().dataSync()[0])
    const whole = read(() => model.loss(batch, { training: false }))
    expect(read(() => model.lossTerms(batch, { training: false }).total)).toBe(whole)
    expect(read(() => model.loss(batch))).not.toBe(whole)
    expect(read(() => model.loss(batch, {}))).not.toBe(whole)
    expect(read(() => model.lossTerms(batch).total)).not.toBe(whole)
  })
})
