import {
  type Id,
  type InteractionLists,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender } from './base-recommender.js'
import { PackedRows } from './packed-rows.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
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
}

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
  readonly #rows: { users: Float32Array; items: Float32Array }
  readonly #itemBias: Float32Array | undefined
  /** The embeddings scaled to length 1, made when they are first needed. */
  readonly #units = new Map<'users' | 'items', Float32Array>()
  /** The embeddings in kernel memory, copied there when they are first needed. */
  readonly #packed = new Map<string, PackedRows>()

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: EmbeddingRecommenderOptions<UserId, ItemId>) {
    const { embeddingDim, similarity, scale, userEmbeddings, itemEmbeddings, itemBias, copy } =
      parseOptions('EmbeddingRecommender', optionsSchema, options)
    super(options, 'embeddings')
    this.embeddingDim = embeddingDim
    this.similarity = similarity
    this.scale = scale
    const own = (rows: Float32Array) => (copy ? rows.slice() : rows)
    this.#rows = { users: own(userEmbeddings), items: own(itemEmbeddings) }
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

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const cosine = this.similarity === 'cosine'
    const rows = gatherRows(
      cosine ? this.#unit('users') : this.#rows.users,
      users,
      this.embeddingDim,
    )
    const kind = cosine ? 'unit' : 'own'
    if (items) this.#scoreSome(kind, rows, items, out)
    else this.#packedRows('items', kind).score(rows, out)
    this.#scaleAndShift(out, users.length, items)
  }

  /**
   * Finds the `k` best items of each of `users`; returns undefined when a score is NaN.
   *
   * @throws InvalidOptionsError when k is not an integer in 1..itemCount
   */
  override rankUsers(
    users: Int32Array,
    k: number,
    exclude: InteractionLists,
  ): RankedRows | undefined {
    if (!Number.isInteger(k) || k < 1 || k > this.itemCount) {
      throw new InvalidOptionsError(
        `k: got ${k}; expected an integer in 1..${this.itemCount} (the number of items).`,
      )
    }
    this.checkUsers(users)
    const kind = this.similarity === 'cosine' ? 'unit' : 'own'
    const from = kind === 'unit' ? this.#unit('users') : this.#rows.users
    const { pointers, items } = exclude
    return this.#packedRows('items', kind).rank(
      gatherRows(from, users, this.embeddingDim),
      k,
      Array.from(users, (user) => items.subarray(pointers[user], pointers[user + 1])),
      { scale: this.scale, shift: this.#itemBias },
    )
  }

  override dispose(): void {
    for (const packed of this.#packed.values()) packed.free()
    this.#packed.clear()
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    const out = new Float32Array(this[side].size)
    const row = gatherRows(this.#unit(side), Int32Array.of(index), this.embeddingDim)
    this.#packedRows(side, 'unit').score(row, out)
    return out
  }

  protected override toParts() {
    const { embeddingDim, similarity, scale } = this
    const bias = this.#itemBias
    return {
      kind: 'embeddings' as const,
      score: { similarity, scale, itemBias: bias !== undefined },
      serving: new Map([
        ['users', { shape: [this.userCount, embeddingDim], data: this.#rows.users }],
        ['items', { shape: [this.itemCount, embeddingDim], data: this.#rows.items }],
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

  #scoreSome(
    kind: 'own' | 'unit',
    users: Float32Array,
    items: Int32Array,
    out: Float32Array,
  ): void {
    const rows = kind === 'unit' ? this.#unit('items') : this.#rows.items
    const packed = new PackedRows(gatherRows(rows, items, this.embeddingDim), this.embeddingDim)
    try {
      packed.score(users, out)
    } finally {
      packed.free()
    }
  }

  #packedRows(side: 'users' | 'items', kind: 'own' | 'unit'): PackedRows {
    const key = `${side}/${kind}` as const
    let packed = this.#packed.get(key)
    if (!packed) {
      packed = new PackedRows(
        kind === 'unit' ? this.#unit(side) : this.#rows[side],
        this.embeddingDim,
      )
      this.#packed.set(key, packed)
    }
    return packed
  }

  #unit(side: 'users' | 'items'): Float32Array {
    let unit = this.#units.get(side)
    if (!unit) {
      unit = normalizeRows(this.#rows[side], this.embeddingDim)
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
