import { type Id, parseOptions, ShapeMismatchError } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender, partsShape, type RecommenderParts } from './base-recommender.js'
import { checkFinite, gatherRows, normalizeRows } from './rows.js'
import { scoreBlock } from './score-block.js'

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
  /** Made when first needed. */
  #unitUsers: Float32Array | undefined
  #unitItems: Float32Array | undefined

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: EmbeddingRecommenderOptions<User, Item>) {
    const { embeddingDim, similarity, scale, userEmbeddings, itemEmbeddings, itemBias } =
      parseOptions('EmbeddingRecommender', optionsSchema, options)
    super(options, 'embeddings')
    this.embeddingDim = embeddingDim
    this.similarity = similarity
    this.scale = scale
    this.#rows = { users: userEmbeddings.slice(), items: itemEmbeddings.slice() }
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
    const dim = this.embeddingDim
    const cosine = this.similarity === 'cosine'
    const userRows = cosine ? this.#unit('users') : this.#rows.users
    const itemRows = cosine ? this.#unit('items') : this.#rows.items
    scoreBlock({
      users: gatherRows(userRows, users, dim),
      items: items ? gatherRows(itemRows, items, dim) : itemRows,
      dim,
      out,
    })
    this.#scaleAndShift(out, users.length, items)
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    const dim = this.embeddingDim
    const rows = this.#unit(side)
    const out = new Float32Array(this[side].size)
    scoreBlock({ users: gatherRows(rows, Int32Array.of(index), dim), items: rows, dim, out })
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

  #unit(side: 'users' | 'items'): Float32Array {
    if (side === 'users') {
      this.#unitUsers ??= normalizeRows(this.#rows.users, this.embeddingDim)
      return this.#unitUsers
    }
    this.#unitItems ??= normalizeRows(this.#rows.items, this.embeddingDim)
    return this.#unitItems
  }
}

function checkLengthOf(name: string, values: Float32Array, count: number, dim: number): void {
  if (values.length === count * dim) return
  throw new ShapeMismatchError(
    `${name} has ${values.length} numbers; expected ${count} × ${dim} = ${count * dim}.`,
  )
}
