import { type Id, parseOptions, type RankedRows, ShapeMismatchError } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender } from './base-recommender.js'
import { type ColdStart, coldStartSchema, type ItemChoice } from './cold-start.js'
import { packRows } from './pack-rows.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
import type { RowProducts, TableRows } from './row-products.js'
import { checkFinite, gatherRows, normalizeRows } from './rows.js'

/** Options of {@link EmbeddingRecommender}. */
export interface EmbeddingRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /** Length of one embedding, an integer from 1 up. */
  embeddingDim: number
  /** One embedding per user, row-major: users × embeddingDim finite numbers. */
  userEmbeddings: Float32Array
  /** One embedding per item, row-major: items × embeddingDim finite numbers. */
  itemEmbeddings: Float32Array
  /**
   * The similarity of two embeddings: their dot product or their cosine. A row of zeros has the
   * cosine 0 with every other row.
   *
   * @defaultValue `'dot'`
   */
  similarity?: 'dot' | 'cosine'
  /**
   * Finite factor on the similarity.
   *
   * @defaultValue `1`
   */
  scale?: number
  /**
   * One finite number per item, added to its scores.
   *
   * @defaultValue no item bias
   */
  itemBias?: Float32Array
  /**
   * True to copy the embeddings. False keeps the given arrays, which must not change afterwards,
   * and saves their memory.
   *
   * @defaultValue `true`
   */
  copy?: boolean
  /**
   * The treatment of users and items that have no seen items or users, of whom a trained model knows nothing.
   * `'popularity'` answers for them with the items that most users have seen, and marks these answers; when
   * nobody has seen anything, the model answers. `'model'` always takes the embeddings, which is right when
   * they come from elsewhere, such as from features.
   *
   * @defaultValue `'popularity'`
   */
  coldStart?: ColdStart
}

/** Share of the items from which on scores of some are picked from those of all, which takes no copies. */
const mostShareApart = 1 / 4

const floatsSchema = z.instanceof(Float32Array, { error: 'expected a Float32Array' })
const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  embeddingDim: z
    .number({ error: 'expected an integer from 1 up' })
    .check(z.int('expected an integer from 1 up'), z.gte(1, 'expected an integer from 1 up')),
  userEmbeddings: floatsSchema,
  itemEmbeddings: floatsSchema,
  similarity: z._default(z.enum(['dot', 'cosine'], { error: "expected 'dot' or 'cosine'" }), 'dot'),
  scale: z._default(z.number({ error: 'expected a finite number' }), 1),
  itemBias: z.optional(floatsSchema),
  copy: z._default(z.boolean({ error: 'expected true or false' }), true),
  coldStart: coldStartSchema,
})

/**
 * A recommender by embeddings: a score is `scale · similarity(user embedding, item embedding) + item
 * bias`. Trained graph models and matrix factorizations become recommenders of this kind.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { EmbeddingRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new EmbeddingRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   embeddingDim: 2,
 *   userEmbeddings: Float32Array.of(1, 0, 0, 1),
 *   itemEmbeddings: Float32Array.of(1, 0, 0.5, 0.5),
 * })
 * console.log(recommender.recommend('ann', { k: 1 }).items) // ['Brazil']
 * console.log(recommender.similarUsers('ann', { k: 1 }).users) // ['ben']
 * ```
 */
