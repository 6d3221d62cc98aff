import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { everyItem, type ItemChoice } from './cold-start.js'

/** Filters that one was combined of. */
interface Combination {
  readonly kind: 'and' | 'or' | 'not'
  readonly parts: readonly ItemFilter[]
}

/**
 * Items of a recommender that were looked up once, such as those in stock, to be `candidates` or `exclude` of many
 * lists. It never changes; `filter` of the recommender makes it, and filters of one catalogue are combined by `and`, `or`
 * and `not`.
 *
 * It keeps a byte for each item of the catalogue, and from its first use in a list up to 8 more; for similar items 4 more
 * where the scores have biases or some items no interactions.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 *   { user: 'ben', item: 'Clue' },
 * ])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(2, 1, 3),
 * })
 * const inStock = recommender.filter(['Brazil', 'Clue'])
 * const comedies = recommender.filter((item) => item === 'Clue')
 * const candidates = inStock.and(comedies.not())
 * console.log(candidates.size, recommender.recommend('ann', { candidates }).items) // 1 [ 'Brazil' ]
 * ```
 */
export class ItemFilter<ItemId extends Id = Id> {
  /** Number of items that pass. */
  readonly size: number
  /** The name that `whyNot` gives for the filter; a combination of named filters has theirs. */
  readonly name: string | undefined
  /** The ids of the recommender's items. */
  readonly #items: IdMap<ItemId>
  /** Other maps that hold the same ids. */
  readonly #equal = new WeakSet<IdMap>()
  /** A 1 for each item that passes, else a 0. */
  readonly #mask: Uint8Array
  readonly #combination: Combination | undefined
  /** Filters less others, made when they are first asked for together. */
  readonly #without = new WeakMap<ItemFilter, ItemFilter<ItemId>>()
  #indices: Int32Array | undefined
  #candidates: ItemChoice | undefined
  #excluded: ItemChoice | undefined

  /** @internal */
  constructor(items: IdMap<ItemId>, mask: Uint8Array, name?: string, combination?: Combination) {
    this.#items = items
    this.#mask = mask
    this.#combination = combination
    this.name = name ?? (combination && nameOf(combination))
    let size = 0
    for (let item = 0; item < mask.length; item++) size += mask[item]
    this.size = size
  }

  /**
   * Returns true when an item passes.
   *
   * @throws UnknownIdError for an item that the recommender never saw
   */
  has(item: ItemId): boolean {
    return this.#mask[this.#items.indexOf(item)] === 1
  }

  /**
   * Makes a filter that the items pass which pass this one and all others.
   *
   * @throws InvalidOptionsError for a filter of another catalogue, or something that is no filter
   */
  and(...others: readonly ItemFilter<ItemId>[]): ItemFilter<ItemId> {
    const masks = others.map((other) => this.#maskOf(other))
    const mask = this.#mask.slice()
    for (const other of masks) for (let i = 0; i < mask.length; i++) mask[i] &= other[i]
    return new ItemFilter(this.#items, mask, undefined, { kind: 'and', parts: [this, ...others] })
  }

  /**
   * Makes a filter that the items pass which pass this one or at least one of the others.
   *
   * @throws InvalidOptionsError for a filter of another catalogue, or something that is no filter
   */
  or(...others: readonly ItemFilter<ItemId>[]): ItemFilter<ItemId> {
    const masks = others.map((other) => this.#maskOf(other))
    const mask = this.#mask.slice()
    for (const other of masks) for (let i = 0; i < mask.length; i++) mask[i] |= other[i]
    return new ItemFilter(this.#items, mask, undefined, { kind: 'or', parts: [this, ...others] })
  }

  /** Makes a filter that the other items pass. */
  not(): ItemFilter<ItemId> {
    const mask = this.#mask.map((passes) => 1 - passes)
    return new ItemFilter(this.#items, mask, undefined, { kind: 'not', parts: [this] })
  }

  /** Returns true for items of a catalogue with the same ids. @internal */
  isOf(items: IdMap<Id>): boolean {
    const own: IdMap<Id> = this.#items
    if (items === own || this.#equal.has(items)) return true
    const isEqual = items.size === own.size && own.ids.every((id, index) => items.ids[index] === id)
    if (isEqual) this.#equal.add(items)
    return isEqual
  }

  /** Returns true when the item at an index passes. @internal */
  hasIndex(index: number): boolean {
    return this.#mask[index] === 1
  }

  /** The ascending indices of the items that pass. @internal */
  get indices(): Int32Array {
    if (!this.#indices) {
      const indices = new Int32Array(this.size)
      for (let item = 0, place = 0; place < indices.length; item++) {
        if (this.#mask[item] === 1) indices[place++] = item
      }
      this.#indices = indices
    }
    return this.#indices
  }

  /** The choice of the items that pass. @internal */
  get asCandidates(): ItemChoice {
    this.#candidates ??= { ...everyItem, candidates: this.indices, isKept: true }
    return this.#candidates
  }

  /** The choice of the items that do not pass. @internal */
  get asExcluded(): ItemChoice {
    this.#excluded ??= { ...everyItem, excluded: this.indices, isKept: true }
    return this.#excluded
  }

  /** Returns this filter less the items of another one; it is kept as long as both are. @internal */
  without(other: ItemFilter<ItemId>): ItemFilter<ItemId> {
    let less = this.#without.get(other)
    if (!less) {
      less = this.and(other.not())
      this.#without.set(other, less)
    }
    return less
  }

  /** Returns the name of the filter that an item passes or does not pass, a part of this one. @internal */
  nameFor(index: number): string | undefined {
    const passes = this.hasIndex(index)
    const { kind, parts = [] } = this.#combination ?? {}
    if (kind === 'not') {
      const name = parts[0].nameFor(index)
      return name === undefined ? undefined : `not ${name}`
    }
    // One part is enough to fail a conjunction, or to pass a disjunction.
    if (kind === (passes ? 'or' : 'and')) {
      return parts.find((part) => part.hasIndex(index) === passes)?.nameFor(index) ?? this.name
    }
    return this.name
  }

  #maskOf(other: unknown): Uint8Array {
    if (!(other instanceof ItemFilter)) {
      throw new InvalidOptionsError(
        `Got ${showValue(other)} to combine with a filter; expected a filter that the same recommender has made.`,
      )
    }
    checkCatalogue('The filter to combine with', other, this.#items)
    return other.#mask
  }
}

/** @throws InvalidOptionsError when a filter is of another catalogue */
export function checkCatalogue(name: string, filter: ItemFilter, items: IdMap): void {
  if (filter.isOf(items)) return
  throw new InvalidOptionsError(
    `${name}: got a filter of another catalogue, whose ${filter.size} items are others than those of this recommender; call filter of the recommender that is asked.`,
  )
}

function nameOf({ kind, parts }: Combination): string | undefined {
  const names = parts.map(({ name }) => name)
  if (names.includes(undefined)) return undefined
  return kind === 'not' ? `not ${names[0]}` : names.join(` ${kind} `)
}
