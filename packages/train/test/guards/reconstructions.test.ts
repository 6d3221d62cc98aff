import { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  DegenerateModelError,
  type Finding,
  Trainer,
  type TrainerOptions,
} from '../../src/index.js'
import {
  CachingModel,
  ConstantModel,
  FrozenModel,
  GradientlessModel,
  HalfCachingModel,
  OwnModel,
} from '../support/failing-models.js'
import { plantedBlocks } from '../support/splits.js'

const split = plantedBlocks(7)
const graph = BipartiteGraph.fromInteractions(split.train)

/** 28 steps an epoch, as the Python system had on ml-latest-small. */
const settings = {
  epochs: 3,
  batchSize: Math.ceil(graph.edgeCount / 28),
  learningRate: 1e-3,
  sampling: 'user-uniform',
  progress: { warning: () => {} },
} as const

/** Findings within three epochs, without and with an end by `'stop'`. */
async function findingsOf(model: GraphModel, changes: Partial<TrainerOptions> = {}) {
  const findings: Finding[] = []
  try {
    for await (const event of new Trainer({ model, split, ...settings, ...changes }).run()) {
      if (event.type === 'finding') findings.push(event)
    }
  } catch (error) {
    if (!(error instanceof DegenerateModelError)) throw error
    expect(findings).toContainEqual({ type: 'finding', ...error.finding })
  }
  model.dispose()
  return findings.map(({ code, epoch }) => `${code} after ${epoch}`)
}

beforeAll(() => useBackend('simd', { threads: 2 }))

describe('the guards find within three epochs', () => {
  it('embeddings that are computed anew without gradient, and decay alone acts', async () => {
    // The decay of weights 1e-4 in the loss and in Adam, of tables that start at 0.01.
    const decay = { initialDeviation: 0.01, wholeTableDecay: 1.5e-4 }
    const found = await findingsOf(new GradientlessModel(graph, decay))
    expect(found).toContain('no-data-gradient after 1')
    const warned = await findingsOf(new GradientlessModel(graph, decay), {
      guards: { 'no-data-gradient': 'warn' },
    })
    expect(warned).toContain('shrinking-parameters after 3')
  })

  it('embeddings that are computed once an epoch', async () => {
    const model = () => new CachingModel(graph, { wholeTableDecay: 1.5e-4 })
    expect(await findingsOf(model())).toContain('no-data-gradient after 1')
    const warned = await findingsOf(model(), { guards: { 'no-data-gradient': 'warn' } })
    expect(warned).toContain('stale-embeddings after 1')
  })

  it('embeddings of which a part is computed once an epoch', async () => {
    expect(await findingsOf(new HalfCachingModel(graph))).toEqual(['stale-embeddings after 1'])
  })

  it('embeddings that rank and are never computed anew', async () => {
    expect(await findingsOf(new FrozenModel(graph))).toEqual(['stale-embeddings after 3'])
  })

  it('decay of whole tables, applied twice', async () => {
    // Zero is stable from the largest singular value of ½(Pr⁺ - Pr⁻) on: 0.006 on these blocks.
    const decay = { initialDeviation: 0.01, wholeTableDecay: 1.5e-2 }
    const found = await findingsOf(new OwnModel(graph, { ...decay, layers: 0 }))
    expect(found).toContain('shrinking-parameters after 3')
    const propagated = await findingsOf(new OwnModel(graph, decay))
    expect(propagated).toContain('shrinking-parameters after 3')
  })

  it('a small initialization that the class has of its own, in the settings after the fix', async () => {
    const model = new GradientlessModel(graph, {
      initialDeviation: 0.1,
      actualDeviation: 0.01,
      wholeTableDecay: 1.5e-5,
    })
    const found = await findingsOf(model, {
      epochs: 6,
      learningRate: 1e-4,
      schedule: { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.01 },
    })
    expect(found).toEqual(['small-initialization after 0', 'no-data-gradient after 1'])
  })

  it.each([['with'], ['without']])('scores that are constant, %s an evaluation', async (given) => {
    const metrics = given === 'with' ? { metrics: ['ndcg@5'] } : {}
    const found = await findingsOf(new ConstantModel(graph), metrics)
    expect(found).toContain('tied-scores after 1')
  })
})

it('finds nothing in the same model without the mistakes', async () => {
  expect(await findingsOf(new OwnModel(graph), { metrics: ['ndcg@5'] })).toEqual([])
  const small = new OwnModel(graph, { initialDeviation: 0.01, wholeTableDecay: 1e-6 })
  expect(await findingsOf(small, { metrics: ['ndcg@5'] })).toEqual([])
})
