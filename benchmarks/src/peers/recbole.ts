import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, BatchIterator, BipartiteGraph, Rng, type Split } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { pythonWith } from '../python/virtual-environment.js'
import { take } from '../take.js'
import { AdamSteps } from '../training-cost/adam-steps.js'
import { loadMl1mSplit } from '../trials/ml1m-split.js'
import { EpochRunner } from './epoch-runner.js'
import { ExchangeFolder } from './exchange-folder.js'
import { recbole as packages } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { checkSame, ownName, peerRows, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, takeTurns } from './take-turns.js'

/** RecBole's own settings, except for the batch size. */
const options = { layers: 2, embeddingDim: 64, l2Weight: 1e-5 }
const learningRate = 1e-3
const recBoleBatchSize = 4096
const training = {
  sampling: 'interaction-shuffle',
  batchSize: recBoleBatchSize,
  learningRate,
} as const
/** Number of steps whose losses must be equal, which shows that gradients and Adam are. */
const checkedSteps = 4

export const recbole: PeerComparison = {
  summary: `an epoch of RecBole's LightGCN on MovieLens-1M (${options.layers} layers, batch ${recBoleBatchSize}, a negative each), sampling included, each by the library's trainer`,
  async *run({ seed, threads, repetitions }) {
    const split = await loadMl1mSplit()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const batches = take(sampledBatches(graph, seed), checkedSteps)
    await useBackend('simd', { threads })
    const model = new LightGcn(graph, { ...options, seed })
    const folder = new ExchangeFolder()
    const peers = new Peers()
    const ours = new EpochRunner({ model, split, ...training, seed })
    try {
      const contenders: Record<string, Contender> = { [ownName]: () => ours.seconds() }
      const metrics: Record<string, Record<string, number>> = {}
      await writeTask(folder, model, split, batches)
      const name = 'RecBole'
      const peer = await peers.start(name, () =>
        PeerProcess.python(pythonWith(packages), 'recbole_epoch.py', folder.path, threads),
      )
      if (peer) {
        const steps = new AdamSteps(new LightGcn(graph, { ...options, seed }), learningRate)
        const expected = batches.map((batch) => steps.step(batch))
        steps.dispose()
        const { losses } = await peer.request('losses', { count: checkedSteps })
        metrics[name] = { 'largest difference': checkSame(name, losses as number[], expected) }
        contenders[name] = () => peer.seconds()
      }
      const spreads = await takeTurns(contenders, { repetitions, warmUp: 1 })
      const settings = { ...options, ...training, seed, threads }
      const common = { dataset: 'ml-1m', model: 'light-gcn', settings }
      yield* peerRows(`LightGCN epoch, ${threadsName(threads)}`, common, spreads, metrics)
    } finally {
      await ours.dispose()
      await peers.dispose()
      folder.dispose()
      model.dispose()
    }
  },
}

function sampledBatches(graph: BipartiteGraph, seed: number): Generator<Batch> {
  const { batchSize, sampling: strategy } = training
  const rng = Rng.fromSeed(seed)
  return new BatchIterator(graph, { batchSize, strategy, rng }).epoch(0)
}

async function writeTask(
  folder: ExchangeFolder,
  model: LightGcn,
  { train, validation, test }: Split,
  batches: readonly Batch[],
): Promise<void> {
  for (const [part, table] of Object.entries({ train, valid: validation, test })) {
    const rows = Array.from(table.userIndex, (user, row) => `${user}\t${table.itemIndex[row]}\n`)
    const path = join(folder.makeFolder('peer'), `peer.${part}.inter`)
    writeFileSync(path, `user_id:token\titem_id:token\n${rows.join('')}`)
  }
  const { userEmbeddings, itemEmbeddings } = model.parameters()
  const column = (name: 'users' | 'positives' | 'negatives') =>
    Int32Array.from(batches.flatMap((batch) => [...batch[name]]))
  folder.write({
    settings: Int32Array.of(options.layers, recBoleBatchSize, options.embeddingDim),
    rates: Float32Array.of(learningRate, options.l2Weight),
    'user-table': await userEmbeddings.data<'float32'>(),
    'item-table': await itemEmbeddings.data<'float32'>(),
    users: column('users'),
    positives: column('positives'),
    negatives: column('negatives'),
  })
}
