import {
  type Id,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
} from '@gnnrec/graph'
import { foldInProblem } from '../model-folder/check-fold-in.js'
import type { FoldIn } from '../model-folder/fold-in.js'
import type { ScoreDefinition } from '../model-folder/model-json.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import { type AskedHistories, askedHistories, type Plan } from './answer-people.js'
import { BaseRecommender } from './base-recommender.js'
import type { BestItems } from './best-items.js'
import { type Askers, shareOfAll } from './best-lists.js'
import type { ColdStart, ItemChoice } from './cold-start.js'
import { type EmbeddingRecommenderOptions, embeddingOptionsSchema } from './embedding-options.js'
import { NotSupportedError } from './errors.js'
import { embedHistories } from './fold-in/embed-histories.js'
import type { HistoryEmbedder } from './fold-in/history-embedder.js'
import { makeEmbedder } from './fold-in/make-embedder.js'
import type { LiftingItems } from './lift-item.js'
import { packRows } from './pack-rows.js'
import type { RankingIndex, SearchedRows } from './ranking-index.js'
import type { RowProducts, TableRows } from './row-products.js'
import { checkFinite, gatherRows, normalizeRows } from './rows.js'
import { scaleAndShift, shiftOf } from './score-shift.js'
import type { ScoredRows } from './scored-rows.js'
import { type SimilarQuestion, similarByProducts } from './similar-nodes.js'

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
  /** The way in which histories get embeddings; undefined when the recommender answers for its users only. */
  readonly foldIn: FoldIn | undefined
  readonly #foldInTensors: TensorMap
  #embedder: HistoryEmbedder | undefined
  /** The embeddings, row-major. */
  readonly #rows: { readonly users: Float32Array; readonly items: Float32Array }
  readonly #itemBias: Float32Array | undefined
  /** The embeddings scaled to length 1, made when they are first needed. */
  readonly #units = new Map<'users' | 'items', Float32Array>()
  /** The embeddings in kernel memory, copied there when they are first needed. */
  readonly #packed = new Map<string, RowProducts>()
  #index: RankingIndex | undefined

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: EmbeddingRecommenderOptions<UserId, ItemId>) {
    const checked = parseOptions('EmbeddingRecommender', embeddingOptionsSchema, options)
    const { embeddingDim, similarity, scale, userEmbeddings, itemEmbeddings } = checked
    const { itemBias, copy, coldStart, foldIn, foldInTensors = new Map() } = checked
    super(options, 'embeddings', coldStart)
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
    this.foldIn = foldIn
    this.#foldInTensors = foldInTensors
    const counts = { users: this.userCount, items: this.itemCount, embeddingDim }
    const problem = foldInProblem('embeddings', counts, this.#scoreDefinition(), foldInTensors)
    if (problem) throw new InvalidOptionsError(`foldIn: ${problem}.`)
  }

  /**
   * Returns the arrays that scores are made of: `scale` times the product of two rows and the item's bias.
   *
   * @internal
   */
  scoredRows(): ScoredRows {
    return {
      users: this.#scored('users'),
      items: this.#scored('items'),
      scale: this.scale,
      bias: this.#itemBias,
      cold: this.cold,
    }
  }

  override withColdStart(coldStart: ColdStart): EmbeddingRecommender<UserId, ItemId> {
    return this.#copy(coldStart, this.#index)
  }

  /**
   * Returns a recommender of the same model that finds the items of lists by an index. Lists say in `search` whether the
   * index found them or, as filters or seen items left too few of its candidates, all items were looked at.
   *
   * @param index - made by `buildIndex` or `loadIndex` of `@gnnrec/serving/vectors` with this model; undefined for none
   * @throws InvalidOptionsError when the index is of other items
   */
  withIndex(index: RankingIndex | undefined): EmbeddingRecommender<UserId, ItemId> {
    const copy = this.#copy(this.coldStart, index)
    if (!index || index.isOf(this.items, copy.scoredRows())) return copy
    throw new InvalidOptionsError(
      'index: got the index of another model; expected one that buildIndex made of this recommender, or that loadIndex loaded for it.',
    )
  }

  #copy(coldStart: ColdStart, index: RankingIndex | undefined) {
    const { embeddingDim, similarity, scale } = this
    const copy = new EmbeddingRecommender({
      ...this.common,
      embeddingDim,
      userEmbeddings: this.#rows.users,
      itemEmbeddings: this.#rows.items,
      similarity,
      scale,
      ...(this.#itemBias && { itemBias: this.#itemBias }),
      ...(this.foldIn && { foldIn: this.foldIn, foldInTensors: this.#foldInTensors }),
      coldStart,
      copy: false,
    })
    for (const [side, unit] of this.#units) copy.#units.set(side, unit)
    copy.#index = index
    return copy
  }

  protected override askHistories(
    histories: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers {
    const count = histories.users.length
    const table = this.#rowsOf(histories)
    const places = Int32Array.from({ length: count }, (_, row) => row)
    return {
      count,
      excludeOf,
      score: (first, last, items, out) =>
        this.#scoreRows({ table, indices: places.subarray(first, last) }, items, out),
      rank: (k, choice) => this.#rankRows({ table, indices: places }, k, excludeOf, choice),
      usesIndex: this.usesIndex,
    }
  }

  /** Takes the product of the item with each term of the person's embedding. */
  protected override contributions(plan: Plan, item: number): Float64Array | undefined {
    const { history, user, source } = plan
    const dim = this.embeddingDim
    const terms = this.#historyEmbedder().terms?.(history)
    if (!terms) return undefined
    let factor = this.scale
    if (this.#kind === 'unit') {
      const row =
        source === 'trained'
          ? this.#rows.users.subarray(user * dim, (user + 1) * dim)
          : this.#rawRowsOf(askedHistories([plan]))
      factor /= Math.hypot(...row) || 1
    }
    const own = this.#scored('items').subarray(item * dim, (item + 1) * dim)
    return Float64Array.from(history.items, (_, place) => {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += terms[place * dim + d] * own[d]
      return factor * sum
    })
  }

  /** Takes what each item adds to the person's embedding where that is a sum, else the similar items. */
  protected override liftingItems(item: number): LiftingItems | undefined {
    if (!this.foldIn) return undefined
    const dim = this.embeddingDim
    const own = this.#scored('items').subarray(item * dim, (item + 1) * dim)
    const products = this.#historyEmbedder().products?.(own)
    if (!products) return super.liftingItems(item)
    // The length of an embedding changes with its items, so the order of cosines is another one.
    const method = this.#kind === 'unit' ? 'tried' : 'exact'
    return { method, values: products.map((product) => Math.sign(this.scale) * product) }
  }

  /** Makes the embeddings of histories, of length 1 for cosines. */
  #rowsOf(histories: AskedHistories): Float32Array {
    const rows = this.#rawRowsOf(histories)
    return this.#kind === 'unit' ? normalizeRows(rows, this.embeddingDim) : rows
  }

  #rawRowsOf(histories: AskedHistories): Float32Array {
    const trained = { seen: this.seen, rows: this.#rows.users }
    return embedHistories(this.#historyEmbedder(), histories, trained, this.embeddingDim)
  }

  #historyEmbedder(): HistoryEmbedder {
    const { foldIn, embeddingDim } = this
    if (!foldIn) {
      throw new NotSupportedError(
        `This recommender has no fold-in part, so it answers for its users only. Models of @gnnrec/models have one, unless they were saved with foldIn: false or trained in files: load such a model by its class and save it again without this option. Embeddings from elsewhere take the option foldIn.`,
      )
    }
    const items = { rows: this.#scored('items'), bias: this.#itemBias }
    this.#embedder ??= makeEmbedder(foldIn, this.#foldInTensors, items, embeddingDim)
    return this.#embedder
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    this.#scoreRows({ table: this.#scored('users'), indices: users }, items, out)
  }

  /** Writes the scores of `items` (all when undefined) for rows in the place of users' embeddings, row-major. */
  #scoreRows(rows: TableRows, items: Int32Array | undefined, out: Float32Array): void {
    if (!items) this.#packedRows('items', this.#kind).score(rows, out)
    else if (items.length >= shareOfAll(rows.indices.length) * this.itemCount)
      this.#pickScores(rows, items, out)
    else this.#scoreSome(rows, items, out)
    scaleAndShift(out, rows.indices.length * (items?.length ?? this.itemCount), items, {
      scale: this.scale,
      bias: this.#itemBias,
    })
  }

  protected override get usesIndex(): boolean {
    return this.#index !== undefined
  }

  protected override rankItems(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): SearchedRows | undefined {
    const rows = { table: this.#scored('users'), indices: users }
    return this.#rankRows(rows, k, excludeOf, choice)
  }

  #rankRows(
    rows: TableRows,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): SearchedRows | undefined {
    if (!this.#index) return this.#rankAmongAll(rows, k, excludeOf, choice)
    const { scale, embeddingDim: dim } = this
    const { table, indices } = rows
    const rowsAt = (places: Int32Array) => ({
      table,
      indices: places.map((place) => indices[place]),
    })
    return this.#index.rank({
      people: indices.length,
      k,
      choice,
      scale,
      excludeOf,
      row: (place) => table.subarray(indices[place] * dim, (indices[place] + 1) * dim),
      score: (place, items, out) => this.#scoreRows(rowsAt(Int32Array.of(place)), items, out),
      rankExactly: (places) =>
        this.#rankAmongAll(rowsAt(places), k, (at) => excludeOf(places[at]), choice),
    })
  }

  #rankAmongAll(
    rows: TableRows,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined {
    const shift = shiftOf(this.#itemBias, this.itemCount, choice)
    const rule = { scale: this.scale, shift }
    return this.#packedRows('items', this.#kind).rank(rows, k, excludeOf, rule)
  }

  override dispose(): void {
    this.#embedder?.free()
    this.#embedder = undefined
    for (const packed of this.#packed.values()) packed.free()
    this.#packed.clear()
  }

  protected override itemVectors(): Float32Array {
    return this.#unit('items')
  }

  protected override rankSimilar(question: SimilarQuestion): BestItems | undefined {
    const { side } = question
    return similarByProducts(this.#packedRows(side, 'unit'), this.#unit(side), question, this.cold)
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    const out = new Float32Array(this[side].size)
    const row = { table: this.#unit(side), indices: Int32Array.of(index) }
    this.#packedRows(side, 'unit').score(row, out)
    return out
  }

  protected override toParts() {
    const { embeddingDim } = this
    const bias = this.#itemBias
    return {
      kind: 'embeddings' as const,
      score: this.#scoreDefinition(),
      foldIn: this.#foldInTensors,
      serving: new Map([
        ['users', { shape: [this.userCount, embeddingDim], data: this.#rows.users }],
        ['items', { shape: [this.itemCount, embeddingDim], data: this.#rows.items }],
        ...(bias ? [['itemBias', { shape: [this.itemCount], data: bias }] as const] : []),
      ]),
    }
  }

  protected override servingWithoutUsers(): TensorMap {
    const none = { shape: [0, this.embeddingDim], data: new Float32Array() }
    return new Map([...this.toParts().serving, ['users', none]])
  }

  #scoreDefinition(): ScoreDefinition {
    const { similarity, scale, coldStart, foldIn } = this
    return {
      similarity,
      scale,
      itemBias: this.#itemBias !== undefined,
      ...(coldStart === 'model' && { coldStart }),
      ...(foldIn && { foldIn }),
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

  /** The embeddings whose products are the scores: those of length 1 for the cosine. */
  get #kind(): 'own' | 'unit' {
    return this.similarity === 'cosine' ? 'unit' : 'own'
  }

  #scored(side: 'users' | 'items'): Float32Array {
    return this.#kind === 'unit' ? this.#unit(side) : this.#rows[side]
  }

  #packedRows(side: 'users' | 'items', kind: 'own' | 'unit'): RowProducts {
    const key = `${side}/${kind}` as const
    let packed = this.#packed.get(key)
    if (!packed) {
      packed = packRows(kind === 'unit' ? this.#unit(side) : this.#rows[side], this.embeddingDim)
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
