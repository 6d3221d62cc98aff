import { spawnSync } from 'node:child_process'
import { rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ExperimentFileError,
  readExperimentFile,
  readReport,
  readResults,
} from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.js'

const good = `name: small
models:
  - model: popularity
  - model: light-gcn
    options: { embeddingDim: 8, layers: 2, l2Weight: 1e-4 }
datasets:
  - dataset: movietweetings
seeds: [1, 2]
protocol:
  metrics: [ndcg@10, recall@10]
  selection: ndcg@10
training:
  epochs: 2
  batchSize: 4096
  learningRate: 1e-2
  sampling: interaction-shuffle
`

async function read(text: string) {
  const file = join(await temporaryFolder(), 'small.yaml')
  await writeFile(file, text)
  return readExperimentFile(file)
}

/** The problems as `line: message`. */
async function problemsOf(text: string): Promise<string[]> {
  const error = await read(text).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ExperimentFileError)
  const { code, problems, message, file } = error as ExperimentFileError
  expect(code).toBe('EXPERIMENT_FILE')
  for (const { line } of problems) expect(message).toContain(`${file}:${line}: `)
  return problems.map(({ line, message }) => `${line}: ${message}`)
}

const changed = (from: string, to: string) => {
  expect(good).toContain(from)
  return good.replace(from, to)
}

it('reads numbers in scientific notation as numbers', async () => {
  const { definition } = await read(good)
  expect(definition.training?.learningRate).toBe(0.01)
  expect(definition.models[1].options?.['l2Weight']).toBe(1e-4)
})

it('reads the same from JSON', async () => {
  const { definition } = await read(good)
  const { definition: again } = await read(JSON.stringify(definition, null, 2))
  expect(again).toEqual(definition)
})

