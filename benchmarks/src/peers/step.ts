import { loadGowalla } from '@gnnrec/data'
import { type Batch, BatchIterator, BipartiteGraph, Rng } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { type PythonPackages, pythonWith } from '../python/virtual-environment.js'
import { take } from '../take.js'
import { AdamSteps } from '../training-cost/adam-steps.js'
import { ExchangeFolder } from './exchange-folder.js'
import { folderWith } from './javascript/node-packages.js'
import { tensorflowJs, torch, torchGeometric } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { checkSame, ownName, peerRows, speedUp, threadCounts, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, type Spread, secondsOf, takeTurns } from './take-turns.js'

const batchSize = 2048
const layers = 3
const dimensions = 64
const l2 = 1e-4
const learningRate = 1e-3
/** Number of batches; steps go through them again and again. */
const batchCount = 30
/** Number of steps whose losses must be equal, which shows that gradients and Adam are. */
const checkedSteps = 4

type Start = (folder: string, threads: number) => Promise<PeerProcess>

/** A formulation in `lightgcn_step.py`; its name there is sent with each request. */
const inPython = (packages: PythonPackages, of: string) => ({
  of,
  start: ((folder, threads) =>
    PeerProcess.python(pythonWith(packages), 'lightgcn_step.py', folder, threads)) satisfies Start,
})
const inTensorFlowJs = (
  backend: 'wasm' | 'cpu' | 'tensorflow',
  threads = Number.POSITIVE_INFINITY,
) => ({
  of: backend,
  threads,
  start: ((folder, threads) => {
    const packages = backend === 'tensorflow' ? [] : [folderWith(tensorflowJs)]
    return PeerProcess.javascript('tfjs-step.ts', folder, threads, backend, ...packages)
  }) satisfies Start,
})

/**
 * Formulations of the same step by name. In Node.js two backends of TensorFlow.js always have one
 * thread.
 */
const others: Readonly<Record<string, { of: string; threads?: number; start: Start }>> = {
  'PyTorch, official formulation': inPython(torch, 'official'),
  'PyTorch Geometric': inPython(torchGeometric, 'pyg'),
  'TensorFlow.js wasm': inTensorFlowJs('wasm', 1),
  'TensorFlow.js cpu': inTensorFlowJs('cpu', 1),
  'TensorFlow.js tensorflow': inTensorFlowJs('tensorflow'),
}

export const step: PeerComparison = {
  summary: `one LightGCN-${layers} training step on Gowalla, batch ${batchSize}, Adam: PyTorch in the official formulation and in PyTorch Geometric's, plain TensorFlow.js`,
  async *run({ seed, threads, repetitions }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const iterator = new BatchIterator(graph, { batchSize, rng: Rng.fromSeed(seed) })
    const batches = take(iterator.epoch(0), batchCount)
    const options = { layers, embeddingDim: dimensions, l2Weight: l2, seed }
    const folder = new ExchangeFolder()
    const ours: Spread[] = []
    try {
      for (const count of threadCounts(threads)) {
        await useBackend('simd', { threads: count })
        const model = new LightGcn(graph, options)
        if (count === 1) await writeTask(folder, model, batches)
        const steps = new AdamSteps(model, learningRate)
        const peers = new Peers()
        try {
          const expected = batches.slice(0, checkedSteps).map((batch) => steps.step(batch))
          let number = checkedSteps
          const next = () => secondsOf(() => steps.step(batches[number++ % batchCount]))
          const contenders: Record<string, Contender> = { [ownName]: next }
          const metrics: Record<string, Record<string, number>> = {}
          for (const [name, { of, start, threads: most = count }] of Object.entries(others)) {
            if (most < count) continue
            const peer = await peers.start(name, async () => {
              const started = await start(folder.path, count)
              await started.request('losses', { of, count: 1 })
              return started
            })
            if (!peer) continue
            const { losses } = await peer.request('losses', { of, count: checkedSteps })
            const difference = checkSame(name, losses as number[], expected)
            metrics[name] = { 'largest difference': difference }
            contenders[name] = () => peer.seconds({ of })
          }
          const spreads = await takeTurns(contenders, { repetitions })
          ours.push(spreads[ownName])
          const settings = { ...options, batchSize, threads: count }
          const common = { dataset: 'gowalla', model: 'light-gcn', settings }
          yield* peerRows(`step, ${threadsName(count)}`, common, spreads, metrics)
        } finally {
          await peers.dispose()
          steps.dispose()
        }
      }
    } finally {
      folder.dispose()
    }
    yield* speedUp('step', ours, threads)
  },
}

async function writeTask(folder: ExchangeFolder, model: LightGcn, batches: readonly Batch[]) {
  const { graph } = model
  const { userEmbeddings, itemEmbeddings } = model.parameters()
  const column = (name: 'users' | 'positives' | 'negatives') =>
    Int32Array.from(batches.flatMap((batch) => [...batch[name]]))
  folder.writeMatrix('matrix', graph.adjacency({ normalization: 'symmetric' }))
  folder.write({
    settings: Int32Array.of(layers, batchSize, dimensions, graph.userCount),
    rates: Float32Array.of(learningRate, l2),
    'user-table': await userEmbeddings.data<'float32'>(),
    'item-table': await itemEmbeddings.data<'float32'>(),
    users: column('users'),
    positives: column('positives'),
    negatives: column('negatives'),
  })
}
