import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPredecessorFiles } from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { checkExperiment } from '../../src/definition/read-definition.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const training = `learning_rate: 0.001
weight_decay: 1e-4
batch_size: 2048
epochs: 300
eval_every: 10
use_scheduler: true
warmup_epochs: 5
max_grad_norm: 1.0
negative_samples: 1
early_stopping:
  patience: 20
  min_delta: 0.0001
checkpoint_dir: "results/checkpoints"
save_best_only: true
log_dir: "results/logs"
log_every: 10
validation_metrics:
  - recall@10
  - ndcg@10
  - coverage
early_stopping_metric: "recall@10"
`

const common = `training:
  learning_rate: 0.0001
  weight_decay: 1e-5
  early_stopping: { patience: 50, min_delta: 0.00001 }
`

const models = {
  bpr_mf: 'model: { embedding_dim: 64, init_scale: 0.01 }',
  lightgcn: 'model: { embedding_dim: 64, n_layers: 3, init_scale: 0.1 }',
  gcnii: 'model: { embedding_dim: 64, n_layers: 3, alpha: 0.1, beta: 0.5, dropout: 0.0 }',
  dgr: 'model: { embedding_dim: 64, n_layers: 3, lambda_reg: 0.1, dropout: 0.0 }',
  svd_gcn: 'model: { embedding_dim: 64, n_layers: 3, rank: 64, init_scale: 0.1 }',
  layergcn: 'model: { embedding_dim: 64, n_layers: 3, alpha: 0.5 }',
  groupshuffle_gnn: `model:
  embedding_dim: 64
  n_layers: 3
  block_size: 8
  residual_alpha: 0.1
dataset_specific:
  gowalla: { embedding_dim: 64 }`,
}

async function write(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return (name: string) => join(folder, name)
}

async function readAll(changedTraining = training) {
  const texts = Object.entries(models).map(([name, text]) => [
    `${name}.yaml`,
    `model_name: ${name}\n${text}\n${common}`,
  ])
  const path = await write({ 'training.yaml': changedTraining, ...Object.fromEntries(texts) })
  const names = Object.keys(models).map((name) => path(`${name}.yaml`))
  return readPredecessorFiles({ training: path('training.yaml'), models: names })
}

it('makes an experiment of all seven models that passes every check', async () => {
  const { definition } = await readAll()
  expect(definition.models.map(({ model }) => model)).toEqual([
    'bpr-mf',
    'light-gcn',
    'gcnii',
    'dgr',
    'svd-gcn',
    'layer-gcn',
    'group-shuffle',
  ])
  expect(definition.protocol).toEqual({
    split: { method: 'temporal', scope: 'global', ratios: [0.7, 0.1, 0.2] },
    metrics: ['recall@10', 'ndcg@10', 'coverage@10'],
    selection: 'recall@10',
  })
  await expect(checkExperiment(definition, '.')).resolves.toBeDefined()
})

it('lays the settings of a model over those of training.yaml', async () => {
  const { definition } = await readAll()
  expect(definition.models[1]).toEqual({
    model: 'light-gcn',
    options: { embeddingDim: 64, layers: 3, initialDeviation: 0.1, l2Weight: 1e-5 },
    training: {
      epochs: 300,
      batchSize: 2048,
      learningRate: 1e-4,
      sampling: 'interaction-shuffle',
      negativesPerPositive: 1,
      evaluateEvery: 10,
      clipNorm: 1,
      schedule: { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.01 },
      earlyStopping: { metric: 'recall@10', patience: 500, minimumChange: { absolute: 1e-5 } },
    },
  })
  expect(definition.models[6].options).toMatchObject({ blockSize: 8, initialResidual: 0.1 })
})

it('leaves the schedule out where the scheduler is off', async () => {
  const { definition } = await readAll(
    training.replace('use_scheduler: true', 'use_scheduler: false'),
  )
  expect(definition.models[0].training).not.toHaveProperty('schedule')
})

it('takes a largest norm of 0 for no clipping', async () => {
  const { definition, translated } = await readAll(
    training.replace('max_grad_norm: 1.0', 'max_grad_norm: 0'),
  )
  expect(definition.models[0].training).not.toHaveProperty('clipNorm')
  const key = translated.find(({ key }) => key === 'max_grad_norm')
  expect(key).toMatchObject({ line: 8, value: 0, place: 'training.clipNorm' })
  expect(key).not.toHaveProperty('setting')
  await expect(
    readAll(training.replace('max_grad_norm: 1.0', 'max_grad_norm: -1')),
  ).rejects.toThrow(/training\.yaml:8: max_grad_norm: got -1/)
})

it('reads a section training of training.yaml like the settings outside of it', async () => {
  const indented = training.replaceAll(/^(?=.)/gm, '  ')
  const plain = await readAll()
  const nested = await readAll(`training:\n${indented}`)
  expect(nested.definition).toEqual(plain.definition)
  const inside = nested.translated.filter(({ file }) => file.endsWith('training.yaml'))
  expect(inside[0]).toMatchObject({ key: 'training.learning_rate', line: 2, value: 0.001 })
  const both = await readAll('epochs: 20\ntraining: { batch_size: 512 }\n')
  expect(both.definition.models[0].training).toMatchObject({ epochs: 20, batchSize: 512 })
  await expect(readAll('epochs: 20\ntraining:\n  epochs: 30\n')).rejects.toThrow(
    'training.yaml:3: training.epochs: epochs stands outside of the section, too; remove one of them.',
  )
  await expect(readAll('training: 3\n')).rejects.toThrow('training: expected keys and values')
})

it('says what every other key became', async () => {
  const { translated } = await readAll()
  const became = translated.map(({ file, key, place, setting }) =>
    [`${file.split(/[\\/]/).at(-1)} ${key}`, `${place} ${JSON.stringify(setting)}`].join(' → '),
  )
  const stopping = (patience: number, absolute: string) =>
    `training.earlyStopping {"metric":"recall@10","patience":${patience},"minimumChange":{"absolute":${absolute}}}`
  expect(became.slice(0, 17)).toEqual([
    'training.yaml learning_rate → training.learningRate 0.001',
    'training.yaml weight_decay → options.l2Weight 0.0001',
    'training.yaml batch_size → training.batchSize 2048',
    'training.yaml epochs → training.epochs 300',
    'training.yaml eval_every → training.evaluateEvery 10',
    'training.yaml use_scheduler → training.schedule {"name":"warmup-cosine","warmupEpochs":5,"finalFraction":0.01}',
    'training.yaml warmup_epochs → training.schedule.warmupEpochs 5',
    'training.yaml max_grad_norm → training.clipNorm 1',
    'training.yaml negative_samples → training.negativesPerPositive 1',
    `training.yaml early_stopping → ${stopping(200, '0.0001')}`,
    'training.yaml validation_metrics → protocol.metrics ["recall@10","ndcg@10","coverage@10"]',
    'training.yaml early_stopping_metric → protocol.selection "recall@10"',
    'bpr_mf.yaml model.embedding_dim → options.embeddingDim 64',
    'bpr_mf.yaml model.init_scale → options.initialDeviation 0.01',
    'bpr_mf.yaml training.learning_rate → training.learningRate 0.0001',
    'bpr_mf.yaml training.weight_decay → options.l2Weight 0.00001',
    `bpr_mf.yaml training.early_stopping → ${stopping(500, '0.00001')}`,
  ])
})

it('names every key that it ignores, with file, line and reason', async () => {
  const { ignored } = await readAll()
  const listed = ignored.map(
    ({ file, line, key }) => `${file.split(/[\\/]/).at(-1)}:${line} ${key}`,
  )
  expect(listed).toEqual([
    'training.yaml:13 checkpoint_dir',
    'training.yaml:14 save_best_only',
    'training.yaml:15 log_dir',
    'training.yaml:16 log_every',
    'gcnii.yaml:2 model.beta',
    'dgr.yaml:2 model.lambda_reg',
    'dgr.yaml:2 model.dropout',
    'svd_gcn.yaml:2 model.n_layers',
    'svd_gcn.yaml:2 model.init_scale',
    'layergcn.yaml:2 model.alpha',
    'groupshuffle_gnn.yaml:7 dataset_specific',
  ])
  for (const { reason } of ignored) expect(reason).toMatch(/\w{3}/)
  const { ignored: more } = await readAll(`${training}amp: true\n`)
  expect(more.find(({ key }) => key === 'amp')).toMatchObject({ line: 22, reason: 'not known' })
})

it('ignores settings of the protocol in the file of one model', async () => {
  const path = await write({
    'training.yaml': 'validation_metrics: [recall@10]\n',
    'a.yaml': `model_name: lightgcn
