import { InvalidOptionsError, interactionLists, type Split } from '@gnnrec/graph'

/** Vectors whose cosines tell how alike items are, such as genres or embeddings. */
export interface ItemVectors {
  /** Row-major, items × dimensions, finite. */
  readonly values: Float32Array | Float64Array
  /** Length of a row, an integer >= 1. */
  readonly dimensions: number
}

/** Statistics of the items in the training part; each is computed when it is first used. */
export class ItemStatistics {
  /** Number of all items. */
  readonly itemCount: number
  /** Number of all users. */
  readonly userCount: number
  /** The option `itemVectors` of `evaluate`. */
  readonly vectors: ItemVectors | undefined
  readonly #train: Split['train']
  #popularity: Int32Array | undefined
  #users: { pointers: Int32Array; users: Int32Array } | undefined
  #tail: Uint8Array | undefined
  #order: Int32Array | undefined

  /** @throws InvalidOptionsError when the vectors are not one finite row per item */
  constructor(split: Split, vectors?: ItemVectors) {
    this.#train = split.train
    this.userCount = split.train.users.size
    this.itemCount = split.train.items.size
    this.vectors = vectors
    if (vectors) checkVectors(vectors, this.itemCount)
  }

  /** Number of distinct users of each item in training. */
  get popularity(): Int32Array {
    if (!this.#popularity) {
      const { pointers } = this.users
      this.#popularity = new Int32Array(this.itemCount)
      for (let item = 0; item < this.itemCount; item++) {
        this.#popularity[item] = pointers[item + 1] - pointers[item]
      }
    }
    return this.#popularity
  }

  /** Number of distinct pairs of user and item in training. */
  get pairCount(): number {
    return this.users.users.length
  }

  /**
   * Distinct users of each item in training: those of item i are `users.subarray(pointers[i],
   * pointers[i + 1])`.
   */
  get users(): { readonly pointers: Int32Array; readonly users: Int32Array } {
    if (!this.#users) {
      const { users, items, userIndex, itemIndex } = this.#train
      const { pointers, items: found } = interactionLists({
        users: items,
        items: users,
        userIndex: itemIndex,
        itemIndex: userIndex,
      })
      this.#users = { pointers, users: found }
    }
    return this.#users
  }

  /** All items, the most popular first; equally popular ones by ascending index. */
  get byPopularity(): Int32Array {
    if (!this.#order) {
      const counts = this.popularity
      this.#order = Int32Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
    }
    return this.#order
  }

  /**
   * 1 for each item of the tail, else 0. As in RecBole, the tail is the least popular tenth (at least
   * one) of the items that occur in training, equally popular ones by ascending index.
   */
  get tail(): Uint8Array {
    if (!this.#tail) {
      const counts = this.popularity
      const occurring = Int32Array.from(counts.keys())
        .filter((item) => counts[item] > 0)
        .sort((a, b) => counts[a] - counts[b] || a - b)
      const size = Math.max(1, Math.floor(occurring.length / 10))
      this.#tail = new Uint8Array(this.itemCount)
      for (const item of occurring.subarray(0, size)) this.#tail[item] = 1
    }
    return this.#tail
  }
}

function checkVectors({ values, dimensions }: ItemVectors, itemCount: number): void {
  if (values.length !== itemCount * dimensions) {
    throw new InvalidOptionsError(
      `itemVectors: got ${values.length} values in rows of ${dimensions}; expected ${itemCount * dimensions}, a row for each of ${itemCount} items.`,
    )
  }
  const broken = values.findIndex((value) => !Number.isFinite(value))
  if (broken !== -1) {
    throw new InvalidOptionsError(
      `itemVectors: got ${values[broken]} in the row of item index ${Math.floor(broken / dimensions)}; expected finite numbers.`,
    )
  }
}
