import { Writable } from 'node:stream'
import { TextOutput } from '@gnnrec/graph/files'
import { warn } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type EpochRecord, Trainer, type TrainingHistory } from '../src/index.js'
import { barReporter } from '../src/progress/bar-reporter.js'
import { lineReporter } from '../src/progress/line-reporter.js'
import type { TrainingStart } from '../src/progress/progress-reporter.js'
import {
  endText,
  epochText,
  formatNumber,
  formatRate,
  formatSeconds,
  startText,
} from '../src/progress/progress-text.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'

const training: TrainingStart = {
  model: 'light-gcn',
  epochs: 120,
  stepsPerEpoch: 31,
  monitor: 'ndcg@10',
}
const record: EpochRecord = {
  epoch: 7,
  learningRate: 9.9897e-4,
  loss: 0.45678,
  lossTerms: { bpr: 0.45, l2: 2 },
  steps: 31,
  seconds: 1.14,
  evaluationSeconds: 0.11,
  guardSeconds: 0.01,
  validation: { 'ndcg@10': 0.12345 },
}
const history: TrainingHistory = {
  epochs: [record, record, record],
  bestEpoch: 2,
  bestValidation: { 'ndcg@10': 0.2 },
  stopReason: 'completed',
  findings: [],
  seconds: 75.3,
  skippedDraws: 0,
}

/** A stream that keeps what is written, as plain text. */
class Sink extends Writable {
  readonly isTTY: boolean
  readonly columns = 200
  text = ''

  constructor({ isTTY }: { isTTY: boolean }) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they move the cursor of a terminal.
    this.text += chunk.toString().replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[78]/g, '')
    done()
  }
}

