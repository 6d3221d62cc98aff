import { BatchIterator, BipartiteGraph, NonFiniteError, Rng } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { BprMf, LightGcn, type LossTerms } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it, vi } from 'vitest'
import { InMemoryTraining } from '../src/in-memory/in-memory-training.js'
import { Adam, AlreadyFittedError, DegenerateModelError, schedules, Trainer } from '../src/index.js'
import type { EpochProgress } from '../src/progress/progress-reporter.js'
import type { SchedulePosition } from '../src/schedules/learning-rate-schedule.js'
import { trainingStep } from '../src/step/training-step.js'
import { describeEachBackend } from './support/backends.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { plantedBlocks, randomSplit, splitOf } from './support/splits.js'

/** Ten pairs, in steps of one pair. */
const tenSteps = {
  guards: false,
  batchSize: 1,
  learningRate: 0.01,
  sampling: 'interaction-shuffle',
  progress: 'none',
} as const
const split = plantedBlocks(1, 12)
const graph = BipartiteGraph.fromInteractions(split.train)
const small = {
  epochs: 3,
  batchSize: 16,
  learningRate: 0.01,
  sampling: 'user-uniform',
  progress: 'none',
} as const

describeEachBackend('Trainer', () => {
  it('does what a loop over batches, loss and Adam does by hand', async () => {
    const model = new LightGcn(graph, { embeddingDim: 8, layers: 2 })
    const schedule = schedules.warmupCosine({ warmupEpochs: 2, per: 'step' })
    const history = await new Trainer({ model, split, ...small, schedule, seed: 'abc' }).fit()

    const twin = new LightGcn(graph, { embeddingDim: 8, layers: 2 })
    const optimizer = new Adam()
    const port = new InMemoryTraining(twin, optimizer)
    const rng = Rng.fromSeed('abc').fork('sampling')
    const batches = new BatchIterator(graph, { batchSize: 16, rng })
    const { stepsPerEpoch } = batches
    for (let epoch = 0; epoch < 3; epoch++) {
      let [loss, bpr, samples] = [0, 0, 0]
      for (const batch of batches.epoch(epoch)) {
        const rate = 0.01 * schedule({ epoch, step: batch.step, epochs: 3, stepsPerEpoch })
        const result = await trainingStep(port, [batch], {
          learningRate: rate,
          weightDecay: new Map(),
          step: epoch * stepsPerEpoch + batch.step + 1,
          architecture: twin.architecture,
          place: '',
          signal: new AbortController().signal,
        })
        loss += result.loss * batch.users.length
        bpr += result.lossTerms['bpr'] * batch.users.length
        samples += batch.users.length
      }
      expect(history.epochs[epoch].loss).toBe(loss / samples)
      expect(history.epochs[epoch].lossTerms['bpr']).toBe(bpr / samples)
      expect(history.epochs[epoch].steps).toBe(stepsPerEpoch)
    }
    expect(await model.weights()).toEqual(await twin.weights())
    expect(model.splitHash).toBe(split.hash)
    optimizer.dispose()
    model.dispose()
    twin.dispose()
  })

  it('writes a history that is plain JSON', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const metrics = ['ndcg@5', 'recall@3']
    const history = await new Trainer({ model, split, ...small, metrics, clipNorm: 1 }).fit()
    expect(JSON.parse(JSON.stringify(history))).toEqual(history)
    expect(history).toMatchObject({ stopReason: 'completed', bestEpoch: expect.any(Number) })
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    for (const record of history.epochs) {
      expect(Object.keys(record.validation ?? {})).toEqual(metrics)
      expect(Object.keys(record.lossTerms)).toEqual(['bpr', 'l2'])
      expect(record.learningRate).toBe(0.01)
    }
    const values = history.epochs.map(({ validation }) => validation?.['ndcg@5'] ?? -1)
    expect(history.bestEpoch).toBe(1 + values.indexOf(Math.max(...values)))
    expect(history.bestValidation).toEqual(history.epochs[(history.bestEpoch ?? 0) - 1].validation)
    model.dispose()
  })

  it('stops at the exact epoch and restores the weights of the best', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [1, 4, 3, 6, 5, 6, 2, 9, 9, 9])
    const earlyStopping = { metric: 'hit@1', patience: 3 }
    const trainer = new Trainer({
      model,
      split: scripted,
      ...tenSteps,
      epochs: 20,
      metrics: [],
      earlyStopping,
    })
    const history = await trainer.fit()
    expect(history).toMatchObject({ stopReason: 'early-stopping', bestEpoch: 4 })
    expect(history.bestValidation).toEqual({ 'hit@1': 0.6 })
    expect(history.epochs.map(({ validation }) => validation?.['hit@1'])).toEqual([
      ...[0.1, 0.4, 0.3, 0.6, 0.5, 0.6, 0.2],
    ])
    expect(new Set(model.snapshots).size).toBe(7)
    expect(model.number).toBe(model.snapshots[3])
    model.dispose()
  })

  it('computes recall@10 and NDCG@10 besides where no others are asked for', async () => {
    const scripted = scriptedSplit()
    const names = async (metrics?: string[], metric = 'hit@1') => {
      const model = ScriptedModel.onSplit(scripted, [1])
      const earlyStopping = { metric, patience: 3 }
      const options = { ...tenSteps, epochs: 1, earlyStopping, ...(metrics && { metrics }) }
      const history = await new Trainer({ model, split: scripted, ...options }).fit()
      model.dispose()
      return Object.keys(history.epochs[0].validation ?? {})
    }
    expect(await names()).toEqual(['hit@1', 'recall@10', 'ndcg@10'])
    expect(await names(undefined, 'ndcg@10')).toEqual(['ndcg@10', 'recall@10'])
    expect(await names(['hit@5'])).toEqual(['hit@1', 'hit@5'])
    expect(await names([])).toEqual(['hit@1'])
    expect(await names(undefined, 'loss')).toEqual([])
  })

  it('counts patience in epochs, not evaluations, and asks for the minimum change', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [5, 6, 6, 6, 9])
    const trainer = new Trainer({
      model,
      split: scripted,
      ...tenSteps,
      epochs: 20,
      evaluateEvery: 3,
      earlyStopping: { metric: 'hit@1', patience: 7, minimumChange: 0.25 },
    })
    const history = await trainer.fit()
    const evaluated = history.epochs.filter(({ validation }) => validation !== undefined)
    expect(evaluated.map(({ epoch }) => epoch)).toEqual([3, 6, 9, 12])
    expect(history).toMatchObject({ stopReason: 'early-stopping', bestEpoch: 3 })
    expect(model.number).toBe(model.snapshots[0])
    model.dispose()
  })

  it('does not count the warm-up epochs of the schedule', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [5, 4, 4, 4, 4, 4, 4, 4])
    const trainer = new Trainer({
      model,
      split: scripted,
      ...tenSteps,
      epochs: 20,
      schedule: { name: 'warmup-cosine', warmupEpochs: 4, finalFraction: 0.01 },
      earlyStopping: { metric: 'hit@1', patience: 2 },
    })
    const history = await trainer.fit()
    expect(history.epochs).toHaveLength(6)
    expect(history.bestEpoch).toBe(1)
    model.dispose()
  })

  it('evaluates the last epoch too and keeps the best by the first metric', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [3, 8, 5])
    const metrics = ['hit@1', 'coverage@1']
    const options = { ...tenSteps, epochs: 5, evaluateEvery: 2, metrics }
    const history = await new Trainer({ model, split: scripted, ...options }).fit()
    expect(history.epochs.map(({ validation }) => validation?.['hit@1'])).toEqual([
      ...[undefined, 0.3, undefined, 0.8, 0.5],
    ])
    expect(history).toMatchObject({ stopReason: 'completed', bestEpoch: 4 })
    expect(model.number).toBe(model.snapshots[1])
    model.dispose()
  })

  it('keeps the last weights when nothing is evaluated', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted)
    const history = await new Trainer({ model, split: scripted, ...tenSteps, epochs: 2 }).fit()
    expect(history).toMatchObject({ bestEpoch: null, bestValidation: null })
    expect(model.snapshots).toEqual([])
    expect(model.number).toBeLessThan(1)
    model.dispose()
  })

  it('names model, epoch and step of a loss that is NaN, and keeps the best weights', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [5, 7, 6, 1])
    const lossTerms = model.lossTerms.bind(model)
    let steps = 0
    model.lossTerms = (batch): LossTerms => {
      const loss = lossTerms(batch)
      if (++steps < 34) return loss
      return { ...loss, total: tf.mul(loss.total, Number.NaN) }
    }
    const end = vi.fn()
    const metrics = ['hit@1']
    const options = { ...tenSteps, epochs: 5, metrics, progress: { end } }
    model.parameters()
    const before = tf.memory().numTensors
    const fit = new Trainer({ model, split: scripted, ...options }).fit()
    await expect(fit).rejects.toThrow(NonFiniteError)
    await expect(fit).rejects.toThrow(
      /loss of ScriptedModel is NaN in epoch 4, step 4 of 10; the first tensor that went bad is the weighted sum of the loss terms/,
    )
    expect(model.number).toBe(model.snapshots[1])
    expect(end.mock.calls).toEqual([[null]])
    expect(tf.memory().numTensors).toBe(before)
    model.dispose()
  })

  it('names the place of a gradient that is not finite', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted)
    // √(x - x) is 0, its gradient 0 · ∞.
    model.lossTerms = () => {
      const { number } = model.parameters()
      const total = tf.tidy(() => tf.sum(tf.sqrt(tf.sub(number, tf.clone(number)))) as tf.Scalar)
      return { total, terms: {} }
    }
    const options = { ...tenSteps, epochs: 1, clipNorm: 1 }
    await expect(new Trainer({ model, split: scripted, ...options }).fit()).rejects.toThrow(
      /gradient's norm of ScriptedModel is (NaN|Infinity) in epoch 1, step 1 of 10/,
    )
    expect(model.number).toBe(1)
    model.dispose()
  })

  it('stops a model whose scores are all the same', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const zeros = new Map(
      [...(await model.weights())].map(([name, { shape, data }]) => [
        name,
        { shape, data: new Float32Array(data.length) },
      ]),
    )
    model.restoreWeights(zeros)
    const trainer = new Trainer({ model, split, ...small, metrics: ['ndcg@5'] })
    await expect(trainer.fit()).rejects.toThrow(DegenerateModelError)
    await expect(trainer.fit()).rejects.toThrow(AlreadyFittedError)
    model.dispose()
  })

  it('leaves no tensor and no kernel memory behind, epoch after epoch', async () => {
    const before = tf.memory().numTensors
    const own = BipartiteGraph.fromInteractions(split.train)
    const model = new LightGcn(own, { embeddingDim: 8, layers: 2, edgeDropout: 0.2 })
    const counts: { tensors: number; bytes: number }[] = []
    const progress = {
      epoch: () => {
        const { usedBytes: bytes } = defaultRuntime().statistics
        counts.push({ tensors: tf.memory().numTensors, bytes })
      },
    }
    await new Trainer({
      model,
      split,
      ...small,
      sampling: 'interaction-shuffle',
      epochs: 20,
      clipNorm: 0.1,
      negativesPerPositive: 3,
      earlyStopping: { metric: 'ndcg@5', patience: 20 },
      progress,
    }).fit()
    expect(counts).toHaveLength(20)
    for (const count of counts.slice(2)) expect(count).toEqual(counts[1])
    model.dispose()
    own.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('takes a batch larger than the data as one step', async () => {
    const train = async (batchSize: number) => {
      const model = new BprMf(graph, { embeddingDim: 4 })
      const { epochs } = await new Trainer({ model, split, ...small, batchSize }).fit()
      return { steps: epochs.map(({ steps }) => steps), weights: await model.weights() }
    }
    const large = await train(100_000)
    expect(large.steps).toEqual([1, 1, 1])
    expect(large).toEqual(await train(graph.edgeCount))
  })

  it('trains with sampling by shuffle, popular negatives and several of them', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const { epochs } = await new Trainer({
      model,
      split,
      ...small,
      sampling: 'interaction-shuffle',
      negativesPerPositive: 4,
      negatives: { popularityExponent: 0.75 },
    }).fit()
    expect(epochs[2].loss).toBeLessThan(epochs[0].loss)
    model.dispose()
  })

  it('starts the next training from the weights of the last', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const first = await new Trainer({ model, split, ...small, seed: 1 }).fit()
    const second = await new Trainer({ model, split, ...small, seed: 2 }).fit()
    expect(second.epochs[0].loss).toBeLessThan(first.epochs[0].loss)
    model.dispose()
  })

  it('frees the event loop after every step', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    let turns = 0
    let isTraining = true
    const turn = () => {
      turns++
      if (isTraining) setImmediate(turn)
    }
    setImmediate(turn)
    const timer = vi.fn()
    const interval = setInterval(timer, 1)
    const { epochs } = await new Trainer({ model, split, ...small, epochs: 20 }).fit()
    isTraining = false
    clearInterval(interval)
    const steps = epochs.reduce((sum, record) => sum + record.steps, 0)
    expect(turns).toBeGreaterThanOrEqual(steps - 1)
    expect(timer).toHaveBeenCalled()
    model.dispose()
  })
})

