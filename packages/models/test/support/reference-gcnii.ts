import type { Batch } from '@gnnrec/graph'
import { type EdgeList, entriesOf } from './graphs.js'
import {
  batchL264,
  bpr64,
  layerZero64,
  multiply64,
  type Nodes64,
  type Parameters64,
} from './reference.js'

// GCNII in float64, dense and slow, written apart from the sources. GCNII* goes by the concatenation
// [Ã H ‖ H⁽⁰⁾] here.

export interface GcniiSettings64 {
  readonly layers: number
  readonly variant: 'gcnii' | 'gcnii*'
  readonly initialResidual: number
  readonly identityDecay: number
  readonly activation: 'relu' | 'identity'
  readonly l2Weight: number
  /** True to add the input of each layer before the activation. */
  readonly layerResidual?: boolean
}

/** Ã = (D+I)^{-1/2} (A+I) (D+I)^{-1/2}, dense. */
export function loopedOperator64(list: EdgeList): Float64Array {
  const { users, items } = list
  const nodes = users + items
  const adjacency = new Float64Array(nodes * nodes)
  for (let node = 0; node < nodes; node++) adjacency[node * nodes + node] = 1
  for (const [user, item, value] of entriesOf(list)) {
    adjacency[user * nodes + users + item] = value
    adjacency[(users + item) * nodes + user] = value
  }
  const roots = Array.from({ length: nodes }, (_, node) =>
    Math.sqrt(adjacency.subarray(node * nodes, (node + 1) * nodes).reduce((s, x) => s + x, 0)),
  )
  return adjacency.map(
    (value, place) =>
      value / (roots[Math.floor(place / nodes)] as number) / (roots[place % nodes] as number),
  )
}

/** Rows of `x` times a matrix of `x.dim` rows and as many columns as that leaves it. */
function timesMatrix64(x: Nodes64, matrix: Float64Array): Nodes64 {
  const columns = matrix.length / x.dim
  const nodes = x.values.length / x.dim
  const values = new Float64Array(nodes * columns)
  for (let node = 0; node < nodes; node++) {
    for (let k = 0; k < x.dim; k++) {
      for (let c = 0; c < columns; c++) {
        values[node * columns + c]! +=
          (x.values[node * x.dim + k] as number) * (matrix[k * columns + c] as number)
      }
    }
  }
  return { ...x, values, dim: columns }
}

function sideBySide64(a: Nodes64, b: Nodes64): Nodes64 {
  const dim = a.dim + b.dim
  const values = Float64Array.from({ length: a.values.length + b.values.length }, (_, place) => {
    const [node, c] = [Math.floor(place / dim), place % dim]
    return (c < a.dim ? a.values[node * a.dim + c] : b.values[node * b.dim + c - a.dim]) as number
  })
  return { ...a, values, dim }
}

function mix64(a: Nodes64, aShare: number, b: Nodes64, bShare: number): Nodes64 {
  const values = a.values.map((value, i) => aShare * value + bShare * (b.values[i] as number))
  return { ...a, values }
}

type Enter = (x: Nodes64, layer: number) => Nodes64

/** Computes the input of the activation of each layer, and the layers, layer 0 first. */
export function gcniiLayers64(
  operator: Float64Array,
  parameters: Parameters64,
  settings: GcniiSettings64 & { readonly userCount: number },
  enter: Enter = (x) => x,
): { before: Nodes64[]; layers: Nodes64[] } {
  const { variant, initialResidual, identityDecay, activation, userCount } = settings
  const first = layerZero64(parameters, userCount)
  const layers = [first]
  const before: Nodes64[] = []
  for (let l = 1; l <= settings.layers; l++) {
    const input = enter(layers[l - 1] as Nodes64, l - 1)
    const neighbours = multiply64(operator, input)
    const sum = mix64(neighbours, 1 - initialResidual, first, initialResidual)
    const beta = Math.log(identityDecay / l + 1)
    const support = variant === 'gcnii*' ? sideBySide64(neighbours, first) : sum
    const weight = parameters[`conv.${l - 1}.weight`] as Float64Array
    const mapped = mix64(timesMatrix64(support, weight), beta, sum, 1 - beta)
    const out = settings.layerResidual ? mix64(mapped, 1, input, 1) : mapped
    before.push(out)
    const values = activation === 'relu' ? out.values.map((x) => Math.max(x, 0)) : out.values
    layers.push({ ...out, values })
  }
  return { before, layers }
}

/** Mean of BPR after the head, if there is one, plus L2 on layer 0. */
export function gcniiLoss64(
  list: EdgeList,
  settings: GcniiSettings64,
  batch: Batch,
  enter: Enter = (x) => x,
): (parameters: Parameters64) => number {
  const operator = loopedOperator64(list)
  const { layers: depth, l2Weight } = settings
  return (parameters) => {
    const whole = { ...settings, userCount: list.users }
    let last = gcniiLayers64(operator, parameters, whole, enter).layers[depth] as Nodes64
    const { 'head.weight': weight, 'head.bias': bias } = parameters
    if (weight) last = timesMatrix64(enter(last, depth), weight)
    if (bias) {
      const values = last.values.map((value, place) => value + (bias[place % last.dim] as number))
      last = { ...last, values }
    }
    return bpr64(last, batch) + l2Weight * batchL264(layerZero64(parameters, list.users), batch)
  }
}

/** matrix⁻¹ · right, by elimination with pivots. */
export function solve64(matrix: Float64Array, right: Nodes64): Nodes64 {
  const size = right.values.length / right.dim
  const rows = Array.from({ length: size }, (_, row) => [
    ...matrix.subarray(row * size, (row + 1) * size),
    ...right.values.subarray(row * right.dim, (row + 1) * right.dim),
  ])
  for (let column = 0; column < size; column++) {
    const at = (row: number) => Math.abs(rows[row]?.[column] as number)
    let best = column
    for (let row = column + 1; row < size; row++) if (at(row) > at(best)) best = row
    const pivot = rows[best] as number[]
    rows[best] = rows[column] as number[]
    rows[column] = pivot.map((value) => value / (pivot[column] as number))
    for (let row = 0; row < size; row++) {
      if (row === column) continue
      const factor = rows[row]?.[column] as number
      rows[row] = (rows[row] as number[]).map(
        (value, c) => value - factor * (rows[column]?.[c] as number),
      )
    }
  }
  return { ...right, values: Float64Array.from(rows.flatMap((row) => row.slice(size))) }
}
