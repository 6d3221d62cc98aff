import { loadGowalla } from '@gnnrec/data'
import { BipartiteGraph, Rng } from '@gnnrec/graph'
import { spmm, useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { pythonWith } from '../python/virtual-environment.js'
import { ExchangeFolder } from './exchange-folder.js'
import { nativeProduct } from './native-product.js'
import { scipy, torch } from './packages.js'
import type { PeerComparison } from './peer-comparison.js'
import { PeerProcess } from './peer-process.js'
import { checkSame, ownName, peerRows, speedUp, threadCounts, threadsName } from './peer-rows.js'
import { Peers } from './peers.js'
import { type Contender, type Spread, secondsOf, takeTurns } from './take-turns.js'

const columns = 64

/**
 * Products of other libraries by name, each with its program and its name for the product there.
 */
const others = {
  'native C': {
    start: (folder: string, threads: number) =>
      PeerProcess.start(nativeProduct(), [], folder, threads),
    products: { 'native C': 'native' },
  },
  PyTorch: {
    start: (folder: string, threads: number) =>
      PeerProcess.python(pythonWith(torch), 'torch_product.py', folder, threads),
    products: { 'PyTorch CSR': 'csr', 'PyTorch COO': 'coo' },
  },
  SciPy: {
    start: (folder: string, threads: number) =>
      PeerProcess.python(pythonWith(scipy), 'scipy_product.py', folder, threads),
    products: { 'SciPy CSR': 'csr' },
  },
}

export const product: PeerComparison = {
  summary: `normalized Gowalla adjacency × ${columns} columns: PyTorch CSR and COO, SciPy, native C`,
  async *run({ seed, threads, repetitions }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const matrix = graph.adjacency({ normalization: 'symmetric' })
    const x = new Float32Array(matrix.columns * columns)
    Rng.fromSeed(seed).fillNormal(x, 0.1)
    const folder = new ExchangeFolder()
    folder.writeMatrix('matrix', matrix)
    folder.write({ x })
    const ours: Spread[] = []
    try {
      for (const count of threadCounts(threads)) {
        await useBackend('simd', { threads: count })
        const own = ownProduct(graph, x)
        const peers = new Peers()
        try {
          const contenders: Record<string, Contender> = { [ownName]: () => secondsOf(own.run) }
          const metrics: Record<string, Record<string, number>> = {}
          for (const [program, { start, products }] of Object.entries(others)) {
            const peer = await peers.start(program, () => start(folder.path, count))
            for (const [name, of] of peer ? Object.entries(products) : []) {
              await peer?.request('result', { of })
              const difference = checkSame(name, own.values, folder.readFloats(of))
              metrics[name] = { 'largest difference': difference }
              contenders[name] = () => (peer as PeerProcess).seconds({ of })
            }
          }
          const spreads = await takeTurns(contenders, { repetitions, warmUp: 3, unmeasured: 1 })
          ours.push(spreads[ownName])
          const common = { dataset: 'gowalla', settings: { columns, threads: count } }
          yield* peerRows(`product, ${threadsName(count)}`, common, spreads, metrics)
        } finally {
          await peers.dispose()
          own.dispose()
        }
      }
    } finally {
      folder.dispose()
    }
    yield* speedUp('product', ours, threads)
  },
}

/** Multiplies as the models do: both blocks of the matrix, one after the other. */
function ownProduct(graph: BipartiteGraph, x: Float32Array) {
  const toUsers = graph.biadjacency({ normalization: 'symmetric' })
  const toItems = toUsers.transpose()
  const border = graph.userCount * columns
  const users = tf.tensor2d(x.subarray(0, border), [graph.userCount, columns])
  const items = tf.tensor2d(x.subarray(border), [graph.itemCount, columns])
  const multiply = () => [spmm(toUsers, items), spmm(toItems, users)]
  const values = new Float32Array(x.length)
  const [first, second] = multiply()
  values.set(first.dataSync<'float32'>())
  values.set(second.dataSync<'float32'>(), border)
  tf.dispose([first, second])
  return {
    values,
    run: () => tf.dispose(multiply()),
    dispose: () => tf.dispose([users, items]),
  }
}
