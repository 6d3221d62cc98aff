import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CompletedTrial,
  type ExperimentDefinition,
  ExperimentRunner,
  readResults,
  resultCsv,
  resultTable,
  summarize,
} from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { moduleDigest } from '../../src/models/module-digest.js'
import { writeCsv } from '../support/csv-data.js'
import { small } from '../support/definitions.js'
import { completed, RecordingPool } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** A pool whose results have the split that each trial was planned with. */
const answers = () =>
  new RecordingPool(({ inputs }) => {
    const end = completed(0.5)
    if (end.status !== 'completed') throw new Error('no')
    const split = { hash: inputs.splitHash, method: { name: 'made up' } }
    return { ...end, measurements: { ...end.measurements, split } }
  })

async function onCamps(change: Partial<ExperimentDefinition> = {}) {
  const baseFolder = await temporaryFolder()
  const datasets = [await writeCsv(baseFolder)]
  const definition = { ...small, datasets, ...change }
  const run = async (other: Partial<ExperimentDefinition> = {}) => {
    const pool = answers()
    const runner = new ExperimentRunner({
      definition: { ...definition, ...other },
      baseFolder,
      folder: join(baseFolder, 'run'),
      pool,
      progress: 'none',
      skipExisting: true,
    })
    return { pool, ...(await runner.run()) }
  }
  return { baseFolder, run }
}

it('runs trials again when the content of their data has changed', async () => {
  const { baseFolder, run } = await onCamps()
  const first = await run()
  expect(first.pool.trials).toHaveLength(3)
  expect((await run()).pool.trials).toEqual([])
  const file = join(baseFolder, 'camps.csv')
  const text = await readFile(file, 'utf8')
  await appendFile(file, '0,1,5,2000\n')
  const second = await run()
  expect(second.pool.trials).toHaveLength(3)
  const names = ({ results }: typeof first) => results.map(({ trial }) => trial)
  expect(names(second).some((name) => names(first).includes(name))).toBe(false)
  // The old data have their old results.
  await writeFile(file, text)
  const third = await run()
  expect(third.pool.trials).toEqual([])
  expect(names(third)).toEqual(names(first))
})

it('refuses tables that would mix two states of the data', async () => {
  const { baseFolder, run } = await onCamps()
  const first = await run()
  await appendFile(join(baseFolder, 'camps.csv'), '0,1,5,2000\n')
  const second = await run({ seeds: [3, 4] })
  expect(summarize(second.results).map(({ seeds }) => seeds)).toEqual([[3], [3, 4]])
  const all = [...(await readResults(second.folder)).values()]
  const mismatch = expect.objectContaining({ code: 'PROTOCOL_MISMATCH' })
  expect(() => summarize(all)).toThrow(mismatch)
  expect(() => summarize(all)).toThrow(/splitHash of camps: "[0-9a-f]+" and "[0-9a-f]+"/)
  const apart = [...summarize(first.results), ...summarize(second.results)]
  expect(() => resultTable(apart)).toThrow(mismatch)
  expect(() => resultCsv(apart)).toThrow(mismatch)
})

it('refuses means of results that were made with different settings', async () => {
  const { run } = await onCamps()
  const { results } = await run()
  const [, one, two] = results as CompletedTrial[]
  const training = { epochs: 3 }
  const changed = { ...two, settings: { options: { seed: 2 }, training } }
  expect(() => summarize([one, changed])).toThrow(
    /camps, light-gcn were made with different settings/,
  )
  const same = { ...one, trial: 'other' }
  expect(() => summarize([one, same])).toThrow(
    /camps, light-gcn have seed 1 twice \(.* and other\)/,
  )
  const seeded = [one, two].map((each) => {
    return { ...each, settings: { options: { seed: each.seed }, training } }
  })
  expect(summarize(seeded)[0].seeds).toEqual([1, 2])
})

it('runs trials again when a file of their module has changed', async () => {
  const { baseFolder, run } = await onCamps({
    models: [{ model: 'popularity' }, { model: 'Mine', module: './mine.mts' }],
  })
  await writeFile(
    join(baseFolder, 'mine.mts'),
    "import { LightGcn } from '@gnnrec/models'\nimport './part.js'\nexport class Mine extends LightGcn {}\n",
  )
  await writeFile(join(baseFolder, 'part.ts'), 'export const a = 1\n')
  const link = join(baseFolder, 'node_modules')
  await symlink(new URL('../../../../node_modules', import.meta.url).pathname, link)
  expect((await run()).pool.trials).toHaveLength(3)
  expect((await run()).pool.trials).toEqual([])
  await writeFile(join(baseFolder, 'part.ts'), 'export const a = 2\n')
  const { pool } = await run()
  expect(pool.trials.map(({ model }) => model.label)).toEqual(['Mine', 'Mine'])
})

it('knows a module by all files that it names', async () => {
  const baseFolder = await temporaryFolder()
  const rules = { baseFolder, filesBelow: true, allowModules: ['zod'] }
  const write = (name: string, text: string) => writeFile(join(baseFolder, name), text)
  await write('a.mjs', "import './b.js'; const c = await import(`./c.cjs`)")
  await write('b.js', "new URL('./data.bin', import.meta.url); import './a.mjs'")
  await write('c.cjs', "require('./d'); require('./e'); require('./inner')")
  await write('d.js', '')
  await write('e.cts', '')
  await mkdir(join(baseFolder, 'inner'))
  await write('inner/index.cjs', "require('..')")
  await write('index.js', '')
  await write('data.bin', 'x')
  const before = moduleDigest('./a.mjs', rules)
  expect(moduleDigest('./a.mjs', rules)).toBe(before)
  const digests = new Set([before])
  const files = [
    'a.mjs',
    'b.js',
    'c.cjs',
    'd.js',
    'e.cts',
    'inner/index.cjs',
    'index.js',
    'data.bin',
  ]
  for (const name of files) {
    await appendFile(join(baseFolder, name), '\n')
    digests.add(moduleDigest('./a.mjs', rules))
  }
  expect(digests.size).toBe(files.length + 1)
  await write('other.js', '')
  expect(digests).toContain(moduleDigest('./a.mjs', rules))
  expect(moduleDigest('zod', rules)).toMatch(/^[0-9a-f]{64}$/)
})

it('gives each label a folder of its own', async () => {
  const labels = [
    'a:b',
    'a/b',
    'a b',
    'A:b',
    '../a',
    'é',
    'e\u0301',
    `${'x'.repeat(50)}1`,
    `${'x'.repeat(50)}2`,
    '数据'.repeat(20),
    '𝕏'.repeat(40),
  ]
  const models = labels.map((label) => ({ model: 'light-gcn', label }))
  const { run } = await onCamps({ models, seeds: [1] })
  const { pool, results, folder } = await run()
  expect(results.map(({ model }) => model)).toEqual(labels)
  const folders = pool.trials.map((trial) => trial.folder.toLowerCase())
  expect(new Set(folders).size).toBe(labels.length)
  for (const name of folders) {
    expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}.-]*$/u)
    // A folder's name has at most 255 bytes, and three labels are a part of it.
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255 - 2 * 40)
  }
  expect((await readResults(folder)).size).toBe(labels.length)
  const settings = ['k:1', 'k/1'].map((label) => ({ label }))
  const other = await onCamps({ models: [{ model: 'light-gcn', settings }], seeds: [1] })
  expect((await other.run()).results.map(({ setting }) => setting)).toEqual(['k:1', 'k/1'])
})
