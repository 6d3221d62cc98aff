import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { BprMf, LightGcn, type LossSettings } from '../../src/index.js'
import { lossFrom } from '../../src/losses/loss-settings.js'
import { graphOf, smallGraph } from '../support/graphs.js'

const names = "'bpr', 'bce', 'sampled-softmax' or 'direct-au'"

/** Wrong settings, and what the message must say. */
const wrong: readonly [unknown, ...string[]][] = [
  [{ name: 'hinge' }, 'loss.name: got "hinge"', names],
  [{}, 'loss.name: got undefined', names],
  ['hinge', 'loss.name:', names],
  [5, 'loss: got 5', 'expected object'],
  [{ name: 'bpr', reduction: 'max' }, 'loss.reduction: got "max"'],
  [{ name: 'bpr', itemBias: 1 }, 'loss.itemBias: got 1'],
  [{ name: 'bpr', temperature: 1 }, "'loss.temperature'"],
  [{ name: 'bce', negativeWeight: 0 }, 'loss.negativeWeight: got 0'],
  [{ name: 'bce', negativeWeight: -1 }, 'loss.negativeWeight: got -1'],
  [{ name: 'bce', negativeWeight: Number.NaN }, 'loss.negativeWeight: got NaN'],
  [{ name: 'bce', reduction: 'none' }, 'loss.reduction: got "none"'],
  [{ name: 'sampled-softmax', temperature: 0 }, 'loss.temperature: got 0'],
  [{ name: 'sampled-softmax', temperature: -0.1 }, 'loss.temperature: got -0.1'],
  [{ name: 'sampled-softmax', temperature: Number.POSITIVE_INFINITY }, 'loss.temperature: got'],
  [{ name: 'sampled-softmax', temperature: 'low' }, 'loss.temperature: got "low"'],
  [
    { name: 'sampled-softmax', temperature: 'auto', similarity: 'dot' },
    'loss.temperature: got "auto"; expected a number with similarity \'dot\'',
  ],
  [{ name: 'sampled-softmax', similarity: 'euclidean' }, 'loss.similarity: got "euclidean"'],
  [{ name: 'sampled-softmax', sampling: 'users' }, 'loss.sampling: got "users"'],
  [{ name: 'sampled-softmax', logQ: 'yes' }, 'loss.logQ: got "yes"'],
  [{ name: 'sampled-softmax', popularityWeight: -1 }, 'loss.popularityWeight: got -1'],
  [{ name: 'sampled-softmax', negatives: 4 }, "'loss.negatives'"],
  [{ name: 'direct-au', uniformityWeight: -1 }, 'loss.uniformityWeight: got -1'],
  [{ name: 'direct-au', rankBy: 'norm' }, 'loss.rankBy: got "norm"'],
  [{ name: 'direct-au', itemBias: true }, "'loss.itemBias'"],
]

/** Settings in short, in full, and how the loss ranks and is logged. */
const right: readonly [LossSettings, object, object][] = [
  [
    { name: 'bpr' },
    { name: 'bpr', reduction: 'mean', itemBias: false },
    { scoreRule: { similarity: 'dot', scale: 1 }, itemBias: false, usesNegatives: true },
  ],
  [
    { name: 'bce', itemBias: true },
    { name: 'bce', reduction: 'mean', negativeWeight: 1, itemBias: true },
    { scoreRule: { similarity: 'dot', scale: 1 }, itemBias: true, usesNegatives: true },
  ],
  [
    { name: 'sampled-softmax' },
    {
      name: 'sampled-softmax',
      similarity: 'cosine',
      temperature: 0.1,
      logQ: true,
      popularityWeight: 0,
      sampling: 'user-uniform',
      itemBias: false,
    },
    { scoreRule: { similarity: 'cosine', scale: 10 }, itemBias: false, usesNegatives: false },
  ],
  [
    { name: 'sampled-softmax', temperature: 'auto' },
    {
      name: 'sampled-softmax',
      similarity: 'cosine',
      temperature: 'auto',
      logQ: true,
      popularityWeight: 0,
      sampling: 'user-uniform',
      itemBias: false,
    },
    // 10,000 items.
    { scoreRule: { similarity: 'cosine', scale: 1 / (1.78 / 10) }, itemBias: false },
  ],
  [
    { name: 'sampled-softmax', similarity: 'dot', itemBias: true, logQ: false },
    {
      name: 'sampled-softmax',
      similarity: 'dot',
      temperature: 1,
      logQ: false,
      popularityWeight: 0,
      sampling: 'user-uniform',
      itemBias: true,
    },
    { scoreRule: { similarity: 'dot', scale: 1 }, itemBias: true, usesNegatives: false },
  ],
  [
    { name: 'sampled-softmax', similarity: 'dot', temperature: 0.5 },
    {
      name: 'sampled-softmax',
      similarity: 'dot',
      temperature: 0.5,
      logQ: true,
      popularityWeight: 0,
      sampling: 'user-uniform',
      itemBias: false,
    },
    { scoreRule: { similarity: 'dot', scale: 2 }, itemBias: false, usesNegatives: false },
  ],
  [
    { name: 'direct-au' },
    { name: 'direct-au', uniformityWeight: 1, rankBy: 'dot' },
    { scoreRule: { similarity: 'dot', scale: 1 }, itemBias: false, usesNegatives: false },
  ],
  [
    { name: 'direct-au', uniformityWeight: 0, rankBy: 'cosine' },
    { name: 'direct-au', uniformityWeight: 0, rankBy: 'cosine' },
    { scoreRule: { similarity: 'cosine', scale: 1 }, itemBias: false, usesNegatives: false },
  ],
]

describe('settings of a loss', () => {
  for (const [loss, ...parts] of wrong) {
    it(`${JSON.stringify(loss)} are refused: ${parts.join(', ')}`, () => {
      for (const Model of [BprMf, LightGcn]) {
        let error: unknown
        try {
          new Model(graphOf(smallGraph), { loss: loss as LossSettings })
        } catch (thrown) {
          error = thrown
        }
        expect(error).toBeInstanceOf(InvalidOptionsError)
        for (const part of [`for ${Model.architecture}`, ...parts]) {
          expect((error as Error).message).toContain(part)
        }
      }
      expect(() => lossFrom(loss as LossSettings, 100)).toThrow(InvalidOptionsError)
    })
  }

  for (const [given, full, rule] of right) {
    it(`${JSON.stringify(given)} are completed, and say how to rank`, () => {
      const model = new BprMf(graphOf(smallGraph), { loss: given, embeddingDim: 2 })
      expect(model.options['loss']).toEqual(full)
      expect(lossFrom(full as LossSettings, 10_000)).toMatchObject(rule)
      expect(lossFrom(given, 10_000)).toMatchObject(rule)
      const names = model.describe().tensors.map(({ name }) => name)
      const expected = ['userEmbeddings', 'itemEmbeddings']
      if ((rule as { itemBias: boolean }).itemBias) expected.push('itemBias')
      expect(names).toEqual(expected)
    })
  }
})
