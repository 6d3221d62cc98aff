import { EmptySplitError } from '@gnnrec/eval'
import {
  BipartiteGraph,
  InvalidInteractionsError,
  InvalidOptionsError,
  type SamplingStrategy,
  ShapeMismatchError,
} from '@gnnrec/graph'
import { BprMf, Popularity } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { AlreadyFittedError, schedules, Trainer, type TrainerOptions } from '../src/index.js'
import { plantedBlocks, splitOf } from './support/splits.js'

const split = plantedBlocks(1, 12)
const graph = BipartiteGraph.fromInteractions(split.train)
const model = new BprMf(graph, { embeddingDim: 4 })
const good = {
  model,
  split,
  epochs: 2,
  batchSize: 64,
  learningRate: 0.01,
  sampling: 'user-uniform',
  progress: 'none',
} satisfies Partial<TrainerOptions> as TrainerOptions
const trainerWith = (changes: object) => new Trainer({ ...good, ...changes })

describe('Trainer options', () => {
  it.each([
    ...[{ epochs: 0 }, { epochs: -3 }, { epochs: 1.5 }, { epochs: '7' }, { epochs: 2 ** 31 }],
    ...[{ batchSize: 0 }, { batchSize: -1 }, { batchSize: 2.5 }],
    ...[{ learningRate: 0 }, { learningRate: -1 }, { learningRate: Number.NaN }],
    ...[{ learningRate: '1e-3' }, { learningRate: Number.POSITIVE_INFINITY }],
    ...[{ sampling: 'uniform' }],
    ...[{ negativesPerPositive: 0 }, { negatives: 'popular' }],
    ...[{ negatives: { popularityExponent: -1 } }, { clipNorm: 0 }, { clipNorm: -1 }],
    ...[{ clipValue: 0 }, { accumulateSteps: 0 }, { accumulateSteps: 1.5 }, { resume: '' }],
    ...[{ checkpoint: '' }, { checkpoint: {} }, { checkpoint: { folder: 'x', every: 2 } }],
    ...[{ checkpoint: { folder: 'x', keepLast: 0 } }, { resume: 'latest' }],
    ...[{ schedule: 'cosine' }, { schedule: { name: 'cosin' } }, { schedule: null }],
    ...[{ evaluateEvery: 0 }, { evaluateEvery: 1.5 }, { metrics: 'ndcg@5' }, { metrics: ['ndcg'] }],
    ...[{ earlyStopping: { metric: 'ndcg@5' } }, { earlyStopping: { metric: 'x@5', patience: 3 } }],
    ...[{ earlyStopping: { metric: 'ndcg@5', patience: 0 } }],
    ...[{ earlyStopping: { metric: 'ndcg@5', patience: 3, minimumChange: -1 } }],
    ...[
      { log: '' },
      { log: 3 },
      { seed: null },
      { progress: 'bars' },
      { progress: {} },
      { progress: { epoch: 3 } },
    ],
    ...[{ handleInterrupt: 1 }, { model: null }, { split: {} }, { split: null }],
  ])('rejects %o and names the field', (changes) => {
    const [field] = Object.keys(changes)
    expect(() => trainerWith(changes)).toThrow(InvalidOptionsError)
    const words =
      // Metrics of early stopping are checked together with the others.
      field === 'earlyStopping' ? /earlyStopping|metrics/ : new RegExp(`${field}|option 'every'`)
    expect(() => trainerWith(changes)).toThrow(words)
  })

  it('answers a misspelt name with the nearest', () => {
    expect(() => trainerWith({ learningrate: 0.1 })).toThrow(/did you mean 'learningRate'\?/)
    expect(() => trainerWith({ metrics: ['ndgc@5'] })).toThrow(/did you mean 'ndcg@5'\?/)
  })

  it('rejects a recommender or a baseline in place of a model', async () => {
    const baseline = new Popularity(graph)
    for (const model of [baseline, await baseline.toRecommender()]) {
      expect(() => trainerWith({ model })).toThrow(/model: .*GraphModel/)
    }
  })

  it('rejects a cut-off above the number of items, in both places', () => {
    const metric = `ndcg@${graph.itemCount + 1}`
    const message = new RegExp(`there are ${graph.itemCount}`)
    expect(() => trainerWith({ metrics: [metric] })).toThrow(message)
    expect(() => trainerWith({ earlyStopping: { metric, patience: 1 } })).toThrow(message)
    expect(() => trainerWith({ metrics: [`ndcg@${graph.itemCount}`] })).not.toThrow()
  })

  it('rejects a look at the test part', () => {
    for (const metric of ['test ndcg@5', 'test/ndcg@5', 'test']) {
      expect(() => trainerWith({ earlyStopping: { metric, patience: 2 } })).toThrow(
        /must not look at the test part/,
      )
      expect(() => trainerWith({ metrics: [metric] })).toThrow(InvalidOptionsError)
    }
  })

  it('rejects a plateau with nothing to watch, and a schedule longer than the training', () => {
    const plateau = { name: 'reduce-on-plateau' }
    expect(() => trainerWith({ schedule: plateau })).toThrow(/needs something to watch/)
    expect(() => trainerWith({ schedule: plateau, metrics: ['ndcg@5'] })).not.toThrow()
    const onLoss = { schedule: plateau, earlyStopping: { metric: 'loss', patience: 2 } }
    expect(() => trainerWith(onLoss)).not.toThrow()
    const parts = [
      { schedule: { name: 'constant' }, epochs: 5 },
      { schedule: { name: 'linear-warmup', epochs: 2 } },
    ]
    const schedule = { name: 'sequence', parts }
    expect(() => trainerWith({ schedule })).toThrow(/got 2, but the parts .* take 7 at least/)
    expect(() => trainerWith({ schedule, epochs: 7 })).not.toThrow()
  })

  it('rejects a validation part that is the test part, if it is to be evaluated', () => {
    const parts = { itemCount: 3, train: [[0], [2]], validation: [[1], [0]] }
    const same = splitOf({ ...parts, test: [[1], [0]] })
    const own = new BprMf(BipartiteGraph.fromInteractions(same.train))
    expect(() => trainerWith({ model: own, split: same, metrics: ['ndcg@1'] })).toThrow(
      /validation part is its test part/,
    )
    expect(() => trainerWith({ model: own, split: same })).not.toThrow()
    const other = splitOf({ ...parts, test: [[1], [1]] })
    expect(() => trainerWith({ model: own, split: other, metrics: ['ndcg@1'] })).not.toThrow()
  })

  it('rejects evaluateEvery without a metric', () => {
    expect(() => trainerWith({ evaluateEvery: 2 })).toThrow(/no metric to evaluate/)
  })

  it('rejects an empty validation part only if it is to be evaluated', () => {
    const empty = splitOf({ itemCount: 3, train: [[0, 1], [2]] })
    const own = new BprMf(BipartiteGraph.fromInteractions(empty.train))
    const given = { model: own, split: empty }
    const earlyStopping = { metric: 'ndcg@1', patience: 2 }
    for (const asked of [{ earlyStopping }, { metrics: ['ndcg@1'] }, { evaluateEvery: 3 }]) {
      expect(() => trainerWith({ ...given, ...asked })).toThrow(EmptySplitError)
    }
    expect(() => trainerWith(given)).not.toThrow()
  })

  it('rejects a warm-up longer than the training', () => {
    const name = 'warmup-cosine'
    for (const schedule of [
      { name, warmupEpochs: 3, finalFraction: 0.1 },
      schedules.warmupCosine({ warmupEpochs: 3 }),
    ]) {
      expect(() => trainerWith({ schedule })).toThrow(/got 2, fewer than the 3 warm-up epochs/)
      expect(() => trainerWith({ schedule, epochs: 3 })).not.toThrow()
    }
  })

  it.each([Number.NaN, -0.1, Number.POSITIVE_INFINITY, undefined])(
    'rejects a schedule that gives %s',
    (factor) => {
      expect(() => trainerWith({ schedule: () => factor as number })).toThrow(
        /schedule: got .* for epoch 0, step 0/,
      )
    },
  )

  it('rejects a schedule that goes wrong later, when it does', async () => {
    const own = new BprMf(graph, { embeddingDim: 4 })
    const { useBackend } = await import('@gnnrec/ops')
    await useBackend('cpu')
    const schedule = ({ epoch }: { epoch: number }) => (epoch === 1 ? Number.NaN : 1)
    const trainer = trainerWith({ model: own, schedule })
    await expect(trainer.fit()).rejects.toThrow(/schedule: got NaN for epoch 1, step 0/)
    own.dispose()
  })

  it('rejects a sampling that the loss of the model does not correct for', () => {
    const withLoss = (sampling: SamplingStrategy, logQ = true) =>
      new BprMf(graph, { loss: { name: 'sampled-softmax', sampling, logQ } })
    const shuffled = withLoss('interaction-shuffle')
    expect(() => trainerWith({ model: shuffled })).toThrow(InvalidOptionsError)
    expect(() => trainerWith({ model: shuffled })).toThrow(
      "sampling: got 'user-uniform', but the loss of the bpr-mf corrects for 'interaction-shuffle'",
    )
    for (const fitting of [
      { model: shuffled, sampling: 'interaction-shuffle' },
      { model: withLoss('interaction-shuffle', false) },
      { model: withLoss('user-uniform') },
    ]) {
      expect(() => trainerWith(fitting)).not.toThrow()
    }
  })

  it('rejects a model made on another graph than that of train', () => {
    const other = plantedBlocks(1, 13)
    expect(() => trainerWith({ split: other })).toThrow(ShapeMismatchError)
    expect(() => trainerWith({ split: other })).toThrow(
      /24 users and 24 items, the split 26 and 26/,
    )
    expect(() => trainerWith({ split: plantedBlocks(2, 12) })).toThrow(/edges that are not the/)
    const whole = { ...split, train: split.validation }
    expect(() => trainerWith({ split: whole })).toThrow(ShapeMismatchError)
  })

  it('takes a model whose graph was made anew from the same pairs in another order', () => {
    const { userIndex, itemIndex, ...maps } = split.train
    const reversed = {
      ...maps,
      userIndex: userIndex.slice().reverse(),
      itemIndex: itemIndex.slice().reverse(),
    }
    const own = new BprMf(BipartiteGraph.fromInteractions(reversed))
    expect(() => trainerWith({ model: own })).not.toThrow()
  })

  it('rejects a split in which nobody has a negative', () => {
    const full = splitOf({ itemCount: 2, train: [[0, 1]] })
    const own = new BprMf(BipartiteGraph.fromInteractions(full.train))
    expect(() => trainerWith({ model: own, split: full })).toThrow(InvalidInteractionsError)
  })

  it('makes no tensor and starts no backend', () => {
    const before = tf.memory().numTensors
    trainerWith({ metrics: ['ndcg@5'], clipNorm: 1 })
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('Trainer.fit', () => {
  it('rejects what is no signal, and can then be called rightly', async () => {
    const own = new BprMf(graph, { embeddingDim: 4 })
    const trainer = trainerWith({ model: own })
    await expect(trainer.fit({ signal: 'now' as never })).rejects.toThrow(/signal: .*AbortSignal/)
    await expect(trainer.fit({ singal: undefined } as never)).rejects.toThrow(/'signal'/)
    await expect(trainer.fit()).resolves.toMatchObject({ stopReason: 'completed' })
    await expect(trainer.fit()).rejects.toThrow(AlreadyFittedError)
    own.dispose()
  })

  it('rejects a model that has been disposed', async () => {
    const own = new BprMf(graph, { embeddingDim: 4 })
    own.dispose()
    await expect(trainerWith({ model: own }).fit()).rejects.toThrow(
      /a bpr-mf that has been disposed/,
    )
  })
})