describeEachBackend('Trainer at the edges', () => {
  it('asks the schedule for every step, from epoch 0 and step 0', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted)
    const positions: SchedulePosition[] = []
    const schedule = (position: SchedulePosition) => {
      positions.push(position)
      return 0.5
    }
    const trainer = new Trainer({ model, split: scripted, ...tenSteps, epochs: 2, schedule })
    positions.length = 0
    const { epochs } = await trainer.fit()
    expect(positions).toEqual(
      Array.from({ length: 20 }, (_, i) => ({
        epoch: Math.floor(i / 10),
        step: i % 10,
        epochs: 2,
        stepsPerEpoch: 10,
      })),
    )
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([0.005, 0.005])
    model.dispose()
  })

  it('begins each epoch of the model before its first batch, with one stream of the seed', async () => {
    const scripted = scriptedSplit()
    const calls = async (seed: number) => {
      const model = ScriptedModel.onSplit(scripted)
      const made: string[] = []
      const lossTerms = model.lossTerms.bind(model)
      model.beginEpoch = (epoch, rng) => made.push(`begin ${epoch} ${rng.key}`)
      model.lossTerms = (batch) => {
        made.push('loss')
        return lossTerms(batch)
      }
      const options = { ...tenSteps, batchSize: 5, epochs: 3, seed }
      await new Trainer({ model, split: scripted, ...options }).fit()
      return made
    }
    const made = await calls(4)
    const { key } = Rng.fromSeed(4).fork('model')
    expect(made).toEqual([0, 1, 2].flatMap((epoch) => [`begin ${epoch} ${key}`, 'loss', 'loss']))
    expect(await calls(5)).not.toEqual(made)
  })

  it('reports start, steps, epochs and end in order', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted, [4, 3])
    const events: string[] = []
    const progress = {
      start: (event: object) => events.push(JSON.stringify(event)),
      step: ({ epoch, step }: { epoch: number; step: number }) => events.push(`${epoch}/${step}`),
      epoch: ({ record, best, secondsLeft }: EpochProgress) => {
        events.push(`epoch ${record.epoch}, best ${best?.epoch} ${best?.value}`)
        expect(secondsLeft > 0).toBe(record.epoch === 1)
      },
      end: () => events.push('end'),
    }
    const options = { ...tenSteps, batchSize: 5, epochs: 2, metrics: ['hit@1'], progress }
    await new Trainer({ model, split: scripted, ...options }).fit()
    expect(events).toEqual([
      '{"model":"ScriptedModel","epochs":2,"stepsPerEpoch":2,"monitor":"hit@1"}',
      ...['1/1', '1/2', 'epoch 1, best 1 0.4', '2/1', '2/2', 'epoch 2, best 1 0.4', 'end'],
    ])
    model.dispose()
  })

  it('counts skipped draws, and says so when an epoch has no others', async () => {
    // User 1 has every item; user 0 is drawn half of the time.
    const lopsided = splitOf({ itemCount: 2, train: [[0], [0, 1]] })
    const model = ScriptedModel.onSplit(lopsided)
    const options = { ...tenSteps, sampling: 'user-uniform', epochs: 40 } as const
    const fit = new Trainer({ model, split: lopsided, ...options }).fit()
    await expect(fit).rejects.toThrow(/All draws of epoch \d+ fell on users without/)
    const many = Array.from({ length: 50 }, (_, user) => (user < 40 ? [0] : [0, 1]))
    const counted = splitOf({ itemCount: 2, train: many })
    const other = ScriptedModel.onSplit(counted)
    const history = await new Trainer({ model: other, split: counted, ...options, epochs: 2 }).fit()
    const steps = history.epochs.reduce((sum, record) => sum + record.steps, 0)
    expect(history.skippedDraws).toBeGreaterThan(0)
    expect(history.skippedDraws + steps).toBe(2 * 60)
    model.dispose()
    other.dispose()
  })

  it('trains with the paper presets as they are', async () => {
    for (const { Model, preset } of [
      { Model: BprMf, preset: BprMf.presets.paper },
      { Model: LightGcn, preset: LightGcn.presets.paper },
    ]) {
      const model = new Model(graph, { ...preset.model, embeddingDim: 4 })
      const trainer = new Trainer({ model, split, ...preset.training, progress: 'none' })
      const controller = new AbortController()
      const done = trainer.fit({ signal: controller.signal })
      setTimeout(() => controller.abort(), 20)
      expect((await done).stopReason).toBe('aborted')
      model.dispose()
    }
  })

  it('draws the same for the same seed and otherwise for another', async () => {
    const data = randomSplit({ seed: 2, users: 30, items: 20, perUser: 4 })
    const own = BipartiteGraph.fromInteractions(data.train)
    const weights = async (seed: number | string) => {
      const model = new LightGcn(own, { embeddingDim: 4, edgeDropout: 0.3 })
      await new Trainer({ model, split: data, ...small, seed }).fit()
      return model.weights()
    }
    expect(await weights(5)).toEqual(await weights(5))
    expect(await weights(5)).not.toEqual(await weights(6))
    expect(await weights(5)).not.toEqual(await weights('5'))
  })
})
