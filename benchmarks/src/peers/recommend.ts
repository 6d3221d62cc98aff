import { loadGowalla } from '@gnnrec/data'
import { BipartiteGraph, interactionLists, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { EmbeddingRecommender, type Recommendation } from '@gnnrec/serving'
import { pythonWith } from '../python/virtual-environment.js'
import { ExchangeFolder } from './exchange-folder.js'
import { implicit as packages } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { checkSame, ownName, peerRows, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, secondsOf, takeTurns } from './take-turns.js'

const dimensions = 64
const k = 20

export const recommend: PeerComparison = {
  summary: `the best ${k} of Gowalla's 40,981 items for all its users in one call, training items left out: implicit`,
  async *run({ seed, threads, repetitions }) {
    const { split } = await loadGowalla()
    const { train } = split
    const graph = BipartiteGraph.fromInteractions(train)
    const rng = Rng.fromSeed(seed).fork('recommend')
    const users = new Float32Array(graph.userCount * dimensions)
    const items = new Float32Array(graph.itemCount * dimensions)
    rng.fillNormal(users, 0.1)
    rng.fillNormal(items, 0.1)
    await useBackend('simd', { threads })
    const recommender = new EmbeddingRecommender({
      users: train.users,
      items: train.items,
      seen: interactionLists(train),
      embeddingDim: dimensions,
      userEmbeddings: users,
      itemEmbeddings: items,
    })
    const ids = Array.from({ length: graph.userCount }, (_, user) => train.users.idOf(user))
    const lists = () => recommender.recommend(ids, { k })
    const folder = new ExchangeFolder()
    folder.writeMatrix('train', graph.biadjacency({ normalization: 'none' }))
    folder.write({ users, items, settings: Int32Array.of(dimensions, k) })
    const peers = new Peers()
    try {
      const contenders: Record<string, Contender> = { [ownName]: () => secondsOf(lists) }
      const metrics: Record<string, Record<string, number>> = {}
      const name = 'implicit'
      const peer = await peers.start(name, () =>
        PeerProcess.python(pythonWith(packages), 'implicit_recommend.py', folder.path, threads),
      )
      if (peer) {
        await peer.request('result')
        metrics[name] = { 'largest difference': checkLists(lists(), folder) }
        contenders[name] = () => peer.seconds()
      }
      const spreads = await takeTurns(contenders, { repetitions, warmUp: 1 })
      const settings = { embeddingDim: dimensions, k, seed, threads }
      const common = { dataset: 'gowalla', settings }
      yield* peerRows(`recommend, ${threadsName(threads)}`, common, spreads, metrics)
    } finally {
      await peers.dispose()
      folder.dispose()
      recommender.dispose()
    }
  },
}

/**
 * Compares lists: scores must be equal place by place, and items wherever the next score differs.
 */
function checkLists(lists: readonly Recommendation[], folder: ExchangeFolder): number {
  const scores = Float32Array.from(lists.flatMap((list) => [...list.scores]))
  const difference = checkSame('implicit', folder.readFloats('scores'), scores)
  const theirs = folder.readIntegers('lists')
  const tie = 1e-5 * scores.reduce((most, score) => Math.max(most, score), 0)
  lists.forEach(({ user, items }, row) => {
    items.forEach((item, place) => {
      const at = row * k + place
      const isTied = [at - 1, at + 1].some((next) => Math.abs(scores[next] - scores[at]) <= tie)
      // The ids of Gowalla are indices.
      if (theirs[at] === Number(item) || isTied || place === k - 1) return
      throw new Error(`The lists of user ${user} differ at place ${place + 1}.`)
    })
  })
  return difference
}
