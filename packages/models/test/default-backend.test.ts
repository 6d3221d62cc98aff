import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.js'

const setUp = `
  import { BatchIterator, BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
  import { LightGcn, SvdGcn } from '@gnnrec/models'
  import * as tf from '@tensorflow/tfjs-core'
  const graph = BipartiteGraph.fromInteractions(fromRecords([
    { user: 'ann', item: 'jaws' },
    { user: 'bob', item: 'alien' },
  ]))
  const model = new LightGcn(graph, { embeddingDim: 4, layers: 1, seed: 1 })`

/** Runs a program in a process where no backend was started. */
function runFresh(call: string): string {
  const program = `${setUp}\n${call}\nconsole.log(tf.getBackend())`
  const flags = ['--import', 'tsx', '--conditions=@gnnrec/source', '--input-type=module']
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--eval', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: 600_000,
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.trim()
}

describe('in a process where no backend is active', () => {
  it.each([
    ['parameters()', 'model.parameters()'],
    ['weights()', 'await model.weights()'],
    ['forward()', 'model.forward()'],
    [
      'lossTerms()',
      `const [batch] = new BatchIterator(graph, { batchSize: 2, rng: Rng.fromSeed(1) }).epoch(0)
      model.lossTerms(batch)`,
    ],
    [
      'loss()',
      `const [batch] = new BatchIterator(graph, { batchSize: 2, rng: Rng.fromSeed(1) }).epoch(0)
      model.loss(batch)`,
    ],
    ['toRecommender()', 'await model.toRecommender()'],
  ])('%s starts simd', (_, call) => {
    expect(runFresh(call)).toBe('simd')
  })

  it('svd-gcn starts simd for its features', () => {
    const call = `
      const svdGcn = new SvdGcn(graph, { rank: 1, seed: 1 })
      await svdGcn.prepare()
      svdGcn.layerOutputs()`
    expect(runFresh(call)).toBe('simd')
  })

  it('save() starts simd, and so does load() in the next process', async () => {
    const folder = await temporaryFolder()
    expect(runFresh(`await model.save(${JSON.stringify(folder)})`)).toBe('simd')
    expect(runFresh(`await LightGcn.load(${JSON.stringify(folder)})`)).toBe('simd')
  })
})
