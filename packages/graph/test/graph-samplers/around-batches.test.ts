import { BatchIterator, Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { AroundBatches, NeighbourSampler } from '../../src/graph-samplers/index.js'
import { unevenGraph } from './support.js'

const graph = unevenGraph()
const rng = Rng.fromSeed(2)

const make = (usesNegatives: boolean) =>
  new AroundBatches(new BatchIterator(graph, { batchSize: 7, negativesPerPositive: 2, rng }), {
    sampler: new NeighbourSampler(graph, { fanOuts: [1], rng }),
    usesNegatives,
  })

it('puts a sample around the nodes of each batch', () => {
  const plain = [
    ...new BatchIterator(graph, { batchSize: 7, negativesPerPositive: 2, rng }).epoch(3),
  ]
  const batches = [...make(true).epoch(3)]
  expect(batches.map(({ sampled: _, ...batch }) => batch)).toEqual(plain)
  for (const { users, positives, negatives, sampled } of batches) {
    expect(() => sampled?.placesOfUsers(users)).not.toThrow()
    expect(() => sampled?.placesOfItems(positives)).not.toThrow()
    expect(() => sampled?.placesOfItems(negatives)).not.toThrow()
  }
  expect(make(true).stepsPerEpoch).toBe(plain.length)
})

it('leaves out negatives that the loss has no use for', () => {
  const batches = [...make(false).epoch(3)]
  const isSmaller = batches.map(
    ({ sampled }, step) =>
      (sampled?.items.length as number) <
      ([...make(true).epoch(3)][step]?.sampled?.items.length as number),
  )
  expect(isSmaller).toContain(true)
})

it('makes any batch without those before it, with the same sample', () => {
  const all = [...make(true).epoch(1)]
  const rest = [...make(true).epoch(1, { startStep: 4 })]
  expect(rest.length).toBeGreaterThan(2)
  expect(rest).toEqual(all.slice(4))
})

it('puts items that the loss looks at besides into the sample', () => {
  const besides = ({ positives }: { positives: Int32Array }) =>
    positives.map((item) => graph.itemCount - 1 - item)
  const batches = new AroundBatches(new BatchIterator(graph, { batchSize: 7, rng }), {
    sampler: new NeighbourSampler(graph, { fanOuts: [1], rng }),
    usesNegatives: true,
    otherItems: besides,
  })
  for (const batch of batches.epoch(0)) {
    expect(() => batch.sampled?.placesOfItems(besides(batch))).not.toThrow()
    expect(() => batch.sampled?.placesOfItems(batch.negatives)).not.toThrow()
  }
})
