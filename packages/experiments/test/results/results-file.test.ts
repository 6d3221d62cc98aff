import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  type CompletedTrial,
  type ExperimentFileError,
  readReport,
  readResults,
  resultCsv,
  resultTable,
  summarize,
  toLatex,
  toMarkdown,
} from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { progressLine } from '../../src/runner/line-progress.js'
import { madeTrial } from '../support/made-report.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** Writes results, changed as given, and reads them again. */
async function read(...changes: readonly ((trial: CompletedTrial) => object)[]) {
  const folder = await temporaryFolder()
  const lines: string[] = []
  for (const [place, change] of changes.entries()) {
    const trial = await madeTrial(folder, { seed: place }, values)
    lines.push(JSON.stringify({ ...trial, ...change(trial) }))
  }
  await writeFile(join(folder, 'results.jsonl'), `${lines.join('\n')}\n`)
  return { folder, results: [...(await readResults(folder)).values()] as CompletedTrial[] }
}

const same = () => ({})
const values = [0.5, 0.25, 0.5, 0.25]
const text = ({ test }: CompletedTrial) => ({ test: { ...test, 'ndcg@10': 'very good' } })

it('reads what was written, to the same values', async () => {
  const folder = await temporaryFolder()
  const trial = await madeTrial(folder, {}, values)
  await writeFile(join(folder, 'results.jsonl'), `${JSON.stringify(trial)}\n`)
  expect([...(await readResults(folder)).values()]).toEqual([trial])
})

it('shows a dash and a warning for a metric that is text, and all other numbers', async () => {
  const { results } = await read(text)
  const reason = 'the results file has "very good" in its place, which is no number'
  expect(results[0].test).toEqual({ 'coverage@10': 0.1875 })
  expect(results[0].undefinedMetrics).toEqual({ 'ndcg@10': reason })
  expect(results[0].warnings).toEqual([`test.ndcg@10 is left out: ${reason}.`])
  const table = resultTable(summarize(results))
  expect(table.columns.map(({ title }) => title)).toContain('ndcg@10')
  expect(table.rows[0]).toEqual(['set', 'model', '1', '0.1875', '—', '10', '2.0'])
  expect(table.notes).toEqual([`ndcg@10 of set, model is undefined: ${reason}.`])
  expect(toMarkdown(table)).toContain(
    '\n\nndcg@10 of set, model is undefined: the results file has',
  )
  expect(toLatex(table)).toContain('{\\footnotesize ndcg@10 of set, model is undefined: the')
  expect(resultCsv(summarize(results)).split('\r\n')[1]).toMatch(/^set,model,,1,0,0.1875,,,,,,,,/)
})

it('averages the seeds that have a number, and says how many', async () => {
  const { results } = await read(same, text, same)
  const [summary] = summarize(results)
  expect(summary.metrics['ndcg@10']).toMatchObject({ mean: 0.375, deviation: 0 })
  expect(summary.undefinedMetrics).toEqual({
    'ndcg@10': { seeds: [1], reason: expect.stringContaining('"very good"') },
  })
  const { rows, notes } = resultTable([summary])
  expect(rows[0]).toContain('0.3750 ± 0.0000 (2 of 3 seeds)')
  expect(notes?.[0]).toMatch(/^ndcg@10 of set, model is undefined with seed 1: /)
})

it.each([null, [], {}, true, '0.5'])('takes %j for no number', async (value) => {
  const { results } = await read(({ test }) => ({ test: { ...test, 'ndcg@10': value } }))
  expect(results[0].undefinedMetrics).toHaveProperty('ndcg@10')
  // The same without the file.
  const raw = { ...results[0], test: { 'ndcg@10': value, 'coverage@10': 0.5 } } as never
  const { rows } = resultTable(summarize([raw]))
  expect(rows[0]).toContain('—')
  expect(rows[0].join()).not.toMatch(/NaN|undefined/)
})

it('shows a metric that is undefined, with its reason', async () => {
  const reason = 'no list has a hit'
  const { results } = await read(() => ({ undefinedMetrics: { 'serendipity@10': reason } }))
  const { rows, notes } = resultTable(summarize(results))
  expect(rows[0]).toContain('—')
  expect(notes).toEqual([`serendipity@10 of set, model is undefined: ${reason}.`])
  const event = { type: 'result', result: results[0] } as const
  expect(progressLine(event)).toContain('serendipity@10 undefined')
})

