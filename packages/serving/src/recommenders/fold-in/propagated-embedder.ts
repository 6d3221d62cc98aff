import type { InteractionLists } from '@gnnrec/graph'
import type { PropagatedFoldIn } from '../../model-folder/fold-in.js'
import type { TensorMap } from '../../model-folder/safetensors.js'
import type { KnownHistory } from '../histories.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** Embeddings by one sum over the items of a history, as linear propagation makes them. */
export class PropagatedEmbedder implements HistoryEmbedder {
  readonly isPart = true
  readonly #regularization: number
  readonly #items: Float32Array
  readonly #smooth: Float32Array | undefined
  readonly #dim: number

  constructor({ regularization }: PropagatedFoldIn, tensors: TensorMap, dim: number) {
    this.#regularization = regularization
    this.#items = tensors.get('items')?.data as Float32Array
    this.#smooth = tensors.get('smooth')?.data as Float32Array | undefined
    this.#dim = dim
  }

  embed({ pointers, items, weights }: InteractionLists, out: Float32Array): void {
    const dim = this.#dim
    const table = this.#items
    const sum = new Float64Array(dim)
    for (let row = 0; row < pointers.length - 1; row++) {
      sum.fill(0)
      let degree = 0
      for (let entry = pointers[row]; entry < pointers[row + 1]; entry++) {
        const weight = weights ? weights[entry] : 1
        const start = items[entry] * dim
        degree += weight
        for (let d = 0; d < dim; d++) sum[d] += weight * table[start + d]
      }
      const factor = degree === 0 ? 0 : 1 / Math.sqrt(degree + this.#regularization)
      const along = Math.sqrt(degree)
      for (let d = 0; d < dim; d++) {
        out[row * dim + d] = factor * sum[d] + (this.#smooth ? along * this.#smooth[d] : 0)
      }
    }
  }

  terms({ items, weights }: Pick<KnownHistory, 'items' | 'weights'>): Float64Array {
    const dim = this.#dim
    const degree = weights ? weights.reduce((sum, weight) => sum + weight, 0) : items.length
    const factor = 1 / Math.sqrt(degree + this.#regularization)
    const rows = new Float64Array(items.length * dim)
    for (let at = 0; at < rows.length; at++) {
      const place = Math.floor(at / dim)
      const weight = weights ? weights[place] : 1
      rows[at] = factor * weight * this.#items[items[place] * dim + (at % dim)]
    }
    return rows
  }

  products(row: Float32Array): Float32Array {
    const dim = this.#dim
    const products = new Float32Array(this.#items.length / dim)
    for (let item = 0; item < products.length; item++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += row[d] * this.#items[item * dim + d]
      products[item] = sum
    }
    return products
  }

  free(): void {}
}
