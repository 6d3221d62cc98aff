import { type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { RuledPerson, RuleSetting } from '../recommenders/rules.js'
import { GroupTable } from './group-table.js'
import type { SoftRule } from './kinds.js'

/** The gain of a soft rule from adding an item to a list; it is told which items were added. */
export interface Aim {
  /** Returns the gain from adding a candidate; more is better. */
  gainOf(place: number): number
  /** Takes a candidate into the list. */
  add(place: number): void
}

/** Makes the aim of a soft rule for the candidates of a person. */
export function aimOf(
  { aim }: SoftRule,
  candidates: Int32Array,
  person: RuledPerson,
  setting: RuleSetting,
): Aim {
  if (aim.alike === 'mix') return mixAim(aim, candidates, person, setting.items)
  if (aim.alike === 'groups') {
    const table = GroupTable.of(aim.by, setting.items)
    const groups = Array.from(candidates, (item) => table.groupsOf(item))
    return likenessAim(candidates.length, (a, b) => overlap(groups[a], groups[b]))
  }
  const vectors = aim.vectors
    ? unitVectors(
        Array.from(candidates, (item) => setting.items.idOf(item)),
        aim.vectors,
      )
    : modelVectors(candidates, setting)
  return likenessAim(candidates.length, (a, b) => product(vectors[a], vectors[b]))
}

/** Loses by the similarity to the most similar item of the list. */
function likenessAim(count: number, similarity: (a: number, b: number) => number): Aim {
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
  let isEmpty = true
  return {
    gainOf: (place) => (isEmpty ? 0 : -largest[place]),
    add(place) {
      isEmpty = false
      for (let other = 0; other < count; other++) {
        largest[other] = Math.max(largest[other], similarity(other, place))
      }
    },
  }
}

/** Loses by the divergence of the mix of groups in the list from that of the person's items. */
function mixAim(
  { by, smoothing }: Extract<SoftRule['aim'], { alike: 'mix' }>,
  candidates: Int32Array,
  { history }: RuledPerson,
  items: IdMap,
): Aim {
  const table = GroupTable.of(by, items)
  const own = new Map<number, number>()
  let total = 0
  history.items.forEach((item, at) => {
    const groups = table.groupsOf(item)
    const weight = history.weights?.[at] ?? 1
    if (groups.length > 0) total += weight
    for (const group of groups) own.set(group, (own.get(group) ?? 0) + weight / groups.length)
  })
  if (total === 0) return { gainOf: () => 0, add: () => {} }
  const wanted = [...own].map(([group, weight]) => ({ group, share: weight / total }))
  const groups = Array.from(candidates, (item) => table.groupsOf(item))
  const listed = new Map<number, number>()
  let length = 0
  return {
    gainOf(place) {
      const added = groups[place]
      const size = length + (added.length > 0 ? 1 : 0)
      let divergence = 0
      for (const { group, share } of wanted) {
        const more = added.includes(group) ? 1 / added.length : 0
        const found = size === 0 ? 0 : ((listed.get(group) ?? 0) + more) / size
        divergence += share * Math.log(share / ((1 - smoothing) * found + smoothing * share))
      }
      return -divergence
    },
    add(place) {
      const added = groups[place]
      if (added.length > 0) length++
      for (const group of added) listed.set(group, (listed.get(group) ?? 0) + 1 / added.length)
    },
  }
}

/** Returns the share of the groups of two items that both have; 0 when neither has any. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const common = a.filter((group) => b.includes(group)).length
  const all = a.length + b.length - common
  return all === 0 ? 0 : common / all
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}

function modelVectors(candidates: Int32Array, { items, itemVectors }: RuleSetting) {
  const rows = itemVectors()
  const dim = rows.length / items.size
  return Array.from(candidates, (item) => rows.subarray(item * dim, (item + 1) * dim))
}

/** Asks for the vectors of items and scales them to length 1. */
function unitVectors(
  ids: readonly (string | number)[],
  vectorOf: NonNullable<Extract<SoftRule['aim'], { alike: 'vectors' }>['vectors']>,
): Float64Array[] {
  let length: number | undefined
  return ids.map((id) => {
    const given: unknown = vectorOf(id)
    const vector = isNumbers(given) ? Float64Array.from(given) : undefined
    length ??= vector?.length
    if (!vector?.every(Number.isFinite) || vector.length !== length || vector.length === 0) {
      throw new InvalidOptionsError(
        `diversify: vectors returned ${vector ? `[${[...vector.subarray(0, 4)].join(', ')}${vector.length > 4 ? ', …' : ''}] (${vector.length} numbers)` : showValue(given)} for item ${showValue(id)}; expected ${length ?? 'some'} finite numbers.`,
      )
    }
    const norm = Math.hypot(...vector) || 1
    return vector.map((value) => value / norm)
  })
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  return (
    (Array.isArray(value) && [...value].every((one) => typeof one === 'number')) ||
    value instanceof Float32Array ||
    value instanceof Float64Array
  )
}