it('says why a number is none', async () => {
  const folder = await temporaryFolder()
  const trial = await madeTrial(folder, {}, values)
  const line = JSON.stringify({ ...trial, test: { 'ndcg@10': 7 }, bestEpoch: -1, epochs: 1.5 })
  await writeFile(
    join(folder, 'results.jsonl'),
    `${line.replace('"ndcg@10":7', '"ndcg@10":1e999')}\n`,
  )
  const [result] = (await readResults(folder)).values()
  const has = (value: string) => `is left out: the results file has ${value} in its place, which is`
  expect((result as CompletedTrial).warnings).toEqual([
    `test.ndcg@10 ${has('Infinity')} no finite number.`,
    `bestEpoch ${has('-1')} no integer >= 0.`,
    `epochs ${has('1.5')} no integer >= 0.`,
  ])
})

it('names a line that is nested too deeply to look at', async () => {
  const folder = await temporaryFolder()
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  await writeFile(join(folder, 'results.jsonl'), `{"settings":{"options":{"layers":${deep}}}}\n`)
  await expect(readResults(folder)).rejects.toThrow(
    'results.jsonl:1: this line is not a result of a trial: it has more than 64 levels.',
  )
})

it('needs no number of seconds, memory or epochs', async () => {
  const none = { seconds: 'x', trainSeconds: null, peakRssMb: 'x', bestEpoch: [], epochs: 'x' }
  const { results } = await read(() => none)
  expect(results[0].warnings).toHaveLength(5)
  const table = resultTable(summarize(results))
  expect(toMarkdown(table)).not.toMatch(/NaN|undefined/)
  expect(table.rows[0].at(-1)).toBe('—')
  expect(progressLine({ type: 'result', result: results[0] })).not.toMatch(/NaN/)
})

it.each([
  ['model', 7],
  ['status', 'done'],
  ['settings', 'x'],
  ['split', null],
  ['warnings', 'x'],
  ['report', '../../../etc/passwd'],
  ['report', 'trials/../../x/report.json.gz'],
])('names the line and the field of a result with the %s %j', async (field, value) => {
  const reading = read(same, () => ({ [field]: value }))
  await expect(reading).rejects.toMatchObject({
    code: 'EXPERIMENT_FILE',
    message: expect.stringMatching(
      new RegExp(`results\\.jsonl:2: this line is not a result of a trial: ${field}`),
    ),
  })
})

it('reads no report outside the folder', async () => {
  const folder = await temporaryFolder()
  for (const path of ['../x', '/etc/passwd', 'trials/../../x']) {
    await expect(readReport(join(folder, 'run'), path)).rejects.toMatchObject({
      code: 'EXPERIMENT_FILE',
      message: expect.stringContaining('is not inside'),
    })
  }
})

it('unpacks no report that is a bomb or nested without an end', async () => {
  const folder = await temporaryFolder()
  const path = 'trials/x/report.json.gz'
  await mkdir(join(folder, 'trials/x'), { recursive: true })
  const read = async (text: string | Uint8Array) => {
    await writeFile(join(folder, path), gzipSync(text))
    return readReport(folder, path)
  }
  await expect(read(new Uint8Array(2 ** 25).fill(32))).rejects.toMatchObject({
    code: 'EXPERIMENT_FILE',
    message: expect.stringMatching(/unpacks from \d+ bytes to more than \d+\. Run its trial again/),
  })
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  for (const text of [deep, `{"metrics":${deep},"protocol":${deep}}`, '']) {
    await expect(read(text)).rejects.toMatchObject({ code: 'EXPERIMENT_FILE' })
  }
})

it('names the first of a great many lines that are no results', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'results.jsonl'), 'x\n'.repeat(1_000_000))
  const error = await readResults(folder).catch((cause: unknown) => cause)
  const { problems } = error as ExperimentFileError
  expect(problems).toHaveLength(101)
  expect(problems[0].message).toBe(
    'more than 100 lines are not results of trials; the first are listed.',
  )
  expect(problems.at(-1)?.line).toBe(100)
})

it('summarizes 300,000 seeds of one model', async () => {
  const folder = await temporaryFolder()
  const one = await madeTrial(folder, {}, values)
  const results = Array.from({ length: 300_000 }, (_, seed) => ({ ...one, seed, peakRssMb: seed }))
  const [{ seeds, peakRssMb }] = summarize(results)
  expect([seeds.length, peakRssMb]).toEqual([300_000, 299_999])
})
