import { EmbeddingRecommender } from '@gnnrec/serving'
import { readModelFolder } from '@gnnrec/serving/model-folder'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  BprMf,
  Dgr,
  Gcnii,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  Random,
  SvdGcn,
} from '../../src/index.js'
import { graphOfEdges } from '../../src/layer-gcn/degree-drop.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes } from '../support/compare.js'
import { dense as denseEdges } from '../support/dgr.js'
import { type EdgeList, entriesOf, graphOf, owned, smallGraph } from '../support/graphs.js'
import {
  batchL264,
  bpr64,
  expectGradients,
  filter64,
  layerZero64,
  type Parameters64,
  symmetricOperator64,
} from '../support/reference.js'
import { dgrLoss64 } from '../support/reference-dgr.js'
import { gcniiLoss64 } from '../support/reference-gcnii.js'
import { groupShuffleLoss64 } from '../support/reference-group-shuffle.js'
import { layerGcnLoss64 } from '../support/reference-layer-gcn.js'
import { batchOf, weightValues } from '../support/training.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Weights that differ by much; repeated edges add up. */
const withWeights = (list: EdgeList): EdgeList => ({
  ...list,
  weights: list.edges.map((_, place) => [1, 12, 3, 0.5, 7][place % 5] as number),
})
const weighted = withWeights(smallGraph)
const operator = symmetricOperator64(weighted)
const l2Weight = 0.05
const options = { embeddingDim: 6, initialDeviation: 0.5, l2Weight }
// Rows repeat within and across the columns; the isolated user 5 and item 4 take part.
const batch = batchOf([0, 1, 1, 3, 6, 5, 0], [1, 2, 2, 0, 3, 2, 1], [4, 0, 3, 1, 4, 0, 2])

describeEachBackend('gradients on a graph of weights against central differences', () => {
  for (const layers of [1, 3]) {
    it(`agree for LightGcn with ${layers} layers`, async () => {
      const model = owned(new LightGcn(graphOf(weighted), { ...options, layers }))
      const mean = new Array<number>(layers + 1).fill(1 / (layers + 1))
      await expectGradients(model, batch, (parameters: Parameters64) => {
        const layerZero = layerZero64(parameters, weighted.users)
        const loss = bpr64(filter64(operator, layerZero, mean), batch)
        return loss + l2Weight * batchL264(layerZero, batch)
      })
    })
  }

  it('agree for LayerGcn', async () => {
    const settings = { userCount: weighted.users, layers: 2, l2Weight }
    const model = owned(new LayerGcn(graphOf(weighted), { ...options, layers: 2, edgePruning: 0 }))
    await expectGradients(model, batch, layerGcnLoss64(operator, settings, batch))
  })

  it('agree for Gcnii, whose loops weigh 1', async () => {
    const settings = {
      layers: 2,
      variant: 'gcnii',
      initialResidual: 0.2,
      identityDecay: 1.2,
      activation: 'identity',
      l2Weight,
    } as const
    const model = owned(new Gcnii(graphOf(weighted), { ...options, ...settings, head: 'linear' }))
    await expectGradients(model, batch, gcniiLoss64(weighted, settings, batch))
  })

  it('agree for GroupShuffle', async () => {
    const { embeddingDim: dim, ...more } = options
    const settings = {
      blockSize: 3,
      factors: 1,
      orthogonalMap: 'cayley',
      layers: 2,
      initialResidual: 0.3,
      l2Weight,
    } as const
    const model = owned(
      new GroupShuffle(graphOf(weighted), { embeddingDim: dim, ...more, ...settings }),
    )
    await expectGradients(model, batch, groupShuffleLoss64(weighted, { dim, ...settings }, batch))
  })

  it('agree for Dgr, with its neighbouring items', async () => {
    // Whole numbers, whose products the reference compares exactly.
    const list = { ...denseEdges, weights: denseEdges.edges.map((_, place) => 1 + (place % 4)) }
    const settings = {
      desmoothing: [0.3, 1.1],
      neighbours: 2,
      marginal: 'paper',
      neighbourWeight: 0.2,
      marginalWeight: 0.15,
      regularization: 'official',
      l2Weight: 0.6,
    } as const
    const model = owned(
      new Dgr(graphOf(list), {
        ...settings,
        embeddingDim: 5,
        initialization: 'normal',
        initialDeviation: 0.5,
        layers: 2,
        projection: 'exact',
      }),
    )
    await model.prepare()
    await expectGradients(model, batch, dgrLoss64(list, { ...settings, share: 1 }, batch))
  })

  it('differ from those of a graph without weights', async () => {
    const settings = { userCount: weighted.users, layers: 2, l2Weight }
    const model = owned(new LayerGcn(graphOf(weighted), { ...options, layers: 2, edgePruning: 0 }))
    const plain = layerGcnLoss64(symmetricOperator64(smallGraph), settings, batch)
    await expect(expectGradients(model, batch, plain)).rejects.toThrow()
  })
})

