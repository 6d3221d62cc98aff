import { loadGowalla, loadMovieLens, randomSplit } from '@gnnrec/data'
import { evaluate as evaluateRanker } from '@gnnrec/eval'
import { interactionLists, Rng, type Split } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { EmbeddingRecommender } from '@gnnrec/serving'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { TorchPeer } from '../evaluation/torch.js'
import { peakMegabytes } from '../measure.js'

const dimensions = 64
const k = 50
const runs = 3

export const evaluate: BenchmarkEntry = {
  summary: `full ranking of Gowalla and MovieLens-1M, ${dimensions} dimensions, top ${k}, beside PyTorch`,
  async *run({ seed, threads = 2 }) {
    await useBackend('simd', { threads })
    for (const [dataset, load] of Object.entries(splits)) {
      const split = await load()
      const task = randomTask(split, seed)
      const recommender = new EmbeddingRecommender({
        users: split.train.users,
        items: split.train.items,
        seen: task.masked,
        embeddingDim: dimensions,
        userEmbeddings: task.users,
        itemEmbeddings: task.items,
      })
      const peer = TorchPeer.find({ ...task, dimensions, k, threads })
      if (!peer)
        console.log('There is no Python with PyTorch to compare with (GNNREC_TORCH_PYTHON).')
      globalThis.gc?.()
      const before = process.memoryUsage().rss / 1e6
      const [ours, theirs]: number[][] = [[], []]
      try {
        for (let run = 0; run < runs; run++) {
          const metrics = [`recall@${k}`, `ndcg@${k}`]
          const report = await evaluateRanker(recommender, { split, on: 'test', metrics })
          ours.push(report.seconds)
          if (peer) theirs.push(peer.seconds())
        }
      } finally {
        peer?.dispose()
        recommender.dispose()
      }
      const common = { dataset, settings: { dimensions, k, threads, seed } }
      const { userCount, itemCount } = recommender
      yield {
        ...common,
        name: `${dataset}: evaluate, ${threads} threads`,
        seconds: median(ours),
        peakRssMb: peakMegabytes(),
        metrics: {
          'users × items, million': (userCount * itemCount) / 1e6,
          'MB above the embeddings, at most': Math.max(0, peakMegabytes() * 1.048576 - before),
        },
        ...(peer && { ratio: { 'this / PyTorch': median(ours) / median(theirs) } }),
      }
      if (peer) {
        yield {
          ...common,
          name: `${dataset}: PyTorch matmul + topk, ${threads} threads`,
          seconds: median(theirs),
        }
      }
    }
  },
}

const splits: Readonly<Record<string, () => Promise<Split>>> = {
  gowalla: async () => (await loadGowalla()).split,
  'ml-1m': async () => randomSplit((await loadMovieLens('ml-1m')).interactions, { seed: 0 }),
}

/** Makes random embeddings; the items of the training part are masked. */
function randomTask({ train }: Split, seed: number) {
  const rng = Rng.fromSeed(seed).fork('evaluate')
  const users = new Float32Array(train.users.size * dimensions)
  const items = new Float32Array(train.items.size * dimensions)
  rng.fillNormal(users, 0.1)
  rng.fillNormal(items, 0.1)
  return { users, items, masked: interactionLists(train) }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