it('names the line of a misspelt key, and the nearest one', async () => {
  expect(await problemsOf(changed('  selection: ', '  selektion: '))).toEqual([
    '9: protocol.selection: missing; Invalid input: expected string, received undefined',
    expect.stringMatching(/^11: protocol: unknown key 'selektion' \(did you mean 'selection'\?\)/),
  ])
  expect(await problemsOf(changed('  learningRate: 1e-2', '  learningrate: 1e-2'))).toEqual([
    expect.stringMatching(
      /^15: training: unknown key 'learningrate' \(did you mean 'learningRate'/,
    ),
  ])
})

it('names the line of a value of the wrong type', async () => {
  expect(await problemsOf(changed('epochs: 2', 'epochs: two'))).toEqual([
    expect.stringMatching(/^13: training.epochs: got "two"; .*number/),
  ])
  expect(await problemsOf(changed('[1, 2]', 'three'))).toEqual([
    expect.stringMatching(/^8: seeds: got "three"; .*array/),
  ])
  expect(await problemsOf(changed('1e-2', '"1e-2"'))).toEqual([
    expect.stringMatching(/^15: training.learningRate: got "1e-2"; .*number/),
  ])
})

it('names the line of wrong indentation', async () => {
  const problems = await problemsOf(changed('  batchSize', '    batchSize'))
  expect(problems.length).toBeGreaterThan(0)
  for (const problem of problems) expect(problem).toMatch(/^1[34]: /)
  expect((await problemsOf(changed('  batchSize', '\tbatchSize')))[0]).toMatch(/^14: Tabs/)
})

it('names the line of a key that comes twice', async () => {
  expect(await problemsOf(`${good}seeds: [3]\n`)).toEqual([
    expect.stringMatching(/^17: Map keys must be unique/),
  ])
})

it('names the line of an alias that stands for nothing, or for what it is a part of', async () => {
  expect(await problemsOf(changed('[1, 2]', '*seeds'))).toEqual([
    expect.stringMatching(/^8: the alias \*seeds has no anchor &seeds before it; write/),
  ])
  expect(await problemsOf(changed('seeds: [1, 2]', 'seeds: *x\nname2: &x [1]'))).toEqual([
    expect.stringMatching(/^8: the alias \*x has no anchor/),
  ])
  expect(await problemsOf(changed('[1, 2]', '&seeds [1, *seeds]'))).toEqual([
    expect.stringMatching(/^8: the alias \*seeds stands within the value that it repeats/),
  ])
  const { definition } = await read(changed('[1, 2]', '&seeds [1, 2]'))
  expect(definition.seeds).toEqual([1, 2])
})

it('takes an alias for what it repeats, and names the line of a mistake there', async () => {
  const anchored = changed('options: {', 'options: &small {')
  const bprMf = '  - { model: bpr-mf, options: *small }\ndatasets:'
  expect(await problemsOf(anchored.replace('datasets:', bprMf))).toEqual([
    expect.stringMatching(/^5: bpr-mf: .*unknown option 'layers'/),
  ])
})

it('names the line of a second document', async () => {
  expect(await problemsOf(`${good}---\nname: other\n`)).toEqual([
    expect.stringMatching(/^17: a second document starts here; a file holds one experiment/),
  ])
  expect((await read(`---\n${good}...\n`)).definition.name).toBe('small')
})

it('refuses files that would unfold or nest without bound', async () => {
  const letters = [...'abcdefghi']
  const bomb = letters.map((letter, place) =>
    place === 0
      ? 'a: &a [x, x, x, x, x, x, x, x, x]'
      : `${letter}: &${letter} [${Array(9).fill(`*${letters[place - 1]}`)}]`,
  )
  expect(await problemsOf(bomb.join('\n'))).toEqual([
    expect.stringMatching(/^1: aliases repeat more than 100 values/),
  ])
  const chain = Array.from({ length: 5 }, (_, place) => {
    const inner = place === 0 ? 'x' : `*a${place - 1}`
    return `b${place}: &a${place} ${'['.repeat(50)}${inner}${']'.repeat(50)}`
  })
  expect(await problemsOf(chain.join('\n'))).toEqual([
    expect.stringMatching(/^1: the file has more than 64 levels, counting what aliases repeat/),
  ])
  const seeds = (count: number) => `name: x\nseeds: [${Array(count).fill('x')}]\n`
  expect(await problemsOf(seeds(130_000))).toEqual([
    expect.stringMatching(/^1: the file has more than 120000 values/),
  ])
  const wide = [seeds(400_000), `[${'1,'.repeat(400_000)}]`, '#\n'.repeat(400_000)]
  const keys = Array.from({ length: 60_000 }, (_, place) => `k${place}: 1\n`)
  const [first, ...others] = await problemsOf(keys.join(''))
  expect(first).toMatch(/^1: there are more than 100 mistakes; the first are listed/)
  expect(others).toHaveLength(100)
  for (const text of wide) {
    expect(await problemsOf(text)).toEqual([
      expect.stringMatching(/^\d+: there are more than 480000 words and signs/),
    ])
  }
  const aliases = `a: &a 1\nb: [${Array(50_000).fill('*a')}]\n`
  expect(await problemsOf(aliases)).toEqual([
    expect.stringMatching(/^2: there are more than 100 aliases/),
  ])
  for (const open of ['[', '{a: ', '- ', '? ', 'a: ']) {
    for (const levels of [65, 2000, 20_000]) {
      expect(await problemsOf(`x:\n  ${open.repeat(levels)}`)).toEqual([
        expect.stringMatching(/^2: lists and keys are nested more than 64 levels deep/),
      ])
    }
  }
  const block = Array.from({ length: 1200 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')
  expect(await problemsOf(block)).toEqual([
    expect.stringMatching(/^6\d: lists and keys are nested/),
  ])
})

it('refuses what is no text file of the size of a definition', async () => {
  const folder = await temporaryFolder()
  await expect(readExperimentFile(folder)).rejects.toThrow('cannot be read: EISDIR')
  await expect(readExperimentFile('/dev/zero')).rejects.toThrow('it is no regular file')
  const pipe = join(folder, 'pipe')
  if (spawnSync('mkfifo', [pipe]).status === 0) {
    await expect(readExperimentFile(pipe)).rejects.toThrow('it is no regular file')
    await expect(readReport(folder, 'pipe')).rejects.toThrow('it is no regular file')
    await rename(pipe, join(folder, 'results.jsonl'))
    await expect(readResults(folder)).rejects.toThrow('it is no regular file')
  }
  const file = join(folder, 'bytes.yaml')
  await writeFile(file, Uint8Array.of(0x61, 0x3a, 0xff, 0xfe))
  await expect(readExperimentFile(file)).rejects.toThrow('cannot be read: ')
  await writeFile(file, '')
  await truncate(file, 2e9)
  await expect(readExperimentFile(file)).rejects.toThrow('it has 2000000000 bytes, more than')
})

it('names the line of an option that the model does not have', async () => {
  expect(await problemsOf(changed('layers: 2', 'layer: 2'))).toEqual([
    expect.stringMatching(/^5: light-gcn: .*unknown option 'layer' \(did you mean 'layers'\?\)/),
  ])
  expect(await problemsOf(changed('layers: 2', 'layers: -2'))).toEqual([
    expect.stringMatching(/^5: light-gcn: .*layers: got -2/),
  ])
})

it('names the line of training settings that the trainer refuses', async () => {
  const schedule = '  schedule: { name: warmup-cosine, warmupEpochs: 5, finalFraction: 0.01 }\n'
  expect(await problemsOf(good + schedule)).toEqual([
    expect.stringMatching(/^13: light-gcn: epochs: got 2, fewer than the 5 warm-up epochs/),
  ])
  expect(await problemsOf(changed('  epochs: 2\n', ''))).toEqual([
    expect.stringMatching(/^4: light-gcn: .*epochs: got undefined/),
  ])
})

it('takes samples of the graph and guards', async () => {
  const settings = `  graphSampling: { method: neighbours, fanOuts: [10, all] }
  sampleAhead: true
  guards: { tied-scores: warn, below-popularity: { afterEpochs: 9 } }
`
  const { definition } = await read(good + settings)
  expect(definition.training).toMatchObject({
    graphSampling: { method: 'neighbours', fanOuts: [10, 'all'] },
    sampleAhead: true,
    guards: { 'tied-scores': 'warn', 'below-popularity': { afterEpochs: 9 } },
  })
  await read(`${good}  guards: false\n`)
  // Only the data set itself knows whether it has so many nodes.
  await read(`${good}  graphSampling: { method: clusters, clusters: 5000, clustersPerStep: 20 }\n`)
})

it('names the line of what is wrong with samples of the graph and guards', async () => {
  const refused = (line: string) => problemsOf(`${good}  ${line}\n`)
  expect(await refused('graphSampling: { method: neighbors, fanOuts: [10, 10] }')).toEqual([
    expect.stringMatching(/^17: training.graphSampling.method: got "neighbors"/),
  ])
  expect(await refused('graphSampling: { method: layers, fanOuts: [10, 10] }')).toEqual([
    expect.stringMatching(/^17: training.graphSampling.layerSizes: missing; .*array/),
    expect.stringMatching(/^17: training.graphSampling: unknown key 'fanOuts'/),
  ])
  expect(await refused('graphSampling: { method: neighbours, fanOuts: [10] }')).toEqual([
    expect.stringMatching(/^17: light-gcn: graphSampling.fanOuts: got 1; expected 2, one for each/),
  ])
  expect(
    await refused('graphSampling: { method: clusters, clusters: 4, clustersPerStep: 9 }'),
  ).toEqual([expect.stringMatching(/^17: light-gcn: .*clustersPerStep: got 9; expected at most 4/)])
  expect(await refused('sampleAhead: 1')).toEqual([
    expect.stringMatching(/^17: training.sampleAhead: got 1; .*boolean/),
  ])
  expect(await refused('guards: { tied-score: warn }')).toEqual([
    expect.stringMatching(/^17: light-gcn: .*guards: got .*tied-scores/),
  ])
  const ofModel = '    training: { graphSampling: { method: layers, layerSizes: [9] } }\n'
  const svdGcn = `  - model: svd-gcn\n    options: { variant: B, rank: 8 }\n${ofModel}`
  expect(await problemsOf(good.replace('datasets:', `${svdGcn}datasets:`))).toEqual([
    expect.stringMatching(/^8: svd-gcn: svd-gcn cannot train on samples of the graph/),
  ])
})

it('names the line of names that do not exist', async () => {
  expect(await problemsOf(changed('model: light-gcn', 'model: light-gnc'))).toEqual([
    expect.stringMatching(/^4: models.1.model: got 'light-gnc' \(did you mean 'light-gcn'\?\)/),
  ])
  expect(await problemsOf(changed('movietweetings', 'movielens'))).toEqual([
    expect.stringMatching(/^7: datasets.0.dataset: got 'movielens'.*expected movietweetings/),
  ])
  expect(await problemsOf(changed('recall@10', 'recal@10'))).toEqual([
    expect.stringMatching(/^10: protocol.metrics.1: .*did you mean 'recall@10'/),
  ])
})

it('says what is wrong with an empty file and one that is not there', async () => {
  expect(await problemsOf('')).toEqual([expect.stringMatching(/^1: got null; .*object/)])
  await expect(readExperimentFile('no-such.yaml')).rejects.toThrow(
    /^no-such.yaml: cannot be read: ENOENT/,
  )
})
