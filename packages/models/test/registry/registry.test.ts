import { BipartiteGraph, fromRecords, InvalidOptionsError } from '@gnnrec/graph'
import { type NodeTensors, useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  BprMf,
  EmbeddingModel,
  type EmbeddingOptions,
  Gcnii,
  LightGcn,
  ModelRegistry,
  models,
  Popularity,
  Random,
  type ResolvedEmbeddingOptions,
} from '../../src/index.js'
import { architectureName } from '../../src/registry/architecture-name.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

const names = models.names()

class OwnModel extends EmbeddingModel {
  static override readonly architecture: string = 'own-model'

  constructor(graph: BipartiteGraph, options: EmbeddingOptions = {}) {
    super(graph, {
      embeddingDim: 8,
      initialDeviation: 0.1,
      seed: 0,
      ...options,
    } as ResolvedEmbeddingOptions & Readonly<Record<string, unknown>>)
  }

  override layerOutputs(): NodeTensors[] {
    return [this.forward()]
  }

  protected override forwardBatch(): NodeTensors {
    return this.layerZero
  }
}

describe('the registry', () => {
  it('names each class as its class is called, in kebab case', () => {
    expect(names.length).toBeGreaterThan(0)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(architectureName(models.get(name).name)).toBe(name)
  })

  it('lists the models with an ability', () => {
    const registry = new ModelRegistry([Popularity, Random, BprMf, LightGcn, Gcnii])
    expect(registry.names({ isTrained: false })).toEqual(['popularity', 'random'])
    expect(registry.names({ files: true })).toEqual(['light-gcn'])
    expect(registry.names({ isTrained: true, sampledGraphs: false })).toEqual(['bpr-mf'])
    expect(registry.names({ isTrained: false, isSeeded: true })).toEqual(['random'])
  })

  it.each(names)('makes %s, which becomes a recommender of the ids of its graph', async (name) => {
    const list = randomGraph({ users: 12, items: 10, degree: 4 })
    const graph = BipartiteGraph.fromInteractions(
      fromRecords(
        list.edges.map(([user, item]) => ({ user: `user ${user}`, item: `item ${item}` })),
      ),
    )
    const options = name === 'svd-gcn' ? { rank: 4 } : {}
    const model = models.create(graph, { architecture: name, options })
    expect(model.architecture).toBe(name)
    model.splitHash = 'ab'
    await model.prepare()
    const recommender = await model.toRecommender()
    expect(recommender.origin).toEqual({
      architecture: name,
      options: model.options,
      splitHash: 'ab',
    })
    const items: readonly string[] = recommender.recommend('user 1', { k: 1 }).items
    expect(items[0]).toMatch(/^item /)
    model.dispose()
  })

  it('takes a class of one’s own, by itself or by name', () => {
    const graph = graphOf(randomGraph({ users: 12, items: 10, degree: 4 }))
    const own = models.with(OwnModel)
    const options = { embeddingDim: 4 }
    for (const model of [
      models.create(graph, { architecture: OwnModel, options }),
      own.create(graph, { architecture: 'own-model', options }),
    ]) {
      expect(owned(model as OwnModel)).toBeInstanceOf(OwnModel)
      expect(model.options).toMatchObject(options)
    }
    expect(own.names()).toEqual([...names, 'own-model'])
    expect(models.has('own-model')).toBe(false)
  })

  it('makes a model that is trained where one is needed', () => {
    const graph = graphOf(randomGraph({ users: 12, items: 10, degree: 4 }))
    const model = owned(models.createTrained(graph, { architecture: 'bpr-mf' }))
    expect(model.architecture).toBe('bpr-mf')
    expect(() => models.createTrained(graph, { architecture: 'ease' })).toThrow(
      /got 'ease', which is not trained; expected one of bpr-mf, /,
    )
  })

  it('refuses names that are unknown, missing or taken', () => {
    expect(() => models.get('LightGcn')).toThrow(InvalidOptionsError)
    expect(() => models.get('LightGcn')).toThrow(
      /got "LightGcn"; expected popularity, .*group-shuffle/,
    )
    class Twin extends Popularity {}
    expect(() => models.with(Twin)).toThrow("Two model classes have the architecture 'popularity'")
    class Nameless extends OwnModel {
      static override readonly architecture: string = ''
    }
    expect(() => new ModelRegistry([Nameless])).toThrow('The model class Nameless has no name')
  })
})
