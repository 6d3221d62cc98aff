import {
  type Id,
  type InteractionLists,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender, partsShape, type RecommenderParts } from './base-recommender.js'
import { PackedRows } from './packed-rows.js'
import { checkFinite, gatherRows, normalizeRows } from './rows.js'

/** What an {@link EmbeddingRecommender} is made from. The arrays are copied. */
export interface EmbeddingRecommenderOptions<User extends Id = Id, Item extends Id = Id>
  extends RecommenderParts<User, Item> {
  /** Length of one embedding, 1 and up. */
  embeddingDim: number
  /** Row-major, users × embeddingDim, finite. */
  userEmbeddings: Float32Array
  /** Row-major, items × embeddingDim, finite. */
  itemEmbeddings: Float32Array
  /** Default `'dot'`. A row of zeros has the cosine 0 with every other. */
  similarity?: 'dot' | 'cosine'
  /** Factor on the similarity, finite. Default 1. */
  scale?: number
  /** One finite number per item, added to its scores. Default none. */
  itemBias?: Float32Array
}

const floats = z.instanceof(Float32Array, { error: 'expected a Float32Array' })
const optionsSchema = z.strictObject({
  ...partsShape,
  embeddingDim: z
    .number({ error: 'expected an integer from 1 up' })
    .check(z.int('expected an integer from 1 up'), z.gte(1, 'expected an integer from 1 up')),
  userEmbeddings: floats,
  itemEmbeddings: floats,
  similarity: z._default(z.enum(['dot', 'cosine'], { error: "expected 'dot' or 'cosine'" }), 'dot'),
  scale: z._default(z.number({ error: 'expected a finite number' }), 1),
  itemBias: z.optional(floats),
})

/** Scores are `scale · similarity(user embedding, item embedding) + item bias`. */
export class EmbeddingRecommender<
  User extends Id = Id,
  Item extends Id = Id,
> extends BaseRecommender<User, Item> {
  readonly embeddingDim: number
  readonly similarity: 'dot' | 'cosine'
  readonly scale: number
  readonly #rows: { users: Float32Array; items: Float32Array }
  readonly #itemBias: Float32Array | undefined
  /** Rows of length 1, and rows in kernel memory: made when first needed. */
  readonly #units = new Map<'users' | 'items', Float32Array>()
  readonly #packed = new Map<string, PackedRows>()

  /**
   * @param arrays - `'keep'` to have the embeddings kept instead of copied; they must not change then
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: EmbeddingRecommenderOptions<User, Item>, arrays: 'copy' | 'keep' = 'copy') {
    const { embeddingDim, similarity, scale, userEmbeddings, itemEmbeddings, itemBias } =
      parseOptions('EmbeddingRecommender', optionsSchema, options)
    super(options, 'embeddings')
    this.embeddingDim = embeddingDim
    this.similarity = similarity
    this.scale = scale
    const own = (rows: Float32Array) => (arrays === 'keep' ? rows : rows.slice())
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
   * Undefined where a score is NaN.
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
