import { type Id, IdMap } from '@gnnrec/graph'
import type { HostTensor, ModelParts } from '../../src/model-folder.js'

/** A small model with weights; `seed` changes its numbers. */
export function sampleParts(
  seed: number,
  ids: { users?: readonly Id[]; items?: readonly Id[] } = {},
): ModelParts & { weights: Map<string, HostTensor>; serving: Map<string, HostTensor> } {
  const users = IdMap.from(ids.users ?? ['anna', 'ben', 'cleo'])
  const items = IdMap.from(ids.items ?? [10, 20, 30, 40])
  const matrix = (rows: number): HostTensor => ({
    shape: [rows, 2],
    data: Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(seed + i)),
  })
  const pointers = new Int32Array(users.size + 1).fill(1, 1)
  return {
    architecture: 'light-gcn',
    options: { embeddingDim: 2, layers: 3, layerWeights: [0.5, 0.5], seed },
    splitHash: 'abc',
    kind: 'embeddings',
    score: { similarity: 'dot', scale: 1, itemBias: true },
    weights: new Map([['embeddings', matrix(users.size + items.size)]]),
    serving: new Map([
      ['users', matrix(users.size)],
      ['items', matrix(items.size)],
      ['itemBias', { shape: [items.size], data: new Float32Array(items.size).fill(seed) }],
    ]),
    users,
    items,
    seen: { pointers, items: Int32Array.of(items.size - 1) },
  }
}
