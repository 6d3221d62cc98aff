import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { BprMf, LayerGcn, LightGcn, type LossFunction, losses } from '../../src/index.js'

await useBackend('cpu')

const graph = BipartiteGraph.fromInteractions(
  fromRecords(Array.from({ length: 30 }, (_, at) => ({ user: at % 6, item: (at * 7) % 11 }))),
)
const batch = {
  users: Int32Array.of(0, 1, 2),
  positives: Int32Array.of(1, 2, 3),
  negatives: Int32Array.of(4, 5, 6),
}

/** Bayesian personalized ranking, written out. */
const ownBpr: LossFunction = ({ users, positives, negatives }) => {
  const scores = (items: tf.Tensor2D) => tf.sum<tf.Tensor1D>(tf.mul(users, items), 1)
  return losses.bpr(scores(positives), scores(negatives))
}

it('trains with a function as with the loss that it computes', () => {
  for (const Model of [BprMf, LightGcn, LayerGcn]) {
    const options = { embeddingDim: 4, l2Weight: 0.1, seed: 3 }
    const own = new Model(graph, { ...options, loss: ownBpr })
    const known = new Model(graph, { ...options, loss: { name: 'bpr', reduction: 'mean' } })
    const value = ({ loss }: Pick<BprMf, 'loss'>) => loss
    expect(value(own).call(own, batch).dataSync()[0]).toBeCloseTo(
      value(known).call(known, batch).dataSync()[0],
      6,
    )
    expect(Object.keys(own.lossTerms(batch).terms)).toEqual(['own', 'l2'])
    const gradients = (model: InstanceType<typeof Model>) => {
      const parameters = Object.values(model.parameters())
      const { grads } = tf.variableGrads(() => model.loss(batch), parameters)
      return Object.values(grads).map((each) => Array.from(each.dataSync(), (x) => x.toFixed(6)))
    }
    expect(gradients(own)).toEqual(gradients(known))
  }
})

it('takes parts with weights', () => {
  const model = new BprMf(graph, {
    l2Weight: 0,
    loss: (input) => ({
      bpr: { value: ownBpr(input) as tf.Scalar, weight: 1 },
      size: { value: tf.mean<tf.Scalar>(tf.square(input.users)), weight: 0.5 },
    }),
  })
  const { total, terms } = model.lossTerms(batch)
  expect(Object.keys(terms)).toEqual(['bpr', 'size', 'l2'])
  expect(total.dataSync()[0]).toBeCloseTo(
    terms['bpr'].dataSync()[0] + 0.5 * terms['size'].dataSync()[0],
    6,
  )
})

it('saves the name alone; a loaded model recommends, and says what it lacks when it is trained', async () => {
  const model = new LightGcn(graph, { embeddingDim: 4, loss: ownBpr })
  const files: Record<string, Uint8Array> = {}
  await model.save(files)
  expect(JSON.parse(new TextDecoder().decode(files['model.json'])).options.loss).toEqual({
    name: 'own',
  })
  const list = (await Recommender.load(files)).recommend(2, { k: 3 })
  const loaded = await LightGcn.load(files)
  expect((await loaded.toRecommender()).recommend(2, { k: 3 })).toEqual(list)
  expect(() => loaded.loss(batch)).toThrow('whose function is not saved')
  const again = new LightGcn(graph, { embeddingDim: 4, loss: ownBpr })
  again.restoreWeights(await loaded.weights())
  expect(again.loss(batch).dataSync()).toEqual(model.loss(batch).dataSync())
})

it('takes the name of a loss alone', () => {
  const short = new BprMf(graph, { loss: 'bce' })
  const long = new BprMf(graph, { loss: { name: 'bce' } })
  expect(short.options).toEqual(long.options)
  expect(short.loss(batch).dataSync()).toEqual(long.loss(batch).dataSync())
})

it('refuses what a function returns that is no loss', () => {
  for (const wrong of [5, undefined, tf.tensor1d([1, 2]), {}, { own: { value: 1, weight: 1 } }]) {
    const model = new BprMf(graph, { loss: (() => wrong) as never })
    expect(() => model.loss(batch)).toThrow('expected a scalar tensor')
  }
})