training:
  epochs: 7
  validation_metrics: [ndcg@10]
  early_stopping_metric: ndcg@10
`,
  })
  const { definition, translated, ignored } = await readPredecessorFiles({
    training: path('training.yaml'),
    models: [path('a.yaml')],
  })
  const reason = 'there is one protocol for all models, which training.yaml sets'
  expect(ignored.map(({ line, key, reason }) => ({ line, key, reason }))).toEqual([
    { line: 4, key: 'training.validation_metrics', reason },
    { line: 5, key: 'training.early_stopping_metric', reason },
  ])
  expect(translated.map(({ key }) => key)).toEqual(['validation_metrics', 'training.epochs'])
  expect(definition.protocol).toMatchObject({ metrics: ['recall@10'], selection: 'recall@10' })
  expect(definition.models[0].training).toMatchObject({
    epochs: 7,
    earlyStopping: { metric: 'recall@10' },
  })
})

it('names the line of a number that is text, and of a model that does not exist', async () => {
  await expect(readAll(training.replace('1e-4', '"1e-4"'))).rejects.toThrow(
    /training\.yaml:2: weight_decay: got "1e-4"; .*number/,
  )
  const path = await write({ 'training.yaml': training, 'gat.yaml': 'model_name: gat\n' })
  await expect(
    readPredecessorFiles({ training: path('training.yaml'), models: [path('gat.yaml')] }),
  ).rejects.toThrow(/gat\.yaml:1: model_name: got "gat".*expected bpr_mf, lightgcn/)
})

it('takes names of properties of objects for names that do not exist', async () => {
  const path = await write({
    'training.yaml': 'constructor: 1\nearly_stopping: { patience: 3, toString: 2 }\n',
    'a.yaml': 'model_name: lightgcn\nmodel: { constructor: 1, valueOf: 2 }\n',
    'b.yaml': 'model_name: constructor\n',
  })
  const files = { training: path('training.yaml'), models: [path('a.yaml')] }
  const { ignored } = await readPredecessorFiles(files)
  expect(ignored.map(({ key, reason }) => `${key}: ${reason}`)).toEqual([
    'constructor: not known',
    'early_stopping.toString: not known',
    'model.constructor: not known',
    'model.valueOf: not known',
  ])
  await expect(readPredecessorFiles({ ...files, models: [path('b.yaml')] })).rejects.toThrow(
    'b.yaml:1: model_name: got "constructor"',
  )
})
