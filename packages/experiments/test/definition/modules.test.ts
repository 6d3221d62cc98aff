import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type ExperimentDefinition,
  ExperimentRunner,
  readExperimentFile,
} from '@gnnrec/experiments'
import { expect, it, vi } from 'vitest'
import { checkExperiment } from '../../src/definition/read-definition.js'
import { examineInputs } from '../../src/inputs/examine-inputs.js'
import { loadExport } from '../../src/models/load-module.js'
import { moduleAddress } from '../../src/models/module-rules.js'
import { small } from '../support/definitions.js'
import { completed, RecordingPool } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const marks = (folder: string) => `
import { writeFileSync } from 'node:fs'
writeFileSync(${JSON.stringify(join(folder, 'ran.txt'))}, 'code from a definition')
export class Evil {}
export const loadDataset = () => ({})
`

const yaml = (module: string) => `name: x
models:
  - model: Evil
    module: ${JSON.stringify(module)}
datasets: [{ dataset: movietweetings }]
protocol: { metrics: [ndcg@20], selection: ndcg@20 }
training: { epochs: 1, batchSize: 64, learningRate: 0.1, sampling: user-uniform }
`

it('reads a definition without running code that it names', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'x.yaml')
  await writeFile(join(folder, 'evil.mjs'), marks(folder))
  await writeFile(file, yaml('./evil.mjs'))
  const { definition } = await readExperimentFile(file)
  expect(definition.models[0].module).toBe('./evil.mjs')
  await writeFile(file, `${yaml('./evil.mjs')}seeds: [1, 1]\n`)
  await expect(readExperimentFile(file)).rejects.toThrow('listed twice')
  await writeFile(file, yaml('./evil.mjs').replace('movietweetings', 'x, module: ./evil.mjs'))
  await readExperimentFile(file)
  expect(existsSync(join(folder, 'ran.txt'))).toBe(false)
})

it('refuses every module that is no file below the folder of the definition', async () => {
  const outside = await temporaryFolder()
  await writeFile(join(outside, 'evil.mjs'), marks(outside))
  const folder = join(outside, 'inner')
  await mkdir(folder)
  await symlink(outside, join(folder, 'link'))
  const file = join(folder, 'x.yaml')
  const code = `globalThis.process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(join(outside, 'ran.txt'))}, '')`
  for (const module of [
    `data:text/javascript,${code}`,
    `DATA:text/javascript,${code}`,
    `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`,
    ' data:text/javascript,0',
    'http://127.0.0.1:1/evil.mjs',
    'https://example.org/evil.mjs',
    'node:child_process',
    'child_process',
    'blob:nodedata:1',
    'zod',
    '@gnnrec/graph',
    '../evil.mjs',
    './../inner/../evil.mjs',
    './link/evil.mjs',
    join(outside, 'evil.mjs'),
    pathToFileURL(join(outside, 'evil.mjs')).href,
    'file://host/evil.mjs',
    'file:///a%2Fb.js',
    'file:///%E0%A4%A',
    '..',
    '/dev/stdin',
  ]) {
    await writeFile(file, yaml(module))
    await expect(readExperimentFile(file), module).rejects.toMatchObject({
      code: 'EXPERIMENT_FILE',
      message: expect.stringMatching(/x\.yaml:4: models\.0\.module: module: /),
    })
    const definition = { ...small, models: [{ model: 'Evil', module }] }
    const options = { baseFolder: folder, folder: join(outside, 'run'), progress: 'none' } as const
    const run = new ExperimentRunner({ definition, ...options }).run()
    await expect(run, module).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
  }
  expect(existsSync(join(outside, 'ran.txt'))).toBe(false)
})

it('takes modules that are allowed by name, by file or by folder', async () => {
  const outside = await temporaryFolder()
  const evil = join(outside, 'evil.mjs')
  await writeFile(evil, marks(outside))
  const baseFolder = join(outside, 'inner')
  await mkdir(baseFolder)
  const rules = { baseFolder, filesBelow: true }
  const href = pathToFileURL(evil).href
  expect(moduleAddress(evil, { ...rules, allowModules: [outside] })).toBe(href)
  expect(moduleAddress('../evil.mjs', { ...rules, allowModules: [evil] })).toBe(href)
  expect(moduleAddress('@gnnrec/graph', { ...rules, allowModules: ['@gnnrec/graph'] })).toBe(
    '@gnnrec/graph',
  )
  for (const name of ['@gnnrec/graphs', '@gnnrec', 'data:x', '@gnnrec/graph/../models']) {
    const refused = () => moduleAddress(name, { ...rules, allowModules: ['@gnnrec/graph'] })
    expect(refused).toThrow('allowModules')
  }
  for (const name of ['file:///a%2Fb.js', 'file:///%E0%A4%A']) {
    const refused = () => moduleAddress(evil, { ...rules, allowModules: [name] })
    expect(refused).toThrow(`allowModules: got '${name}', which is no address of a file`)
  }
  const file = join(baseFolder, 'x.yaml')
  await writeFile(file, yaml('../evil.mjs'))
  await readExperimentFile(file, { allowModules: [outside] })
  expect(existsSync(join(outside, 'ran.txt'))).toBe(false)
})

