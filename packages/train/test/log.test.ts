import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { historyToCsv, parseTrainingLog, Trainer, TrainingLogError } from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { trainTo } from './support/same-training.js'
import { smallModel, smallOptions } from './support/small-training.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('cpu'))

describe('the log of a training', () => {
  it('has a line of JSON for every event but steps, before and after a stop', async () => {
    const folder = await temporaryFolder()
    const log = join(folder, 'log.jsonl')
    const checkpoint = { folder: join(folder, 'checkpoints'), everyEpochs: 100 }
    const options = { ...smallOptions, clipNorm: 1, clipValue: 1, log, checkpoint }
    await trainTo({ ...options, model: smallModel() }, { epoch: 1 })
    // A kill in the middle of a line.
    await appendFile(log, '{"time":"2026-')
    const resume = 'latest'
    const { history } = await trainTo({ ...options, model: smallModel(), resume })
    const lines = parseTrainingLog(await readFile(log, 'utf8'))
    expect(lines.map(({ type }) => type)).toEqual([
      ...['start', 'epoch', 'checkpoint', 'end'],
      ...['start', 'epoch', 'epoch', 'checkpoint', 'end'],
    ])
    const records = lines.flatMap((line) => (line.type === 'epoch' ? [line.record] : []))
    expect(records).toEqual(history.epochs)
    const left = lines.flatMap((line) => (line.type === 'epoch' ? [line.secondsLeft] : []))
    expect(left.every((seconds) => seconds >= 0)).toBe(true)
    expect(left.at(-1)).toBe(0)
    expect(lines[4]).toMatchObject({ resumedAfter: { epochs: 1, totalSteps: 4 } })
    const { epochs, findings, ...rest } = history
    expect(lines.at(-1)).toMatchObject(rest)
    const times = lines.map(({ time }) => time)
    expect([...times].sort()).toEqual(times)
  })

  it('has the warnings', async () => {
    const folder = await temporaryFolder()
    const log = join(folder, 'log.jsonl')
    const checkpoint = join(folder, 'checkpoints')
    const options = { ...smallOptions, checkpoint, progress: { warning: () => {} } }
    for (const epoch of [1, 2]) {
      const resume = 'latest-or-start'
      await trainTo({ ...options, model: smallModel(), resume }, { epoch })
    }
    const latest = (await readFile(join(checkpoint, 'latest'), 'utf8')).trim()
    await writeFile(join(checkpoint, latest, 'weights.safetensors'), '')
    await trainTo({ ...options, model: smallModel(), resume: 'latest', log })
    const [first, second] = parseTrainingLog(await readFile(log, 'utf8'))
    expect(first).toMatchObject({ type: 'warning', message: expect.stringMatching(/Went back/) })
    expect(second).toMatchObject({ type: 'start' })
  })

  it('is an error when it cannot be written, with the folder free again', async () => {
    const folder = await temporaryFolder()
    const checkpoint = join(folder, 'checkpoints')
    const options = { ...smallOptions, checkpoint, model: smallModel() }
    const fit = new Trainer({ ...options, log: join(folder, 'no/log') }).fit()
    await expect(fit).rejects.toThrow(TrainingLogError)
    await expect(fit).rejects.toThrow(/Could not write the log to .*no\/log: ENOENT/)
    await expect(new Trainer(options).fit()).resolves.toMatchObject({ stopReason: 'completed' })
  })

  it('is refused where it is none, with the line', () => {
    const time = new Date().toISOString()
    const good = `${JSON.stringify({ time, type: 'warning', message: 'so' })}\n`
    expect(parseTrainingLog(good)).toHaveLength(1)
    expect(parseTrainingLog('')).toEqual([])
    for (const bad of ['{', '{}', 'null', good.trim().replace('so"', 'so","more":1')]) {
      expect(() => parseTrainingLog(`${good}${bad}\n${good}`)).toThrow(/Line 2 of the log is no/)
    }
  })
})

it('writes a history as CSV', async () => {
  const options = { ...smallOptions, clipNorm: 1, evaluateEvery: 2, metrics: ['ndcg@5'] }
  const history = await new Trainer({ ...options, model: smallModel() }).fit()
  const [header, ...rows] = historyToCsv(history).trimEnd().split('\n')
  expect(header.split(',')).toEqual([
    ...['epoch', 'learningRate', 'loss', 'steps', 'seconds', 'evaluationSeconds'],
    ...['guardSeconds', 'loss.bpr', 'loss.l2', 'gradientNorm.mean', 'gradientNorm.largest'],
    ...['gradientNorm.clippedShare', 'validation.ndcg@5'],
  ])
  expect(rows).toHaveLength(3)
  const cells = rows.map((row) => row.split(','))
  expect(cells.map(([epoch]) => epoch)).toEqual(['1', '2', '3'])
  expect(cells.map((row) => row[12])).toEqual(
    [
      ...['', history.epochs[1].validation?.['ndcg@5'], history.epochs[2].validation?.['ndcg@5']],
    ].map(String),
  )
  expect(historyToCsv({ epochs: [] })).toBe('\n')
})