export class EmbeddingRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends BaseRecommender<UserId, ItemId> {
  /** Length of one embedding. */
  readonly embeddingDim: number
  /** The similarity of two embeddings: their dot product or their cosine. */
  readonly similarity: 'dot' | 'cosine'
  /** Factor on the similarity. */
  readonly scale: number
  /** The embeddings, row-major. */
  protected readonly rows: { readonly users: Float32Array; readonly items: Float32Array }
  readonly #itemBias: Float32Array | undefined
  /** The embeddings scaled to length 1, made when they are first needed. */
  readonly #units = new Map<'users' | 'items', Float32Array>()
  /** The embeddings in kernel memory, copied there when they are first needed. */
  readonly #packed = new Map<string, RowProducts>()

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: EmbeddingRecommenderOptions<UserId, ItemId>) {
    const checked = parseOptions('EmbeddingRecommender', optionsSchema, options)
    const { embeddingDim, similarity, scale, userEmbeddings, itemEmbeddings } = checked
    const { itemBias, copy, coldStart } = checked
    super(options, 'embeddings', coldStart)
    this.embeddingDim = embeddingDim
    this.similarity = similarity
    this.scale = scale
    const own = (rows: Float32Array) => (copy ? rows.slice() : rows)
    this.rows = { users: own(userEmbeddings), items: own(itemEmbeddings) }
    this.#itemBias = itemBias?.slice()
    checkLengthOf('userEmbeddings', userEmbeddings, this.userCount, embeddingDim)
    checkLengthOf('itemEmbeddings', itemEmbeddings, this.itemCount, embeddingDim)
    checkFinite('The embedding of user', userEmbeddings, embeddingDim, this.users)
    checkFinite('The embedding of item', itemEmbeddings, embeddingDim, this.items)
    if (itemBias) {
      checkLengthOf('itemBias', itemBias, this.itemCount, 1)
      checkFinite('The bias of item', itemBias, 1, this.items)
    }
  }

  override withColdStart(coldStart: ColdStart): EmbeddingRecommender<UserId, ItemId> {
    const { users, items, seen, origin, embeddingDim, similarity, scale } = this
    return new EmbeddingRecommender({
      users,
      items,
      seen,
      origin,
      embeddingDim,
      userEmbeddings: this.rows.users,
      itemEmbeddings: this.rows.items,
      similarity,
      scale,
      ...(this.#itemBias && { itemBias: this.#itemBias }),
      coldStart,
      copy: false,
    })
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    this.scoreRows({ table: this.#scored('users'), indices: users }, items, out)
  }

  /** Writes the scores of `items` (all when undefined) for rows in the place of users' embeddings, row-major. */
  protected scoreRows(rows: TableRows, items: Int32Array | undefined, out: Float32Array): void {
    if (!items) this.#packedRows('items', this.#kind).score(rows, out)
    else if (items.length >= mostShareApart * this.itemCount) this.#pickScores(rows, items, out)
    else this.#scoreSome(rows, items, out)
    this.#scaleAndShift(out, rows.indices.length, items)
  }

  protected override rankItems(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined {
    return this.#packedRows('items', this.#kind).rank(
      { table: this.#scored('users'), indices: users },
      k,
      excludeOf,
      { scale: this.scale, shift: this.#shiftOf(choice) },
    )
  }

  override dispose(): void {
    for (const packed of this.#packed.values()) packed.free()
    this.#packed.clear()
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    const out = new Float32Array(this[side].size)
    const row = { table: this.#unit(side), indices: Int32Array.of(index) }
    this.#packedRows(side, 'unit').score(row, out)
    return out
  }

  protected override toParts() {
    const { embeddingDim, similarity, scale, coldStart } = this
    const bias = this.#itemBias
    return {
      kind: 'embeddings' as const,
      score: {
        similarity,
        scale,
        itemBias: bias !== undefined,
        ...(coldStart === 'model' && { coldStart }),
      },
      serving: new Map([
        ['users', { shape: [this.userCount, embeddingDim], data: this.rows.users }],
        ['items', { shape: [this.itemCount, embeddingDim], data: this.rows.items }],
        ...(bias ? [['itemBias', { shape: [this.itemCount], data: bias }] as const] : []),
      ]),
    }
  }

  #scaleAndShift(out: Float32Array, userCount: number, items: Int32Array | undefined): void {
    const { scale } = this
    const bias = this.#itemBias
    if (scale === 1 && !bias) return
    const width = items ? items.length : this.itemCount
    for (let user = 0; user < userCount; user++) {
      for (let place = 0; place < width; place++) {
        const shift = bias ? bias[items ? items[place] : place] : 0
        out[user * width + place] = scale * out[user * width + place] + shift
      }
    }
  }

  /** Computes all scores of one user after the other, and takes those of `items`. */
  #pickScores({ table, indices }: TableRows, items: Int32Array, out: Float32Array): void {
    const all = new Float32Array(this.itemCount)
    for (let row = 0; row < indices.length; row++) {
      const user = { table, indices: indices.subarray(row, row + 1) }
      this.#packedRows('items', this.#kind).score(user, all)
      for (let i = 0; i < items.length; i++) out[row * items.length + i] = all[items[i]]
    }
  }

  #scoreSome(users: TableRows, items: Int32Array, out: Float32Array): void {
    const rows = gatherRows(this.#scored('items'), items, this.embeddingDim)
    const packed = packRows(rows, this.embeddingDim)
    try {
      packed.score(users, out)
    } finally {
      packed.free()
    }
  }

  /** Returns what is added to scores: the bias of an item, -Infinity for one that is not to be chosen. */
  #shiftOf({ candidates, excluded }: ItemChoice): Float32Array | undefined {
    const bias = this.#itemBias
    if (!candidates && excluded.length === 0) return bias
    if (!candidates) {
      const shift = bias?.slice() ?? new Float32Array(this.itemCount)
      for (let e = 0; e < excluded.length; e++) shift[excluded[e]] = Number.NEGATIVE_INFINITY
      return shift
    }
    const shift = new Float32Array(this.itemCount).fill(Number.NEGATIVE_INFINITY)
    for (let c = 0; c < candidates.length; c++) {
      shift[candidates[c]] = bias ? bias[candidates[c]] : 0
    }
    return shift
  }

  /** The embeddings whose products are the scores: those of length 1 for the cosine. */
  get #kind(): 'own' | 'unit' {
    return this.similarity === 'cosine' ? 'unit' : 'own'
  }

  #scored(side: 'users' | 'items'): Float32Array {
    return this.#kind === 'unit' ? this.#unit(side) : this.rows[side]
  }

  #packedRows(side: 'users' | 'items', kind: 'own' | 'unit'): RowProducts {
    const key = `${side}/${kind}` as const
    let packed = this.#packed.get(key)
    if (!packed) {
      packed = packRows(kind === 'unit' ? this.#unit(side) : this.rows[side], this.embeddingDim)
      this.#packed.set(key, packed)
    }
    return packed
  }

  #unit(side: 'users' | 'items'): Float32Array {
    let unit = this.#units.get(side)
    if (!unit) {
      unit = normalizeRows(this.rows[side], this.embeddingDim)
      this.#units.set(side, unit)
    }
    return unit
  }
}

function checkLengthOf(name: string, values: Float32Array, count: number, dim: number): void {
  if (values.length === count * dim) return
  throw new ShapeMismatchError(
    `${name} has ${values.length} numbers; expected ${count} × ${dim} = ${count * dim}.`,
  )
}
