import { readdir } from 'node:fs/promises'
import { type GnnRecError, NonFiniteError } from '@gnnrec/graph'
import { Recommender, SerializationError } from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import { expect, it } from 'vitest'
import { BprMf, type GraphModel, LightGcn, Popularity } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes } from '../support/compare.js'
import { graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import {
  batchOf,
  evaluateLoss,
  output,
  setWeights,
  trainSteps,
  weightValues,
} from '../support/training.js'

type Files = Record<string, Uint8Array>

const list = randomGraph({ users: 30, items: 25, degree: 4 })
const options = { embeddingDim: 10, l2Weight: 0.01, seed: 'saved' }
const lightGcnOptions = { ...options, layers: 2, layerWeights: [0.5, 0.25, 0.25], edgeDropout: 0.1 }

/** Files of a saved model whose options were changed by hand, without the digest that would not fit. */
function changeOptions(files: Files, changed: object): Files {
  const { sha256: _, ...manifest } = JSON.parse(new TextDecoder().decode(files['model.json']))
  Object.assign(manifest.options, changed)
  return { ...files, 'model.json': new TextEncoder().encode(JSON.stringify(manifest)) }
}

async function savedFiles(model: GraphModel): Promise<Files> {
  const files: Files = {}
  await model.save(files)
  return files
}

describeEachBackend('a saved model', () => {
  const trained = (): LightGcn => {
    const model = owned(new LightGcn(graphOf(list), lightGcnOptions))
    trainSteps(model, { steps: 5 })
    model.splitHash = 'c0ffee'
    return model
  }

  const expectSame = async (loaded: GraphModel, model: GraphModel): Promise<void> => {
    expect(loaded.constructor).toBe(model.constructor)
    expect(loaded.options).toEqual(model.options)
    expect(loaded.splitHash).toBe(model.splitHash)
    expect(loaded.graph.users.ids).toEqual(model.graph.users.ids)
    expect(loaded.graph.items.ids).toEqual(model.graph.items.ids)
    expect(loaded.graph.interactions).toEqual(model.graph.interactions)
    expectSameBytes(await weightValues(loaded), await weightValues(model))
    expectSameBytes(output(loaded), output(model))
  }

  it('comes back from a folder with the same bytes and trains on alike', async () => {
    const folder = await temporaryFolder()
    const model = trained()
    await model.save(folder)
    const loaded = owned(await LightGcn.load(folder))
    await expectSame(loaded, model)
    const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
    expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
    expectSameBytes(await weightValues(loaded), await weightValues(model))
    await loaded.save(folder)
    await expectSame(owned(await LightGcn.load(folder)), model)
    expect((await readdir(folder)).length).toBe(6)
  })

  it('comes back from an object in memory, of either class', async () => {
    const bprMf = owned(new BprMf(graphOf(list), options))
    await expectSame(owned(await BprMf.load(await savedFiles(bprMf))), bprMf)
    const lightGcn = trained()
    const files = await savedFiles(lightGcn)
    const loaded = owned(await LightGcn.load(files))
    await expectSame(loaded, lightGcn)
    expect(await savedFiles(loaded)).toEqual(files)
  })

  it('comes back with isolated nodes', async () => {
    const model = owned(new LightGcn(graphOf(smallGraph), { embeddingDim: 3 }))
    await expectSame(owned(await LightGcn.load(await savedFiles(model))), model)
  })

  it('answers as its recommender does', async () => {
    const model = trained()
    const loaded = await Recommender.load(await savedFiles(model))
    const made = await model.toRecommender()
    expect(loaded.origin).toEqual(made.origin)
    expect(loaded.origin).toEqual({
      architecture: 'light-gcn',
      options: model.options,
      splitHash: 'c0ffee',
    })
    const ids = model.graph.users.ids
    expect(loaded.recommend(ids, { k: 9 })).toEqual(made.recommend(ids, { k: 9 }))
    expect(loaded.similarItems(3, { k: 4 })).toEqual(made.similarItems(3, { k: 4 }))
    const scores = [loaded, made].map((recommender) => {
      const out = new Float32Array(ids.length * recommender.itemCount)
      recommender.scoreUsers(
        Int32Array.from(ids, (_, user) => user),
        out,
      )
      return out
    })
    expect(scores[0]).toEqual(scores[1])
  })

  it('is a snapshot: training on changes neither recommender nor files nor weights', async () => {
    const model = owned(new BprMf(graphOf(list), options))
    const weights = await model.weights()
    const copy = new Map([...weights].map(([name, { data }]) => [name, data.slice()]))
    const recommender = await model.toRecommender()
    const before = recommender.recommend(3, { k: 5 })
    const restore = () => {
      for (const [name, { data }] of weights) expect(data, name).toEqual(copy.get(name))
    }
    trainSteps(model, { steps: 3 })
    restore()
    expect(recommender.recommend(3, { k: 5 })).toEqual(before)
    for (let round = 0; round < 2; round++) {
      model.restoreWeights(weights)
      expect(await model.weights()).toEqual(weights)
      trainSteps(model, { steps: 3 })
      restore()
    }
  })

  it('shares no array with who asks for its weights or gives it some', async () => {
    const model = owned(new BprMf(graphOf(list), options))
    const before = output(model)
    for (const { data } of (await model.weights()).values()) data.fill(7)
    expectSameBytes(output(model), before)
    const given = await model.weights()
    model.restoreWeights(given)
    for (const { data } of given.values()) data.fill(7)
    expectSameBytes(output(model), before)
  })

  for (const name of ['userEmbeddings', 'itemEmbeddings']) {
    it(`is kept when the ${name} have diverged meanwhile`, async () => {
      const folder = await temporaryFolder()
      const model = owned(new BprMf(graphOf(list), options))
      await model.save(folder)
      const good = await weightValues(model)
      const diverged = (good[name] as Float32Array).slice()
      diverged[33] = Number.NaN
      setWeights(model, { ...good, [name]: diverged })
      output(model)
      const before = memoryInUse()
      await expect(model.save(folder)).rejects.toThrow(NonFiniteError)
      await expect(model.toRecommender()).rejects.toThrow(NonFiniteError)
      expect(memoryInUse()).toEqual(before)
      expectSameBytes(await weightValues(owned(await BprMf.load(folder))), good)
    })
  }

  it('has a null split hash unless it was given one', async () => {
    const model = owned(new BprMf(graphOf(list)))
    expect(model.splitHash).toBeNull()
    expect(owned(await BprMf.load(await savedFiles(model))).splitHash).toBeNull()
  })
})

describeEachBackend('loading', () => {
  const expectRejection = async (loading: () => Promise<GraphModel>, ...parts: string[]) => {
    const before = memoryInUse()
    const error = await loading().then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(memoryInUse()).toEqual(before)
    for (const part of parts) expect(error?.message).toContain(part)
    return error
  }

  it('names the class that a folder of another one needs', async () => {
    const folder = await temporaryFolder()
    await owned(new BprMf(graphOf(list), options)).save(folder)
    const error = await expectRejection(
      () => LightGcn.load(folder),
      "has the architecture 'bpr-mf', not 'light-gcn'",
    )
    expect(error).toBeInstanceOf(SerializationError)
  })

  it('tells that a recommender saves no weights', async () => {
    const recommender = await owned(new BprMf(graphOf(list), options)).toRecommender()
    const popularity = new Popularity(graphOf(list))
    for (const saved of [recommender, popularity]) {
      const files: Files = {}
      await saved.save(files)
      await expectRejection(() => BprMf.load(files), 'no weights', 'Recommender.load')
    }
  })

  it('names an option that this version does not know, or that is out of range', async () => {
    const files = await savedFiles(owned(new LightGcn(graphOf(list), lightGcnOptions)))
    const newer = changeOptions(files, { selfLoops: true })
    await expectRejection(() => LightGcn.load(newer), "'selfLoops'", 'light-gcn')
    const wrong = changeOptions(files, { layers: 2.5 })
    await expectRejection(() => LightGcn.load(wrong), 'layers', '2.5')
  })

  it('refuses weights that do not fit the options, and leaves no tensor behind', async () => {
    const files = await savedFiles(owned(new LightGcn(graphOf(list), lightGcnOptions)))
    const wider = changeOptions(files, { embeddingDim: 12 })
    await expectRejection(() => LightGcn.load(wider), "'userEmbeddings'", '[30, 10]', '[30, 12]')
  })

  it('compares sizes with the saved shapes before it makes anything', async () => {
    const files = await savedFiles(owned(new LightGcn(graphOf(list), lightGcnOptions)))
    const arrayBytes = () => process.memoryUsage().arrayBuffers
    for (const changed of [
      { layers: 2 ** 31 - 1, layerWeights: undefined },
      { layers: 1e9 },
      { embeddingDim: 4_000_000 },
      { embeddingDim: 2 ** 31 },
      { embeddingDim: 16_384 },
      { embeddingDim: 1e300 },
    ]) {
      const before = arrayBytes()
      const name = 'layers' in changed ? 'layers' : 'mbedding'
      const error = await expectRejection(() => LightGcn.load(changeOptions(files, changed)), name)
      expect((error as GnnRecError).code).toMatch(/^(SERIALIZATION|SHAPE_MISMATCH)$/)
      expect(arrayBytes() - before).toBeLessThan(2 ** 22)
    }
    // Options that change no shape are believed.
    owned(await LightGcn.load(changeOptions(files, { layers: 1, layerWeights: [1, 1] })))
  })

  it('frees all that it made when the model is disposed, used or not', async () => {
    const model = owned(new LightGcn(graphOf(list), lightGcnOptions))
    trainSteps(model, { steps: 2 })
    const files = await savedFiles(model)
    const before = memoryInUse()
    const unused = await LightGcn.load(files)
    unused.dispose()
    expect(memoryInUse()).toEqual(before)
    const used = await LightGcn.load(files)
    output(used)
    trainSteps(used, { steps: 3 })
    used.dispose()
    expect(memoryInUse()).toEqual(before)
    const own = graphOf(list)
    const given = new LightGcn(own, lightGcnOptions)
    output(given)
    const kept = memoryInUse().kernelBytes
    given.dispose()
    // Others may use a graph that was given.
    expect(memoryInUse().kernelBytes).toBeLessThanOrEqual(kept)
    own.dispose()
    expect(memoryInUse()).toEqual(before)
  })

  it('refuses a folder that is not there', async () => {
    await expectRejection(() => LightGcn.load('/nowhere/at/all'), '/nowhere/at/all')
    await expectRejection(() => LightGcn.load({}), 'no model.json')
  })
})

describeEachBackend('restoreWeights', () => {
  const model = () => owned(new BprMf(graphOf(smallGraph), { embeddingDim: 2 }))
  const right = () =>
    new Map([
      ['userEmbeddings', { shape: [7, 2], data: new Float32Array(14) }],
      ['itemEmbeddings', { shape: [5, 2], data: new Float32Array(10) }],
    ])

  for (const [name, change, message] of [
    ['missing', { userEmbeddings: undefined }, "lack 'userEmbeddings'"],
    ['unknown', { bias: { shape: [1], data: new Float32Array(1) } }, "have 'bias'"],
    [
      'of another shape',
      { itemEmbeddings: { shape: [2, 5], data: new Float32Array(10) } },
      '[2, 5]',
    ],
    ['too short', { itemEmbeddings: { shape: [5, 2], data: new Float32Array(9) } }, '9 numbers'],
    ['of integers', { itemEmbeddings: { shape: [5, 2], data: new Int32Array(10) } }, 'Int32Array'],
  ] as const) {
    it(`refuses a tensor that is ${name} and changes nothing`, async () => {
      const own = model()
      const before = await weightValues(own)
      const changed = { ...Object.fromEntries(right()), ...change }
      const weights = new Map<string, HostTensor>(
        Object.entries(changed).flatMap(([key, tensor]) => (tensor ? [[key, tensor]] : [])),
      )
      expect(() => own.restoreWeights(weights)).toThrow(message)
      expectSameBytes(await weightValues(own), before)
    })
  }

  it('takes effect in the next loss', async () => {
    const own = model()
    own.restoreWeights(right())
    const { total } = evaluateLoss(own, batchOf([0], [1], [2]))
    expect(total).toBeCloseTo(Math.log(2), 6)
  })
})
