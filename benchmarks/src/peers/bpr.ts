import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, interactionLists, type Ranker, type Split } from '@gnnrec/graph'
import { BprMf, type TrainingSettings } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { EmbeddingRecommender } from '@gnnrec/serving'
import { pythonWith } from '../python/virtual-environment.js'
import { loadMl1mSplit } from '../trials/ml1m-split.js'
import { EpochRunner } from './epoch-runner.js'
import { ExchangeFolder } from './exchange-folder.js'
import { implicit as packages } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { ownName, peerRows, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, takeTurns } from './take-turns.js'

const dimensions = 64
/** Number of epochs after which both models are judged. */
const epochs = 30
const metric = 'recall@10'

const l2 = 1e-2
/**
 * Our settings: large batches, hence few steps an epoch. The settings of implicit are the best of
 * eight pairs.
 */
const training: Omit<TrainingSettings, 'epochs'> = {
  batchSize: 65_536,
  learningRate: 1e-2,
  sampling: 'user-uniform',
}

export const bpr: PeerComparison = {
  summary: `an epoch of implicit's BPR on MovieLens-1M, ${dimensions} factors; both judged after ${epochs} epochs`,
  async *run({ seed, threads }) {
    const split = await loadMl1mSplit()
    const graph = BipartiteGraph.fromInteractions(split.train)
    await useBackend('simd', { threads })
    const folder = new ExchangeFolder()
    folder.writeMatrix('train', graph.biadjacency({ normalization: 'none' }))
    folder.write({ settings: Int32Array.of(dimensions, seed) })
    const model = new BprMf(graph, { embeddingDim: dimensions, l2Weight: l2, seed })
    const ours = new EpochRunner({ model, split, ...training, seed })
    const peers = new Peers()
    try {
      const contenders: Record<string, Contender> = { [ownName]: () => ours.seconds() }
      const name = 'implicit'
      const peer = await peers.start(name, () =>
        PeerProcess.python(pythonWith(packages), 'implicit_bpr.py', folder.path, threads),
      )
      if (peer) contenders[name] = () => peer.seconds()
      const spreads = await takeTurns(contenders, { repetitions: epochs, warmUp: 0 })
      const own = await model.toRecommender()
      const metrics = { [ownName]: await judge(own, split) }
      own.dispose()
      if (peer) {
        await peer.request('factors')
        const theirs = recommenderOf(folder, split)
        Object.assign(metrics, { [name]: await judge(theirs, split) })
        theirs.dispose()
      }
      const settings = { ...training, embeddingDim: dimensions, l2Weight: l2, seed, threads }
      const common = { dataset: 'ml-1m', model: 'bpr-mf', settings, epochs }
      yield* peerRows(`BPR-MF epoch, ${threadsName(threads)}`, common, spreads, metrics)
    } finally {
      await ours.dispose()
      await peers.dispose()
      folder.dispose()
      model.dispose()
    }
  },
}

async function judge(ranker: Ranker, split: Split): Promise<Record<string, number>> {
  const { metrics } = await evaluate(ranker, { split, on: 'test', metrics: [metric] })
  return { [metric]: metrics[metric] }
}

/**
 * Makes a recommender of implicit's factors: the last one holds item biases, and ones for users.
 */
function recommenderOf(folder: ExchangeFolder, { train }: Split): EmbeddingRecommender {
  const userEmbeddings = folder.readFloats('users')
  const { users, items } = train
  return new EmbeddingRecommender({
    users,
    items,
    seen: interactionLists(train),
    embeddingDim: userEmbeddings.length / users.size,
    userEmbeddings,
    itemEmbeddings: folder.readFloats('items'),
  })
}
