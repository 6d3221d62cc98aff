import { type Batch, Rng } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { BprMf, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { allDirectedEdges, directedEdge, maskStream } from '../support/edge-mask.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import {
  batchL264,
  bpr64,
  expectGradients,
  filter64,
  layerZero64,
  type Parameters64,
  symmetricOperator64,
} from '../support/reference.js'
import { batchOf, trainSteps } from '../support/training.js'

// Users, positives and negatives repeat within and across the columns; the isolated user 5 and item
// 4 take part.
const users = [0, 1, 1, 3, 6, 5, 0]
const positives = [1, 2, 2, 0, 3, 2, 1]
const negatives = [4, 0, 3, 1, 4, 0, 2, 2, 4, 0, 1, 3, 4, 4, 2, 0, 0, 3, 3, 1, 4]
const batches: Record<string, Batch> = {
  'one negative': batchOf(users, positives, negatives.slice(0, 7)),
  'three negatives per positive': batchOf(users, positives, negatives),
}
const options = { embeddingDim: 6, initialDeviation: 0.5, l2Weight: 0.05 }

function referenceLoss(
  operator: Float64Array,
  weights: readonly number[],
  batch: Batch,
  l2Weight = options.l2Weight,
) {
  return (parameters: Parameters64) => {
    const layerZero = layerZero64(parameters, smallGraph.users)
    const final = filter64(operator, layerZero, weights)
    return bpr64(final, batch) + l2Weight * batchL264(layerZero, batch)
  }
}

const operator = symmetricOperator64(smallGraph)
const mean = (layers: number) => new Array<number>(layers + 1).fill(1 / (layers + 1))

describeEachBackend('gradients against central differences', () => {
  for (const [name, batch] of Object.entries(batches)) {
    describe(name, () => {
      it('agree for BprMf', async () => {
        const model = owned(new BprMf(graphOf(smallGraph), options))
        await expectGradients(model, batch, referenceLoss(operator, [1], batch))
      })

      for (const layers of [0, 1, 2, 3]) {
        it(`agree for LightGcn with ${layers} layers`, async () => {
          const model = owned(new LightGcn(graphOf(smallGraph), { ...options, layers }))
          await expectGradients(model, batch, referenceLoss(operator, mean(layers), batch))
        })
      }

      it('agree for LightGcn with layer weights', async () => {
        for (const layerWeights of [[0.7], [0, 0, 1], [0.5, -0.25, 0, 0.75]]) {
          const layers = layerWeights.length - 1
          const model = owned(
            new LightGcn(graphOf(smallGraph), { ...options, layers, layerWeights }),
          )
          await expectGradients(model, batch, referenceLoss(operator, layerWeights, batch))
        }
      })
    })
  }

  // Dropped edges are not the same in the two directions, so the way back needs the transpose.
  for (const layers of [1, 2, 3]) {
    it(`agree through dropped edges with ${layers} layers`, async () => {
      const graph = graphOf(smallGraph)
      const rng = Rng.fromSeed('mask')
      const kept = new Set(allDirectedEdges(graph).filter(() => rng.uniform() < 0.6))
      const nodes = graph.nodeCount
      const dropped = operator.map((value, place) =>
        kept.has(directedEdge(Math.floor(place / nodes), place % nodes)) ? value / 0.6 : 0,
      )
      const model = owned(new LightGcn(graph, { ...options, layers, edgeDropout: 0.4 }))
      model.beginEpoch(0, maskStream(graph, kept))
      const batch = batches['three negatives per positive'] as Batch
      await expectGradients(model, batch, referenceLoss(dropped, mean(layers), batch))
    })
  }

  it('come from BPR after several steps too, not from the regularizer alone', async () => {
    // A forward pass that outlives a step leaves BPR without a gradient from the second batch on.
    const batch = batches['one negative'] as Batch
    const graph = graphOf(smallGraph)
    const model = owned(new LightGcn(graph, { ...options, l2Weight: 0 }))
    for (const seed of [1, 2]) {
      trainSteps(model, { steps: 3, batchSize: 5, seed })
      await expectGradients(model, batch, referenceLoss(operator, mean(3), batch, 0))
    }
  })

  it('differ from those of a wrong reference', async () => {
    const batch = batches['one negative'] as Batch
    const model = owned(new LightGcn(graphOf(smallGraph), { ...options, layers: 2 }))
    const wrong = [
      referenceLoss(operator, [0.34, 0.33, 0.33], batch),
      referenceLoss(operator, mean(2), batch, 1.01 * options.l2Weight),
      referenceLoss(
        symmetricOperator64({ ...smallGraph, edges: smallGraph.edges.slice(1) }),
        mean(2),
        batch,
      ),
    ]
    for (const loss of wrong) await expect(expectGradients(model, batch, loss)).rejects.toThrow()
  })
})
