import type { Batch, BipartiteGraph, Rng } from '@gnnrec/graph'
import type { Edge } from './graphs.js'
import { batchL264, bpr64, layerZero64, multiply64, type Nodes64, row64 } from './reference.js'

/** The layers of LayerGCN in float64, layer 0 first; `operator` is dense. */
export function refinedLayers64(
  operator: Float64Array,
  layerZero: Nodes64,
  layers: number,
): Nodes64[] {
  const all = [layerZero]
  for (let layer = 0; layer < layers; layer++) {
    const product = multiply64(operator, all[layer] as Nodes64)
    all.push({ ...product, values: refinedRows64(product, layerZero) })
  }
  return all
}

function refinedRows64(product: Nodes64, layerZero: Nodes64): Float64Array {
  return product.values.map((value, place) => {
    const node = Math.floor(place / product.dim)
    return value * cosine64(row64(product, node), row64(layerZero, node))
  })
}

/** y · e / max(‖y‖ ‖e‖, 1e-8) */
export function cosine64(y: Float64Array, e: Float64Array): number {
  const dot = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, c) => sum + value * (b[c] as number), 0)
  return dot(y, e) / Math.max(Math.sqrt(dot(y, y) * dot(e, e)), 1e-8)
}

/** The sum of layers 1..layers. */
export function layerGcn64(operator: Float64Array, layerZero: Nodes64, layers: number): Nodes64 {
  const [, ...refined] = refinedLayers64(operator, layerZero, layers)
  const values = layerZero.values.map((_, i) =>
    refined.reduce((sum, layer) => sum + (layer.values[i] as number), 0),
  )
  return { ...layerZero, values }
}

/** Sum of BPR plus l2Weight · ½ Σ ‖row‖². */
export function layerGcnLoss64(
  operator: Float64Array,
  settings: { userCount: number; layers: number; l2Weight: number },
  batch: Batch,
) {
  const { userCount, layers, l2Weight } = settings
  return (parameters: Readonly<Record<string, Float64Array>>): number => {
    const layerZero = layerZero64(parameters, userCount)
    const ranking = batch.negatives.length * bpr64(layerGcn64(operator, layerZero, layers), batch)
    return ranking + l2Weight * batch.users.length * batchL264(layerZero, batch)
  }
}

/**
 * A stream whose draws make DegreeDrop keep the given edges: the number of an edge (by user, then
 * item) is the place of its draw, just under 1 for what is kept and 0 for the rest. There have to be
 * as many edges as the pruning keeps.
 */
export function keptEdgesStream(graph: BipartiteGraph, kept: readonly Edge[]): Rng {
  const draws: number[] = []
  for (let user = 0; user < graph.userCount; user++) {
    for (const item of graph.userItems(user)) {
      const isKept = kept.some(([u, i]) => u === user && i === item)
      draws.push(isKept ? 1 - 2 ** -53 : 0)
    }
  }
  const stream = { fork: () => stream, uniformAt: (_epoch: number, edge: number) => draws[edge] }
  return stream as unknown as Rng
}