describe('numbers', () => {
  it.each([
    ...[
      [0.123456, '0.1235'],
      [0.1, '0.1000'],
      [12.3456, '12.35'],
      [1234.5, '1235'],
    ],
    ...[
      [0, '0.000'],
      [-0.5, '-0.5000'],
      [0.00012345, '1.234e-4'],
      [0.0001, '1e-4'],
    ],
    ...[
      [123456, '1.235e5'],
      [1, '1.000'],
      [100, '100.0'],
    ],
  ] as const)('shows %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })

  it.each([
    ...[
      [1e-3, '1e-3'],
      [9.9897e-4, '9.99e-4'],
      [5e-3, '5e-3'],
      [0.05, '0.05'],
    ],
    ...[
      [0, '0'],
      [1, '1'],
      [0.012345, '0.0123'],
      [1e-10, '1e-10'],
    ],
  ] as const)('shows the rate %d as %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text)
  })

  it.each([
    ...[
      [0, '0 ms'],
      [0.0456, '46 ms'],
      [0.0996, '0.1 s'],
      [1.24, '1.2 s'],
      [9.94, '9.9 s'],
    ],
    ...[
      [9.96, '10 s'],
      [42.4, '42 s'],
      [59.6, '1 min 0 s'],
      [200, '3 min 20 s'],
    ],
    ...[
      [3599.6, '1 h 0 min'],
      [7512, '2 h 5 min'],
      [360000, '100 h 0 min'],
    ],
  ] as const)('shows %d seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})

describe('lines', () => {
  const epoch = (changes: object, best = { epoch: 5, value: 0.13 }) =>
    epochText({ record: { ...record, ...changes }, best, secondsLeft: 141 }, training)

  it('has epoch, rate, loss, metric, best, time and time left', () => {
    expect(epoch({})).toBe(
      'epoch   7/120  lr 9.99e-4  loss 0.4568  ndcg@10 0.1235 (best 0.1300, epoch 5)  1.3 s/epoch  2 min 21 s left',
    )
  })

  it('has the other metrics that validation computed after the monitored one', () => {
    const validation = { 'recall@10': 0.2, 'ndcg@10': 0.12345, 'recall@20': 0.3 }
    expect(epoch({ validation })).toContain(
      'ndcg@10 0.1235 (best 0.1300, epoch 5)  recall@10 0.2000  recall@20 0.3000  1.3 s/epoch',
    )
    const byLoss = epochText(
      { record: { ...record, validation }, best: null, secondsLeft: 1 },
      { ...training, monitor: 'loss' },
    )
    expect(byLoss).toContain('loss 0.4568  recall@10 0.2000  ndcg@10 0.1235  recall@20 0.3000  1.3')
  })

  it('says when the epoch is the best', () => {
    expect(epoch({}, { epoch: 7, value: 0.12345 })).toContain('ndcg@10 0.1235 (best)  1.3 s')
  })

  it('has no metric after an epoch without evaluation, but always the rate', () => {
    const { validation, ...rest } = record
    const text = epochText({ record: rest, best: null, secondsLeft: 0 }, training)
    expect(text).toBe('epoch   7/120  lr 9.99e-4  loss 0.4568  1.3 s/epoch  0 ms left')
  })

  it('begins and ends with what is trained and how it ended', () => {
    expect(startText(training)).toBe('Training light-gcn: 120 epochs of 31 steps')
    expect(startText({ ...training, epochs: 1, stepsPerEpoch: 1 })).toBe(
      'Training light-gcn: 1 epoch of 1 step',
    )
    const end = (changes: Partial<TrainingHistory>) => endText({ ...history, ...changes }, training)
    const best = '; weights of epoch 2, ndcg@10 0.2000'
    expect(end({})).toBe(`light-gcn: 3 epochs done in 1 min 15 s${best}`)
    expect(end({ stopReason: 'early-stopping' })).toBe(
      `light-gcn: stopped early after 3 of 120 epochs in 1 min 15 s${best}`,
    )
    expect(end({ stopReason: 'aborted', bestEpoch: null, bestValidation: null })).toBe(
      'light-gcn: aborted after 3 of 120 epochs in 1 min 15 s',
    )
  })

  it('are written one a start, an epoch and an end, and no end after an error', () => {
    const lines: string[] = []
    const reporter = lineReporter({ write: (text) => lines.push(text) })
    reporter.start?.(training)
    reporter.epoch?.({ record, best: null, secondsLeft: 3 })
    reporter.end?.(history)
    reporter.end?.(null)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/)
  })
})

describe('the bar', () => {
  it('shows epoch, rate, loss, metric and times, and leaves one line', async () => {
    const sink = new Sink({ isTTY: true })
    const reporter = await barReporter(sink)
    const now = vi.spyOn(Date, 'now')
    let time = 1_000_000
    // cli-progress draws only when its clock says that a frame is due.
    now.mockImplementation(() => (time += 1000))
    reporter.start?.(training)
    reporter.step?.({ epoch: 1, step: 1, loss: 0.65, learningRate: 1e-3 })
    reporter.epoch?.({ record, best: { epoch: 5, value: 0.13 }, secondsLeft: 141 })
    reporter.step?.({ epoch: 8, step: 16, loss: 0.4, learningRate: 5e-4 })
    reporter.end?.(history)
    now.mockRestore()
    expect(sink.text).toContain('epoch   1/120 [')
    expect(sink.text).toMatch(/epoch {3}1\/120 \[=* *\] lr 1e-3 {2}loss 0\.6500/)
    expect(sink.text).toMatch(
      /epoch {3}8\/120 \[={5} {5}\] 1\.3 s\/epoch {2}2 min 21 s left {2}lr 5e-4 {2}loss 0\.4000 {2}ndcg@10 0\.1235 \(best 0\.1300, epoch 5\)/,
    )
    expect(sink.text).toMatch(/light-gcn: 3 epochs done in 1 min 15 s[^\n]*\n$/)
  })

  it('stops drawing after an error', async () => {
    const sink = new Sink({ isTTY: true })
    const reporter = await barReporter(sink)
    const listeners = process.listenerCount('SIGINT')
    reporter.start?.(training)
    expect(process.listenerCount('SIGINT')).toBe(listeners)
    reporter.end?.(null)
    const { text } = sink
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(sink.text).toBe(text)
    expect(text).not.toContain('done')
  })

  it('has no escape codes where the terminal knows none', async () => {
    for (const environment of [{ TERM: 'dumb' }, { NO_COLOR: '1' }, {}]) {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
      const texts: string[] = []
      const isTTY = Object.keys(environment).length > 0
      const stream = { isTTY, columns: 80, write: (text: string) => texts.push(text) > 0 }
      const reporter = await barReporter(new TextOutput(stream))
      await reporter.start?.(training)
      await reporter.step?.({ epoch: 1, step: 1, loss: 0.65, learningRate: 1e-3 })
      await reporter.end?.(history)
      vi.unstubAllEnvs()
      expect(texts.join('')).toContain('3 epochs done')
      expect(texts.join('')).not.toContain('\u001b')
    }
  })
})

describe('Trainer progress', () => {
  beforeAll(() => useBackend('cpu'))
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const fit = async (progress: 'auto' | 'bar' | 'lines' | 'none', isTTY: boolean) => {
    const sink = new Sink({ isTTY })
    vi.spyOn(process, 'stderr', 'get').mockReturnValue(sink as unknown as typeof process.stderr)
    const split = scriptedSplit()
    const model = ScriptedModel.onSplit(split, [3, 5])
    await new Trainer({
      model,
      split,
      epochs: 2,
      batchSize: 5,
      learningRate: 0.1,
      sampling: 'user-uniform',
      metrics: ['hit@1'],
      progress,
      guards: false,
    }).fit()
    model.dispose()
    return sink.text
  }

  it('writes lines where there is no terminal', async () => {
    const lines = (await fit('auto', false)).split('\n')
    const epoch = (number: number, hit: string) =>
      new RegExp(
        `^epoch ${number}/2  lr 0\\.1  loss \\S+  hit@1 ${hit} \\(best\\)  .*s/epoch  .*s left$`,
      )
    expect(lines).toEqual([
      'Training ScriptedModel: 2 epochs of 2 steps',
      expect.stringMatching(epoch(1, '0\\.3000')),
      expect.stringMatching(epoch(2, '0\\.5000')),
      expect.stringMatching(
        /^ScriptedModel: 2 epochs done in .*; weights of epoch 2, hit@1 0\.5000$/,
      ),
      '',
    ])
  })

  it('draws a bar on a terminal, and where it is asked for', async () => {
    for (const text of [await fit('auto', true), await fit('bar', true), await fit('bar', false)]) {
      expect(text).toMatch(/epoch 1\/2 \[/)
      expect(text).toMatch(/ScriptedModel: 2 epochs done in [^\n]*\n$/)
    }
  })

  it('writes lines on a terminal if asked, and nothing if asked', async () => {
    expect(await fit('lines', true)).not.toContain('[')
    expect(await fit('lines', true)).toContain('\nepoch 2/2')
    expect(await fit('none', true)).toBe('')
    expect(await fit('none', false)).toBe('')
  })
})

describe('names that would steer the terminal', () => {
  const hostile = 'x\u001b[2J\u001b]0;title\u0007\r\u202e\u009b1mz'
  const shown = 'x\\u001b[2J\\u001b]0;title\\u0007\\u000d\\u202e\\u009b1mz'
  const start = { ...training, model: hostile, monitor: hostile }
  const validation = { [hostile]: 0.5, 'two\nlines': 0.25 }
  const epoch = { record: { ...record, validation }, best: null, secondsLeft: 1 }
  const end = { ...history, bestEpoch: 1, bestValidation: validation }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no text may hold them.
  const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/

  it('are written out in lines', () => {
    const lines: string[] = []
    const reporter = lineReporter({ write: (text) => lines.push(text) })
    reporter.start?.(start)
    reporter.epoch?.(epoch)
    reporter.end?.(end)
    expect(lines).toHaveLength(3)
    for (const line of lines) {
      expect(line).toContain(shown)
      expect(line).toMatch(/^[^\n]*\n$/)
      expect(line).not.toMatch(steering)
    }
  })

  it('are written out in the bar', async () => {
    const written: string[] = []
    const stream = {
      isTTY: false,
      columns: 500,
      write: (text: string) => written.push(text),
    }
    const reporter = await barReporter(stream)
    await reporter.start?.(start)
    await reporter.epoch?.(epoch)
    await reporter.end?.(end)
    const text = written.join('')
    expect(text).toContain(`${shown} 0.5000`)
    expect(text).not.toMatch(steering)
  })

  it('are written out in warnings', async () => {
    const said = new Promise<Error>((resolve) => process.once('warning', resolve))
    warn(hostile)
    expect((await said).message).toBe(shown)
  })
})
