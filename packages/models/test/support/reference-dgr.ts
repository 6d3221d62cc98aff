import type { Batch } from '@gnnrec/graph'
import { type EdgeList, entriesOf } from './graphs.js'
import {
  batchL264,
  bpr64,
  layerZero64,
  multiply64,
  type Nodes64,
  type Parameters64,
  row64,
  score64,
  softplus64,
  symmetricOperator64,
} from './reference.js'

/** An item and its ω. */
export interface Neighbour64 {
  readonly item: number
  readonly weight: number
}

/** By item: its nearest and its marginal items, in order. */
export interface Tables64 {
  readonly nearest: Neighbour64[][]
  readonly marginal: Neighbour64[][]
}

/** √d, users first. */
export function rootDegrees64(list: EdgeList): Float64Array {
  const { users, items } = list
  const degrees = new Float64Array(users + items)
  for (const [user, item, value] of entriesOf(list)) {
    degrees[user]! += value
    degrees[users + item]! += value
  }
  return degrees.map(Math.sqrt)
}

/** The layers of DGR, layer 0 first, with the dense matrix √d√dᵀ; c = share / Σ d. */
export function desmoothedLayers64(
  list: EdgeList,
  layerZero: Nodes64,
  desmoothing: readonly number[],
  share: number,
): Nodes64[] {
  const operator = symmetricOperator64(list)
  const root = rootDegrees64(list)
  const c = share / root.reduce((sum, value) => sum + value ** 2, 0)
  const nodes = root.length
  const dense = Float64Array.from({ length: nodes * nodes }, (_, place) => {
    return c * (root[Math.floor(place / nodes)] as number) * (root[place % nodes] as number)
  })
  const layers = [layerZero]
  for (const a of desmoothing) {
    const y = multiply64(operator, layers.at(-1) as Nodes64)
    const along = multiply64(dense, y)
    const values = y.values.map((value, i) => (1 + a) * value - a * (along.values[i] as number))
    layers.push({ ...y, values })
  }
  return layers
}

/** The mean of layers. */
export function meanLayer64(layers: readonly Nodes64[]): Nodes64 {
  const [first] = layers as [Nodes64]
  const values = first.values.map(
    (_, i) => layers.reduce((sum, layer) => sum + (layer.values[i] as number), 0) / layers.length,
  )
  return { ...first, values }
}

/** The tables from the dense G = RᵀR; ω are compared as exact fractions of integers. */
export function neighbourTables64(list: EdgeList, neighbours: number): Tables64 {
  const { items } = list
  const byUser = new Map<number, [item: number, value: number][]>()
  for (const [user, item, value] of entriesOf(list)) {
    byUser.set(user, [...(byUser.get(user) ?? []), [item, value]])
  }
  const met = Array.from({ length: items }, () => new Array<number>(items).fill(0))
  for (const own of byUser.values()) {
    for (const [i, a] of own) for (const [j, b] of own) (met[i] as number[])[j]! += a * b
  }
  const totals = met.map((row) => row.reduce((a, b) => a + b, 0))
  const weight = (i: number, j: number) =>
    (met[i]?.[j] as number) / Math.sqrt(((totals[i] as number) + 1) * ((totals[j] as number) + 1))
  const rows = met.map((row, i) => {
    const others = row.flatMap((count, j) => (count > 0 ? [j] : []))
    // ω_ia² : ω_ib² = G_ia² (g_b + 1) : G_ib² (g_a + 1)
    const size = (a: number, b: number) =>
      BigInt(row[a] as number) ** 2n * BigInt((totals[b] as number) + 1)
    const compare = (a: number, b: number) => Number(size(a, b) - size(b, a))
    const listed = (sorted: number[]) =>
      sorted.slice(0, neighbours).map((item) => ({ item, weight: weight(i, item) }))
    return {
      nearest: listed([...others].sort((a, b) => -compare(a, b) || a - b)),
      marginal:
        others.length < 3 * neighbours
          ? []
          : listed([...others].sort((a, b) => compare(a, b) || a - b)),
    }
  })
  return {
    nearest: rows.map(({ nearest }) => nearest),
    marginal: rows.map(({ marginal }) => marginal),
  }
}

/** Settings of the loss of DGR. */
export interface DgrSettings64 {
  readonly desmoothing: readonly number[]
  /** 1 for 'exact', 1/2 for 'official'. */
  readonly share: number
  readonly neighbours: number
  readonly neighbourWeight: number
  readonly marginalWeight: number
  readonly marginal: 'paper' | 'bounded'
  readonly regularization: 'official' | 'layer-zero'
  readonly l2Weight: number
}

/** The loss of DGR as a function of its two tables. */
export function dgrLoss64(list: EdgeList, settings: DgrSettings64, batch: Batch) {
  const tables = neighbourTables64(list, settings.neighbours)
  return (parameters: Parameters64): number => {
    const layerZero = layerZero64(parameters, list.users)
    const layers = desmoothedLayers64(list, layerZero, settings.desmoothing, settings.share)
    const final = meanLayer64(layers)
    const { nearest, marginal } = neighbourSums64(final, batch, tables, settings.marginal)
    const l2 =
      settings.regularization === 'official'
        ? norms64(final, batch) / batch.users.length ** 2
        : batchL264(layerZero, batch)
    return (
      bpr64(final, batch) +
      settings.l2Weight * l2 +
      settings.neighbourWeight * nearest +
      settings.marginalWeight * marginal
    )
  }
}

function neighbourSums64(
  final: Nodes64,
  { users, positives }: Batch,
  tables: Tables64,
  form: 'paper' | 'bounded',
): { nearest: number; marginal: number } {
  const sum = (table: Neighbour64[][], sign: number, side: number) => {
    let total = 0
    for (const [sample, user] of users.entries()) {
      for (const { item, weight } of table[positives[sample] as number] as Neighbour64[]) {
        total += sign * weight * softplus64(side * score64(final, user, item))
      }
    }
    return total
  }
  const sign = form === 'bounded' ? 1 : -1
  return { nearest: sum(tables.nearest, 1, -1), marginal: sum(tables.marginal, sign, sign) }
}

function norms64(nodes: Nodes64, { users, positives, negatives }: Batch): number {
  const norm = (rows: readonly number[]) =>
    Math.sqrt(
      rows.reduce((sum, node) => sum + row64(nodes, node).reduce((s, x) => s + x * x, 0), 0),
    )
  const items = (indices: Int32Array) => [...indices].map((item) => nodes.userCount + item)
  return norm([...users]) + norm(items(positives)) + norm(items(negatives))
}
