import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, type GraphModel, LightGcn, models, SvdGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Finding, Trainer, type TrainerOptions } from '../../src/index.js'
import { CopyingModel } from '../support/failing-models.js'
import { plantedBlocks } from '../support/splits.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

const split = plantedBlocks(7, 20)
const graph = BipartiteGraph.fromInteractions(split.train)
type Changes = Partial<TrainerOptions>

/** Trains for few epochs, and returns the findings, whether training was stopped or not. */
async function findingsOf(model: GraphModel, changes: Changes = {}): Promise<Finding[]> {
  const findings: Finding[] = []
  const progress = { finding: (finding: Finding) => findings.push(finding) }
  const options = { split, epochs: 10, batchSize: 20, learningRate: 5e-3, metrics: ['ndcg@10'] }
  try {
    await new Trainer({ ...options, model, ...changes, progress }).fit()
  } catch (error) {
    expect(error).toMatchObject({ code: 'DEGENERATE_MODEL' })
  }
  model.dispose()
  return findings
}

const lightGcn = (options: object = {}) => new LightGcn(graph, { embeddingDim: 16, ...options })
const sgd = { optimizer: { name: 'sgd' } } as const

describe('a loss that does not move is found, and the setting is named', () => {
  const byTraining: readonly (readonly [string, Changes])[] = [
    ['learningRate: 1e-12', { learningRate: 1e-12 }],
    ['learningRate: 1e-20', { learningRate: 1e-20, metrics: [] }],
    ['learningRate: 1e-12', { learningRate: 1e-12, ...sgd }],
    ['learningRate: 1e-7', { learningRate: 1e-7 }],
    ['clipNorm: 1e-12', { clipNorm: 1e-12 }],
    ['clipNorm: 1e-12', { clipNorm: 1e-12, ...sgd, learningRate: 0.1 }],
    ['clipValue: 1e-12', { clipValue: 1e-12 }],
    ['optimizer.epsilon: 1000000', { optimizer: { name: 'adam', epsilon: 1e6 } }],
    ['schedule: 0 ', { schedule: () => 0 }],
    ['schedule: 1e-9', { schedule: ({ epoch }) => (epoch < 0 ? 1 : 1e-9) }],
  ]
  it.each(byTraining)('%s', async (setting, changes) => {
    const [first, ...others] = await findingsOf(lightGcn(), changes)
    expect(first).toMatchObject({ code: 'unmoved-loss', level: 'warn' })
    expect(first?.message).toMatch(/^The loss has not moved/)
    expect(first?.message).toContain(`Most likely to blame is ${setting}`)
    expect(others).toEqual([])
  })

  it.each([1e2, 1e4, 1e6, 1e9])('l2Weight: %s, not the code of the model', async (l2Weight) => {
    const svdGcn = { embeddingDim: 16, rank: 10, variant: 'M', l2Weight } as const
    for (const make of [
      () => lightGcn({ l2Weight }),
      () => new BprMf(graph, { embeddingDim: 16, l2Weight }),
      () => new SvdGcn(graph, svdGcn),
    ]) {
      for (const metrics of [[], ['ndcg@10']]) {
        const findings = await findingsOf(make(), { metrics })
        const found = findings.find(({ code }) => code === 'unmoved-loss')
        expect(found?.message).toContain(`Most likely to blame is l2Weight: ${l2Weight}`)
        expect(findings.map(({ code }) => code)).not.toContain('no-data-gradient')
      }
    }
  })

  it('learningRate, though a parameter starts at zero', async () => {
    const options = { loss: { name: 'bpr', itemBias: true } }
    const [found] = await findingsOf(lightGcn(options), { learningRate: 1e-12 })
    expect(found?.message).toContain('Most likely to blame is learningRate')
  })

  it('a start that is too large, and L2 that is a little too strong, after a while', async () => {
    const long = { epochs: 130, metrics: [] }
    for (const options of [{ initialDeviation: 1000 }, { l2Weight: 3 }]) {
      const [found] = await findingsOf(lightGcn(options), long)
      const [name] = Object.keys(options)
      expect(found?.code).toBe('unmoved-loss')
      expect(found?.message).toContain(`Most likely to blame is ${name}`)
    }
  })
})

describe('nothing is said of a loss', () => {
  it.each(models.names({ isTrained: true }))(
    'that %s moves, however short the training',
    async (name) => {
      for (const epochs of [1, 2, 12]) {
        const options = { embeddingDim: 16, ...(name === 'svd-gcn' && { rank: 10, variant: 'M' }) }
        const model = models.createTrained(graph, { architecture: name, options })
        expect(await findingsOf(model as GraphModel, { epochs })).toEqual([])
      }
    },
  )

  it('that is low from the start, as of a model that has been trained before', async () => {
    const model = lightGcn()
    const options = { split, batchSize: 20, progress: 'none' } as const
    await new Trainer({ ...options, model, epochs: 150, learningRate: 0.05 }).fit()
    for (const learningRate of [5e-3, 1e-4]) {
      const { findings } = await new Trainer({ ...options, model, epochs: 130, learningRate }).fit()
      expect(findings).toEqual([])
    }
  })

  it('while the rate warms up or the schedule begins at zero', async () => {
    for (const schedule of [
      { name: 'linear-warmup', epochs: 8 } as const,
      ({ epoch }: { epoch: number }) => (epoch < 3 ? 0 : 1),
    ]) {
      expect(await findingsOf(lightGcn(), { schedule })).toEqual([])
    }
  })

  it('whose gradient the code of the model cuts, which another guard says', async () => {
    const findings = await findingsOf(new CopyingModel(graph, { wholeTableDecay: 1e-4 }))
    expect(findings.map(({ code }) => code)).toEqual(['no-data-gradient'])
  })

  it('where nothing is trained', async () => {
    expect(await findingsOf(new SvdGcn(graph, { rank: 10 }))).toEqual([])
  })

  it('when the guard is off', async () => {
    const off = { guards: { 'unmoved-loss': 'off' }, learningRate: 1e-12 } as const
    expect(await findingsOf(lightGcn(), off)).toEqual([])
  })
})
