import type { Batch } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { BprMf, LightGcn, type LossSettings } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import {
  expectGradients,
  filter64,
  layerZero64,
  type Parameters64,
  row64,
  symmetricOperator64,
} from '../support/reference.js'
import {
  bceSum64,
  bprSum64,
  directAu64,
  itemChances64,
  type LossCase64,
  l264,
  softmax64,
} from '../support/reference-losses.js'
import { batchOf, setWeights, weightValues } from '../support/training.js'

// Users and items repeat, within and across columns; items of user 0 are also positives of others.
const users = [0, 1, 1, 3, 6, 0, 4]
const positives = [1, 2, 2, 0, 3, 2, 1]
const negatives = [4, 0, 3, 1, 4, 4, 2, 2, 4, 0, 1, 3, 4, 4, 2, 0, 0, 3, 3, 1, 4]
const one = batchOf(users, positives, negatives.slice(0, 7))
const three = batchOf(users, positives, negatives)

type Reference = (given: LossCase64) => number
type Rows = readonly (readonly Float64Array[])[]

interface Case {
  readonly loss: LossSettings
  readonly reference: Reference
  /** Three negatives per positive unless given. */
  readonly batch?: Batch
}

const byUsers = itemChances64(smallGraph, 'user-uniform')
const byPairs = itemChances64(smallGraph, 'interaction-shuffle')
const cosine = { similarity: 'cosine', temperature: 0.1 } as const

const cases: readonly Case[] = [
  { loss: { name: 'bpr' }, reference: (given) => bprSum64(given) / 21 },
  { loss: { name: 'bpr', reduction: 'sum' }, reference: bprSum64 },
  { loss: { name: 'bpr', itemBias: true }, reference: (given) => bprSum64(given) / 21 },
  { loss: { name: 'bce' }, reference: (given) => bceSum64(given) / 28 },
  { loss: { name: 'bce' }, reference: (given) => bceSum64(given) / 14, batch: one },
  { loss: { name: 'bce', reduction: 'sum' }, reference: (given) => bceSum64(given) },
  {
    loss: { name: 'bce', negativeWeight: 0.25, itemBias: true },
    reference: (given) => bceSum64(given, 0.25) / 28,
  },
  {
    loss: { name: 'sampled-softmax' },
    reference: (given) => softmax64(given, { ...cosine, chances: byUsers }),
  },
  {
    loss: { name: 'sampled-softmax', temperature: 0.5, sampling: 'interaction-shuffle' },
    reference: (given) => softmax64(given, { ...cosine, temperature: 0.5, chances: byPairs }),
  },
  {
    loss: { name: 'sampled-softmax', logQ: false, itemBias: true },
    reference: (given) => softmax64(given, cosine),
  },
  {
    loss: { name: 'sampled-softmax', similarity: 'dot', itemBias: true },
    reference: (given) => softmax64(given, { similarity: 'dot', temperature: 1, chances: byUsers }),
  },
  {
    loss: { name: 'sampled-softmax', similarity: 'dot', temperature: 0.4, logQ: false },
    reference: (given) => softmax64(given, { similarity: 'dot', temperature: 0.4 }),
    batch: one,
  },
  { loss: { name: 'direct-au' }, reference: (given) => directAu64(given, 1) },
  {
    loss: { name: 'direct-au', uniformityWeight: 2.5, rankBy: 'cosine' },
    reference: (given) => directAu64(given, 2.5),
  },
  { loss: { name: 'direct-au', uniformityWeight: 0 }, reference: (given) => directAu64(given, 0) },
]

const operator = symmetricOperator64(smallGraph)
const shape = { embeddingDim: 6, initialDeviation: 0.5 }

const models = [
  {
    name: 'BprMf',
    create: (options: object) => new BprMf(graphOf(smallGraph), options),
    weights: [1],
  },
  {
    name: 'LightGcn',
    create: (options: object) => new LightGcn(graphOf(smallGraph), { ...options, layers: 2 }),
    weights: [1 / 3, 1 / 3, 1 / 3],
  },
]

/** Biases start at 0, where a wrong sign would not show in the loss. */
async function giveBiases(model: BprMf | LightGcn): Promise<void> {
  const values = await weightValues(model)
  if (values['itemBias']) setWeights(model, { ...values, itemBias: [0.5, -0.25, 0.75, 0, -1] })
}

/** A loss of the reference and what `regularizer` makes of the rows of layer 0. */
function objective(
  weights: readonly number[],
  batch: Batch,
  reference: Reference,
  regularizer: (rows: Rows) => number = () => 0,
) {
  return (parameters: Parameters64): number => {
    const layerZero = layerZero64(parameters, smallGraph.users)
    const final = filter64(operator, layerZero, weights)
    const items = (column: Int32Array) =>
      Array.from(column, (item) => row64(layerZero, smallGraph.users + item))
    const rows = [
      Array.from(batch.users, (user) => row64(layerZero, user)),
      items(batch.positives),
      items(batch.negatives),
    ]
    return reference({ final, batch, itemBias: parameters['itemBias'] }) + regularizer(rows)
  }
}

describeEachBackend('gradients against central differences', () => {
  for (const { name, create, weights } of models) {
    describe(`of ${name}`, () => {
      for (const [place, { loss, reference, batch = three }] of cases.entries()) {
        it(`agree, ${place}: ${JSON.stringify(loss)}`, async () => {
          const model = owned(create({ ...shape, loss, l2Weight: 0 }))
          await giveBiases(model)
          await expectGradients(model, batch, objective(weights, batch, reference))
        })
      }

      for (const l2Convention of ['mean-squares', 'sum-squares', 'mean-norms'] as const) {
        const options = { ...shape, l2Weight: 0.05, l2Convention }
        const onRows = (count: number) => (rows: Rows) =>
          0.05 * l264(rows.slice(0, count), users.length, l2Convention)

        it(`agree with L2 '${l2Convention}' on users, positives and negatives`, async () => {
          const model = owned(create({ ...options, loss: { name: 'bce' } }))
          const reference: Reference = (given) => bceSum64(given) / 28
          await expectGradients(model, three, objective(weights, three, reference, onRows(3)))
        })

        it(`agree with L2 '${l2Convention}' on users and positives if that is all the loss uses`, async () => {
          const model = owned(create({ ...options, loss: { name: 'direct-au' } }))
          const reference: Reference = (given) => directAu64(given, 1)
          await expectGradients(model, three, objective(weights, three, reference, onRows(2)))
        })
      }
    })
  }

  it('differ from those of a wrong reference', async () => {
    const wrong: readonly [LossSettings, Reference][] = [
      [{ name: 'bce' }, (given) => bceSum64(given, 1.001) / 28],
      [{ name: 'sampled-softmax' }, (given) => softmax64(given, cosine)],
      [{ name: 'sampled-softmax' }, (given) => softmax64(given, { ...cosine, chances: byPairs })],
      [{ name: 'direct-au' }, (given) => directAu64(given, 1.001)],
    ]
    for (const [loss, reference] of wrong) {
      const model = owned(new BprMf(graphOf(smallGraph), { ...shape, loss, l2Weight: 0 }))
      const checking = expectGradients(model, three, objective([1], three, reference))
      await expect(checking).rejects.toThrow()
    }
  })
})
