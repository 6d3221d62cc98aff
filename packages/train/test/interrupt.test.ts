import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { plantedBlocks } from './support/splits.js'

const script = fileURLToPath(new URL('./support/interrupted-script.ts', import.meta.url))
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
})

/** Runs the script, sends SIGINT at each line that says one of `at`, and waits for its end. */
async function interrupted(mode: string, at: readonly string[]) {
  const started = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', script, mode],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  child = started
  const closed = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    started.on('close', (code, signal) => resolve({ code, signal }))
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: started.stdout })) {
    lines.push(line)
    if (at.includes(line)) started.kill('SIGINT')
  }
  return { ...(await closed), lines }
}

describe('Ctrl-C', () => {
  it('ends training with the best weights so far, and the program goes on', async () => {
    const { code, lines } = await interrupted('fast', ['epoch 3'])
    expect(code).toBe(0)
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      stopReason: 'aborted',
      bestEpoch: 2,
      isBest: true,
      listeners: 0,
    })
  })

  it('ends the process at once when it comes a second time', async () => {
    const { signal, lines } = await interrupted('slow', ['evaluating', 'interrupted once'])
    expect(signal).toBe('SIGINT')
    expect(lines).toEqual(['evaluating', 'interrupted once'])
  })

  it('ends the process at once when the trainer is not to handle it', async () => {
    const { signal, lines } = await interrupted('unhandled', ['epoch 3'])
    expect(signal).toBe('SIGINT')
    expect(lines).toEqual(['epoch 3'])
  })
})

describe('listening for Ctrl-C', () => {
  beforeAll(() => useBackend('cpu'))

  it('is over after training, however it ended, and never begins if not wanted', async () => {
    const split = scriptedSplit()
    const before = process.listenerCount('SIGINT')
    const settings = { epochs: 2, batchSize: 5, learningRate: 0.1 }
    const fit = async (changes: object, breaks = false) => {
      const during: number[] = []
      const model = ScriptedModel.onSplit(split)
      const step = () => {
        during.push(process.listenerCount('SIGINT') - before)
        if (breaks) throw new Error('broken reporter')
      }
      const trainer = new Trainer({
        model,
        split,
        ...settings,
        sampling: 'user-uniform',
        progress: { step },
        guards: false,
        ...changes,
      })
      await trainer.fit().catch((error: Error) => expect(error.message).toBe('broken reporter'))
      expect(process.listenerCount('SIGINT')).toBe(before)
      return during
    }
    expect(await fit({})).toEqual([1, 1, 1, 1])
    expect(await fit({}, true)).toEqual([1])
    expect(await fit({ handleInterrupt: false })).toEqual([0, 0, 0, 0])
  })
})

describe('a signal', () => {
  const split = plantedBlocks(1, 12)
  const graph = BipartiteGraph.fromInteractions(split.train)
  const settings = { epochs: 50, batchSize: 16, learningRate: 0.01 }
  const options = { split, ...settings, sampling: 'user-uniform', progress: 'none' } as const

  beforeAll(() => useBackend('simd', { threads: 2 }))

  it('that is aborted before leaves the model as it was', async () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const weights = await model.weights()
    const trainer = new Trainer({ model, ...options, metrics: ['ndcg@5'] })
    const history = await trainer.fit({ signal: AbortSignal.abort() })
    expect(history).toMatchObject({ epochs: [], bestEpoch: null, stopReason: 'aborted' })
    expect(await model.weights()).toEqual(weights)
    model.dispose()
  })

  it('ends training after the step at hand, in the middle of an epoch', async () => {
    const controller = new AbortController()
    const model = ScriptedModel.onSplit(scriptedSplit(), [2, 6, 4, 9])
    const steps: number[] = []
    const progress = {
      step: ({ epoch, step }: { epoch: number; step: number }) => {
        steps.push(10 * (epoch - 1) + step)
        if (epoch === 4 && step === 3) controller.abort()
      },
    }
    const trainer = new Trainer({
      model,
      split: scriptedSplit(),
      epochs: 9,
      batchSize: 1,
      learningRate: 0.01,
      sampling: 'interaction-shuffle',
      metrics: ['hit@1'],
      progress,
      guards: false,
    })
    const { signal } = controller
    const history = await trainer.fit({ signal })
    expect(steps).toEqual(Array.from({ length: 33 }, (_, i) => i + 1))
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    expect(history).toMatchObject({ stopReason: 'aborted', bestEpoch: 2 })
    expect(model.number).toBe(model.snapshots[1])
    model.dispose()
  })

  it('that comes before any evaluation keeps the weights of the last step', async () => {
    const controller = new AbortController()
    const model = new BprMf(graph, { embeddingDim: 4 })
    const weights = await model.weights()
    const step = () => controller.abort()
    const trainer = new Trainer({ model, ...options, progress: { step }, metrics: ['ndcg@5'] })
    const history = await trainer.fit({ signal: controller.signal })
    expect(history).toMatchObject({ epochs: [], bestEpoch: null, stopReason: 'aborted' })
    expect(await model.weights()).not.toEqual(weights)
    model.dispose()
  })

  it('that comes during an evaluation ends training with its epoch unjudged', async () => {
    const controller = new AbortController()
    const model = ScriptedModel.onSplit(scriptedSplit(), [2, 6, 9])
    const toRecommender = model.toRecommender.bind(model)
    model.toRecommender = async () => {
      if (model.snapshots.length === 2) controller.abort(new Error('enough'))
      return toRecommender()
    }
    const trainer = new Trainer({
      model,
      split: scriptedSplit(),
      epochs: 3,
      batchSize: 5,
      learningRate: 0.01,
      sampling: 'interaction-shuffle',
      metrics: ['hit@1'],
      progress: 'none',
      guards: false,
    })
    const history = await trainer.fit({ signal: controller.signal })
    expect(history).toMatchObject({ stopReason: 'aborted', bestEpoch: 2 })
    expect(history.epochs.map(({ validation }) => validation?.['hit@1'])).toEqual([
      ...[0.2, 0.6, undefined],
    ])
    expect(model.number).toBe(model.snapshots[1])
    model.dispose()
  })
})
