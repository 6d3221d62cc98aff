import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResultRow } from '@gnnrec/example-support'
import { BatchIterator, type BipartiteGraph, Rng, type Split } from '@gnnrec/graph'
import type { GraphModel, TrainingSettings } from '@gnnrec/models'
import { drawByKernels, globalNorm } from '@gnnrec/ops'
import { schedules, Trainer, type TrainingHistory } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { medianSeconds, peakMegabytes } from '../measure.js'
import { Blocking } from './blocking.js'

/**
 * Number of epochs. Guards check after the first and third; later epochs cost as much as the third.
 */
const epochCount = 3
const warmupCosine = { name: 'warmup-cosine', warmupEpochs: 1, finalFraction: 0.01 } as const

/** A training whose parts are timed. */
interface TimedTraining {
  readonly name: string
  readonly model: GraphModel
  readonly split: Split
  readonly graph: BipartiteGraph
  readonly training: TrainingSettings
  readonly seed: number
  /** Folder for the log and the checkpoints. */
  readonly folder: string
}

/**
 * Measures the time that each part of the trainer adds to the steps of an epoch, as a share of the
 * steps, and the times for which the trainer blocks the event loop.
 */
export async function trainerParts(timed: TimedTraining): Promise<ResultRow> {
  const { name, model, split, training, seed, folder } = timed
  const log = join(folder, `${name}.jsonl`)
  const trainer = new Trainer({
    model,
    split,
    ...training,
    epochs: epochCount,
    seed,
    log,
    progress: 'none',
    clipNorm: 1,
    schedule: warmupCosine,
    metrics: ['ndcg@20'],
    evaluateEvery: epochCount,
    checkpoint: { folder: join(folder, name), everyEpochs: epochCount },
  })
  const blocking = new Blocking()
  let history: TrainingHistory | undefined
  let checkpointStarted = 0
  let checkpointSeconds = 0
  for await (const event of trainer.run()) {
    blocking.on(event)
    if (event.type === 'epoch') checkpointStarted = performance.now()
    if (event.type === 'checkpoint') checkpointSeconds = secondsSince(checkpointStarted)
    if (event.type === 'end') history = event.history
  }
  blocking.end()
  const { epochs, findings } = history as TrainingHistory
  const [, second, third] = epochs
  const steps = (second.steps + third.steps) / 2
  const total = (second.seconds + third.seconds) / 2
  const [lastLine] = (await readFile(log, 'utf8')).split('\n').slice(-2)
  const parts: Record<string, number> = {
    sampling: await samplingSeconds(timed),
    clipping: steps * (await clippingSeconds(timed)),
    schedule: steps * (await scheduleSeconds(steps)),
    log: await medianSeconds(() => appendFile(log, `${lastLine}\n`)),
    guards: (second.guardSeconds + third.guardSeconds) / 2,
  }
  const within = parts['sampling'] + parts['clipping'] + parts['schedule'] + parts['log']
  const shares = Object.entries(parts).map(([part, seconds]) => [part, seconds / (total - within)])
  return {
    name: `${name}, an epoch of ${steps} steps`,
    dataset: 'gowalla',
    epochs: epochCount,
    model: model.architecture,
    seconds: total,
    peakRssMb: peakMegabytes(),
    metrics: {
      'a step, ms': (1000 * total) / steps,
      'an evaluation, s': third.evaluationSeconds,
      'a checkpoint, s': checkpointSeconds,
      'longest step, ms': blocking.longestStep,
      'blocked by steps, ms': blocking.bySteps,
      'blocked between epochs, ms': blocking.betweenEpochs,
      findings: findings.length,
    },
    ratio: {
      ...Object.fromEntries(shares.map(([part, share]) => [`${part} / steps`, share])),
      'all / steps': shares.reduce((sum, [, share]) => sum + Number(share), 0),
    },
  }
}

async function samplingSeconds({ graph, training, seed }: TimedTraining): Promise<number> {
  const { batchSize, sampling: strategy } = training
  const rng = Rng.fromSeed(seed).fork('sampling')
  const batches = new BatchIterator(graph, { batchSize, strategy, rng })
  const draws = drawByKernels(batches)
  try {
    return await medianSeconds(() => [...batches.epoch(1)].length, { warmUp: 1, repetitions: 3 })
  } finally {
    draws.release()
  }
}

/**
 * Computes the global norm of the gradient; the optimizer applies the scale in the same pass as its
 * step.
 */
async function clippingSeconds({ graph, model, training, seed }: TimedTraining): Promise<number> {
  const { batchSize } = training
  const [batch] = new BatchIterator(graph, { batchSize, rng: Rng.fromSeed(seed) }).epoch(0)
  const parameters = Object.values(model.parameters())
  const { value, grads } = tf.variableGrads(() => model.loss(batch), parameters)
  const seconds = await medianSeconds(() => globalNorm(Object.values(grads)))
  tf.dispose([value, grads])
  return seconds
}

async function scheduleSeconds(stepsPerEpoch: number): Promise<number> {
  const schedule = schedules.fromSettings(warmupCosine)
  const history = { mode: 'max', evaluations: [] } as const
  const epoch = () =>
    Array.from({ length: stepsPerEpoch }, (_, step) =>
      schedule({ epoch: 1, step, epochs: epochCount, stepsPerEpoch }, history),
    )
  return (await medianSeconds(epoch)) / stepsPerEpoch
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
