import type { InteractionLists } from '@gnnrec/graph'
import type { LayeredFoldIn } from '../../model-folder/fold-in.js'
import type { TensorMap } from '../../model-folder/safetensors.js'
import { someHistories } from '../some-histories.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** Embeddings by several layers of propagation to one row, with maps of the dimensions. */
export class LayeredEmbedder implements HistoryEmbedder {
  readonly isPart = true
  readonly #rule: LayeredFoldIn
  readonly #dim: number
  readonly #layers: number
  /** Numbers of one layer in the table of the items. */
  readonly #layerSize: number
  readonly #items: Float32Array
  readonly #maps: Float32Array
  readonly #head: Float32Array | undefined
  readonly #headBias: Float32Array | undefined

  constructor(rule: LayeredFoldIn, tensors: TensorMap, dim: number) {
    const floats = (name: string) => tensors.get(name)?.data as Float32Array | undefined
    this.#rule = rule
    this.#dim = dim
    this.#items = floats('items') as Float32Array
    this.#maps = floats('maps') as Float32Array
    this.#head = floats('head')
    this.#headBias = floats('headBias')
    this.#layers = tensors.get('items')?.shape[0] as number
    this.#layerSize = this.#items.length / this.#layers
  }

  embed(histories: InteractionLists, out: Float32Array): void {
    const dim = this.#dim
    for (let row = 0; row < histories.pointers.length - 1; row++) {
      const { items, weights } = someHistories(histories, row, row + 1)
      const target = out.subarray(row * dim, (row + 1) * dim)
      if (items.length === 0) target.fill(0)
      else target.set(this.#embedOne(items, weights))
    }
  }

  free(): void {}

  #embedOne(items: Int32Array, weights: Float32Array | undefined): Float64Array {
    const { neighbourShare, activation, layerResidual } = this.#rule
    const degree = weights ? weights.reduce((sum, weight) => sum + weight, 0) : items.length
    let hidden = new Float64Array(this.#dim)
    for (let layer = 0; layer < this.#layers; layer++) {
      const sum = this.#sumOf(layer, items, weights)
      const input = sum.map(
        (value, d) => neighbourShare * (value / Math.sqrt(degree + 1) + hidden[d] / (degree + 1)),
      )
      const next = this.#mapped(input, this.#maps, layer)
      hidden = next.map((value, d) => {
        const moved = layerResidual ? value + hidden[d] : value
        return activation === 'relu' ? Math.max(0, moved) : moved
      })
    }
    const mapped = this.#head ? this.#mapped(hidden, this.#head, 0) : hidden
    const bias = this.#headBias
    return bias ? mapped.map((value, d) => value + bias[d]) : mapped
  }

  #sumOf(
    layer: number,
    items: Int32Array,
    weights: Float32Array | undefined,
  ): Float64Array<ArrayBuffer> {
    const sum = new Float64Array(this.#dim)
    for (let place = 0; place < items.length; place++) {
      const weight = weights ? weights[place] : 1
      const start = layer * this.#layerSize + items[place] * this.#dim
      for (let d = 0; d < sum.length; d++) sum[d] += weight * this.#items[start + d]
    }
    return sum
  }

  /** Multiplies a row with one of the square matrices that lie one after the other. */
  #mapped(row: Float64Array, matrices: Float32Array, place: number): Float64Array<ArrayBuffer> {
    const dim = this.#dim
    const out = new Float64Array(dim)
    for (let from = 0; from < dim; from++) {
      const start = (place * dim + from) * dim
      for (let to = 0; to < dim; to++) out[to] += row[from] * matrices[start + to]
    }
    return out
  }
}
