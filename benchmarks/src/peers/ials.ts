import { BipartiteGraph, Rng } from '@gnnrec/graph'
import { Ials, initializeTable } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { Recommender } from '@gnnrec/serving'
import { pythonWith } from '../python/virtual-environment.js'
import { loadMl1mSplit } from '../trials/ml1m-split.js'
import { ExchangeFolder } from './exchange-folder.js'
import { implicit as packages } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { ownName, peerRows, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, secondsOf, takeTurns } from './take-turns.js'

const dimensions = [64, 256]
/** Number of sweeps of a run, whose scores are compared. */
const sweeps = 3
/** Number of sweeps that take as long: the users are solved once more after the last. */
const timedSweeps = sweeps + 0.5
const convention = { convention: 'implicit', alpha: 10, l2Weight: 0.1 } as const
/** Number of users whose scores are compared. */
const comparedUsers = 500

export const ials: PeerComparison = {
  summary: `a sweep of implicit's alternating least squares on MovieLens-1M, ${dimensions.join(' and ')} factors`,
  async *run({ seed, threads, repetitions }) {
    const { train } = await loadMl1mSplit()
    const graph = BipartiteGraph.fromInteractions(train)
    await useBackend('simd', { threads })
    for (const embeddingDim of dimensions) {
      const settings = { ...convention, embeddingDim, sweeps, seed }
      const folder = exchange(graph, settings)
      const peers = new Peers()
      let recommender: Recommender | undefined
      const contenders: Record<string, Contender> = {
        [ownName]: async () => {
          const model = new Ials(graph, settings)
          const seconds = await secondsOf(() => model.prepare())
          recommender = await model.toRecommender()
          model.dispose()
          return seconds / timedSweeps
        },
      }
      const metrics: Record<string, Record<string, number>> = {}
      try {
        const peer = await peers.start('implicit', () =>
          PeerProcess.python(pythonWith(packages), 'implicit_als.py', folder.path, threads),
        )
        for (const [name, exact] of [
          ['implicit, exact', true],
          ['implicit, conjugate gradients', false],
        ] as const) {
          if (!peer) continue
          contenders[name] = async () => {
            const { seconds } = await peer.request('run', { exact })
            if (recommender) metrics[name] = distance(recommender, folder, embeddingDim)
            return Number(seconds)
          }
        }
        const spreads = await takeTurns(contenders, { repetitions, warmUp: 0 })
        const common = { dataset: 'ml-1m', model: 'ials', settings: { ...settings, threads } }
        const work = `iALS sweep, ${embeddingDim} factors, ${threadsName(threads)}`
        yield* peerRows(work, common, spreads, metrics)
      } finally {
        await peers.dispose()
        folder.dispose()
      }
    }
  },
}

/** Writes the graph, the settings and the embeddings that a model starts with. */
function exchange(
  graph: BipartiteGraph,
  { embeddingDim, seed }: { embeddingDim: number; seed: number },
): ExchangeFolder {
  const folder = new ExchangeFolder()
  const { alpha, l2Weight } = convention
  const met = graph.biadjacency({ normalization: 'none' })
  folder.writeMatrix('confidences', met.withValues(new Float32Array(met.nonZeros).fill(1 + alpha)))
  folder.write({ settings: Int32Array.of(embeddingDim, sweeps), l2: Float32Array.of(l2Weight) })
  const rng = Rng.fromSeed(seed).fork('init')
  for (const name of ['users', 'items'] as const) {
    const rows = graph[name].size
    const start = new Float32Array(rows * embeddingDim)
    const initialDeviation = 0.1 / Math.sqrt(embeddingDim)
    const settings = { initialization: 'normal', initialDeviation } as const
    initializeTable(start, [rows, embeddingDim], rng.fork(name), settings)
    folder.write({ [`${name}-start`]: start })
  }
  return folder
}

/** Compares the scores of some users, as shares of the largest. */
function distance(
  recommender: Recommender,
  folder: ExchangeFolder,
  dim: number,
): Record<string, number> {
  const { itemCount } = recommender
  const [users, items] = ['users', 'items'].map((name) => folder.readFloats(name))
  const own = new Float32Array(itemCount)
  let [squares, most, largest] = [0, 0, 0]
  for (let user = 0; user < comparedUsers; user++) {
    recommender.scoreUsers(Int32Array.of(user), own)
    for (let item = 0; item < itemCount; item++) {
      let score = 0
      for (let i = 0; i < dim; i++) score += users[user * dim + i] * items[item * dim + i]
      const difference = Math.abs(score - own[item])
      squares += difference ** 2
      most = Math.max(most, difference)
      largest = Math.max(largest, Math.abs(score))
    }
  }
  const rmse = Math.sqrt(squares / comparedUsers / itemCount)
  return { 'RMSE of scores / largest': rmse / largest, 'difference / largest': most / largest }
}
