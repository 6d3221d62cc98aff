import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentFileError, readExperimentFile } from '@gnnrec/experiments'
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
