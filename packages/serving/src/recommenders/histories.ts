import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'

/**
 * An item of a history: its id, or the id with a weight, finite and above 0, and with the time at which it was met.
 * An item without a weight counts 1. When an item is repeated and has a weight at one of its places, its weights add
 * up; without any weight it counts once.
 */
export type HistoryItem<ItemId extends Id = Id> =
  | ItemId
  | { readonly item: ItemId; readonly weight?: number; readonly time?: number }

/** The reading of histories. */
export interface HistoryRule {
  readonly unknownItems: 'skip' | 'error'
  readonly halfLife?: number | undefined
}

/** The known items of a history. */
export interface KnownHistory {
  /** Distinct item indices, ascending. */
  readonly items: Int32Array
  /** A weight above 0 for each of them; undefined when each counts 1. */
  readonly weights?: Float32Array | undefined
  /** Number of items that the model never saw. */
  readonly unknown: number
}

/** The smallest weight: one that decays further would be 0 in single precision. */
const leastWeight = 1e-30

/** An entry of a history once it is checked. */
interface Entry {
  readonly item: Id
  readonly weight: number | undefined
  readonly time: number | undefined
}

/**
 * Looks up the items of a history.
 *
 * @param name - the history as errors call it, such as `'history'` or `'since'`
 * @throws InvalidOptionsError for an entry, a weight or a time that is none
 * @throws UnknownIdError for an id of the wrong type, and for an unknown one unless it is to be skipped
 */
export function knownHistory(
  map: IdMap,
  history: readonly HistoryItem[],
  { unknownItems, halfLife }: HistoryRule,
  name: string,
): KnownHistory {
  // Unlike map, this does not pass over the holes of an array.
  const entries = Array.from(history, (value, place) => checkedEntry(value, `${name}[${place}]`))
  const newest = halfLife === undefined ? 0 : newestTime(entries, name)
  const isWeighted = halfLife !== undefined || entries.some(({ weight }) => weight !== undefined)
  const weights = new Map<number, number>()
  let unknown = 0
  for (const { item, weight = 1, time } of entries) {
    if (unknownItems === 'skip' && typeof item === map.type && !map.has(item)) {
      unknown++
      continue
    }
    const index = map.indexOf(item)
    const share = halfLife === undefined ? 1 : 0.5 ** ((newest - (time as number)) / halfLife)
    weights.set(index, (weights.get(index) ?? 0) + weight * share)
  }
  const items = Int32Array.from(weights.keys()).sort()
  if (!isWeighted) return { items, unknown }
  const own = Float32Array.from(items, (item) => Math.max(leastWeight, weights.get(item) as number))
  const wrong = own.findIndex((weight) => !Number.isFinite(weight))
  if (wrong === -1) return { items, weights: own, unknown }
  throw new InvalidOptionsError(
    `${name}: the weights of item ${showValue(map.idOf(items[wrong]))} add up to more than single precision holds; expected less than 3.4e38.`,
  )
}

/** Joins two histories; where one of them has weights, an item without one counts 1. */
export function joinHistories(stored: KnownHistory, later: KnownHistory): KnownHistory {
  const isWeighted = stored.weights !== undefined || later.weights !== undefined
  const weights = new Map<number, number>()
  for (const one of [stored, later]) {
    one.items.forEach((item, place) => {
      weights.set(item, (weights.get(item) ?? 0) + (one.weights?.[place] ?? 1))
    })
  }
  const items = Int32Array.from(weights.keys()).sort()
  return {
    items,
    ...(isWeighted && { weights: Float32Array.from(items, (item) => weights.get(item) as number) }),
    unknown: stored.unknown + later.unknown,
  }
}

/** Returns a history without the items that a function marks. */
export function withoutItems(
  history: KnownHistory,
  isLeftOut: (item: number) => boolean,
): KnownHistory {
  const { items, weights, unknown } = history
  if (!items.some(isLeftOut)) return history
  return {
    items: items.filter((item) => !isLeftOut(item)),
    ...(weights && { weights: weights.filter((_, place) => !isLeftOut(items[place])) }),
    unknown: unknown + items.filter(isLeftOut).length,
  }
}

function checkedEntry(value: unknown, place: string): Entry {
  if (isId(value)) return { item: value, weight: undefined, time: undefined }
  const expected = 'expected the id of an item, or { item, weight?, time? }'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionsError(`${place}: got ${showValue(value)}; ${expected}.`)
  }
  const { item, weight, time, ...surplus } = value as Record<string, unknown>
  const [unknown] = Object.keys(surplus)
  if (unknown !== undefined || !isId(item)) {
    const got = unknown === undefined ? showValue(value) : `the unknown field '${unknown}'`
    throw new InvalidOptionsError(`${place}: got ${got}; ${expected}.`)
  }
  checkNumber(weight, `${place}.weight`, 'a finite number above 0', (number) => number > 0)
  checkNumber(time, `${place}.time`, 'a finite number', () => true)
  return { item, weight: weight as number | undefined, time: time as number | undefined }
}

function checkNumber(
  value: unknown,
  place: string,
  expected: string,
  isRight: (value: number) => boolean,
): void {
  if (value === undefined) return
  if (typeof value === 'number' && Number.isFinite(value) && isRight(value)) return
  // JSON would show NaN as null.
  const got = typeof value === 'number' ? String(value) : showValue(value)
  throw new InvalidOptionsError(`${place}: got ${got}; expected ${expected}.`)
}

function newestTime(entries: readonly Entry[], name: string): number {
  let newest = Number.NEGATIVE_INFINITY
  entries.forEach(({ time }, place) => {
    if (time === undefined) {
      throw new InvalidOptionsError(
        `${name}[${place}]: got no time; halfLife needs one for every item of a history.`,
      )
    }
    newest = Math.max(newest, time)
  })
  return newest
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number'
}