describe('a model of a graph of weights', () => {
  it('decomposes the weighted matrix when it is SVD-GCN', async () => {
    const graph = graphOf(weighted)
    const rank = 4
    const model = owned(new SvdGcn(graph, { variant: 'S', rank, degreeRegularization: 0 }))
    await model.prepare()
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const { weights } = await readModelFolder(files, { weights: true })
    const [u, s, v] = ['userVectors', 'singularValues', 'itemVectors'].map(
      (name) => weights?.get(name)?.data as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array]
    const nodes = weighted.users + weighted.items
    for (let user = 0; user < weighted.users; user++) {
      for (let item = 0; item < weighted.items; item++) {
        let entry = 0
        for (let k = 0; k < rank; k++) {
          entry += (u[user * rank + k]! * s[k]! * v[item * rank + k]!) as number
        }
        const expected = operator[user * nodes + weighted.users + item] as number
        expect(Math.abs(entry - expected)).toBeLessThan(1e-5)
      }
    }
  })

  it('is saved and loaded with its weights', async () => {
    const graph = graphOf(weighted)
    const model = owned(new LightGcn(graph, options))
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded = owned(await LightGcn.load(files))
    expect(loaded.graph.interactions).toEqual(graph.interactions)
    expect(loaded.graph.biadjacency().values).toEqual(graph.biadjacency().values)
    expectSameBytes(await weightValues(loaded), await weightValues(model))
    const plain: Record<string, Uint8Array> = {}
    await owned(new LightGcn(graphOf(smallGraph), options)).save(plain)
    expect(owned(await LightGcn.load(plain)).graph.isWeighted).toBe(false)
  })

  it('answers for weighted histories of its users as for them, where propagation makes their rows', async () => {
    const cases = [
      new LightGcn(graphOf(weighted), { ...options, layers: 1, layerWeights: [0, 1] }),
      new SvdGcn(graphOf(weighted), { variant: 'S', rank: 4, degreeRegularization: 2 }),
    ]
    for (const model of cases) {
      owned(model)
      const recommender = (await model.toRecommender()).withColdStart('model')
      const { userCount, itemCount, seen } = recommender
      const [own, asked] = [0, 1].map(() => new Float32Array(userCount * itemCount)) as [
        Float32Array,
        Float32Array,
      ]
      recommender.scoreUsers(
        Int32Array.from({ length: userCount }, (_, user) => user),
        own,
      )
      if (!(recommender instanceof EmbeddingRecommender)) throw new Error('no embeddings')
      recommender.scoreHistories(seen, asked)
      const most = Math.max(...own.map(Math.abs))
      asked.forEach((score, place) => {
        expect(Math.abs(score - (own[place] as number))).toBeLessThan(1e-5 * most)
      })
    }
  })

  it('keeps the weights of the edges that DegreeDrop leaves', () => {
    const graph = graphOf(weighted)
    const kept = graphOfEdges(graph, Int32Array.of(0, 3, 7))
    expect(kept.interactions.weights).toEqual(
      Float32Array.from([0, 3, 7], (edge) => graph.interactions.weights?.[edge] as number),
    )
    expect(entriesOf(weighted).length).toBe(graph.edgeCount)
  })

  it('says once when weights do not count', async () => {
    const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const graph = graphOf(weighted)
    for (let time = 0; time < 2; time++) {
      owned(new BprMf(graph, options))
      new Random(graph)
      owned(new LightGcn(graph, options))
      owned(new BprMf(graphOf(smallGraph), options))
    }
    const said = emitted.mock.calls.map(([message]) => message)
    expect(said).toEqual([
      expect.stringMatching(/^bpr-mf: the weights of the graph do not count/),
      'random: the weights of the graph do not count. They count in other models.',
    ])
  })
})