it('says what is wrong with an allowed module once it is loaded', async () => {
  const rules = { baseFolder: '.', filesBelow: true, allowModules: ['@gnnrec/graph', 'zod'] }
  const problemsOf = async (models: ExperimentDefinition['models']) => {
    const definition = { ...small, models }
    const checked = await checkExperiment(definition, '.', rules.allowModules)
    const { problems } = await examineInputs({
      definition: checked.definition,
      rules,
      needsTest: true,
    })
    return problems.map(({ message }) => message).join('\n')
  }
  expect(await problemsOf([{ model: 'Rng', module: '@gnnrec/graph' }])).toContain(
    'not a class that extends GraphModel',
  )
  expect(await problemsOf([{ model: 'Mine', module: '@gnnrec/graph' }])).toContain(
    "has no export 'Mine'",
  )
  expect(await problemsOf([{ model: '__proto__', module: 'zod' }])).toContain(
    "has no export '__proto__'",
  )
  await expect(loadExport('no-such', 'x', { ...rules, allowModules: ['no-such'] })).rejects.toThrow(
    "'no-such' cannot be loaded",
  )
})

it('tells of errors that models of modules throw', async () => {
  const rules = { baseFolder: '.', filesBelow: true, allowModules: [] }
  const module = fileURLToPath(new URL('../support/misbehaving-models.ts', import.meta.url))
  const problemsOf = async (change: Partial<ExperimentDefinition>) => {
    const { definition } = await checkExperiment({ ...small, ...change }, '.')
    return (await examineInputs({ definition, rules, needsTest: true })).problems
  }
  const unmakeable = { model: 'Unmakeable', module }
  expect(await problemsOf({ models: [...small.models, unmakeable] })).toEqual([
    { path: ['models', 2], message: 'Unmakeable: TypeError: This model cannot be made.' },
  ])
  const particular = (options: Record<string, number[]>) => ({
    models: [{ model: 'Particular', module, search: { options } }],
    search: { method: 'grid' as const },
  })
  const dims = { embeddingDim: [4, 8] }
  expect(await problemsOf(particular({ ...dims, layers: [1, 4, 3, 5] }))).toEqual([
    { path: ['models', 0], message: 'Particular: RangeError: no 4 layers' },
    { path: ['models', 0], message: 'Particular: RangeError: no 5 layers' },
  ])
})

it('runs modules in a process of their own before the first trial', async () => {
  const baseFolder = await temporaryFolder()
  const pool = new RecordingPool(() => completed(0.5))
  const run = async (text: string, budget = {}) => {
    await writeFile(join(baseFolder, 'data.mjs'), text)
    const datasets = [{ dataset: 'mine', module: './data.mjs' }]
    const definition = { ...small, datasets, budget }
    const folder = join(baseFolder, 'run')
    const options = { baseFolder, folder, pool, progress: 'none' } as const
    return new ExperimentRunner({ definition, ...options }).run()
  }
  const refused = (text: string, budget?: object) => expect(run(text, budget)).rejects
  await refused("throw new TypeError('This never works.')").toThrow(
    "datasets.0.module: mine: module: './data.mjs' cannot be loaded: This never works.",
  )
  await refused("export const loadDataset = () => { throw new RangeError('no') }").toThrow(
    'datasets.0.module: mine: RangeError: no',
  )
  await refused('export const loadDataset = () => ({ interactions: 3 })').toThrow(
    "loadDataset() of './data.mjs' gives no { interactions } or { split }",
  )
  await refused("console.log('bye'); process.exit(3)").toThrow(
    'The process that loads the modules of this experiment exited with code 3; it wrote: bye.',
  )
  await refused(
    "setTimeout(() => { throw new TypeError('later') }); await new Promise(() => setInterval(() => 0, 1000))",
  ).toThrow('exited with code 1; it wrote: TypeError: later.')
  await refused('for (;;);', { secondsPerTrial: 3 }).toThrow('did not end within the 3 s')
  expect(pool.trials).toEqual([])
  expect(existsSync(join(baseFolder, 'run'))).toBe(false)
})

it('stops while modules load', async () => {
  const baseFolder = await temporaryFolder()
  const loading = join(baseFolder, 'loading.txt')
  await writeFile(
    join(baseFolder, 'data.mjs'),
    `process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(loading)}, ''); for (;;);`,
  )
  const runner = new ExperimentRunner({
    definition: { ...small, datasets: [{ dataset: 'mine', module: './data.mjs' }] },
    baseFolder,
    folder: join(baseFolder, 'run'),
    progress: 'none',
  })
  const controller = new AbortController()
  const run = runner.run({ signal: controller.signal })
  await vi.waitFor(() => expect(existsSync(loading)).toBe(true), { timeout: 600_000 })
  controller.abort()
  expect(await run).toMatchObject({ stopped: true, results: [] })
})
