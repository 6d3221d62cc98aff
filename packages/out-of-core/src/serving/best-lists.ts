import type { RankedRows } from '@gnnrec/graph'

/** The best items of a piece for each row, as indices within the piece. */
export interface PieceOfLists {
  readonly firstItem: number
  /** Items [rows, k], row-major. */
  readonly items: Int32Array
  readonly scores: Float32Array
  /** Two numbers for each row: the length of the list, and the number of items outside it with its last score. */
  readonly lengths: Int32Array
}

/** The best items of some rows so far, while pieces of the items pass in ascending order. */
export class BestLists implements RankedRows {
  readonly k: number
  readonly items: Int32Array
  readonly scores: Float32Array
  readonly lengths: Int32Array
  readonly tied: Int32Array
  readonly #mergedItems: Int32Array
  readonly #mergedScores: Float32Array

  constructor(rows: number, k: number) {
    this.k = k
    this.items = new Int32Array(rows * k)
    this.scores = new Float32Array(rows * k)
    this.lengths = new Int32Array(rows)
    this.tied = new Int32Array(rows)
    this.#mergedItems = new Int32Array(k)
    this.#mergedScores = new Float32Array(k)
  }

  /** @param firstRow - row of the list that the first row of the piece belongs to */
  add(firstRow: number, piece: PieceOfLists): void {
    for (let row = 0; row < piece.lengths.length / 2; row++) this.#merge(firstRow + row, piece, row)
  }

  /** Merges a list; items of the piece come after all others of the same score. */
  #merge(row: number, piece: PieceOfLists, pieceRow: number): void {
    const { k, items, scores } = this
    const [own, other] = [row * k, pieceRow * k]
    const ownLength = this.lengths[row]
    const otherLength = piece.lengths[2 * pieceRow]
    const lastBefore = scores[own + ownLength - 1]
    if (ownLength === k && !(piece.scores[other] >= lastBefore)) return
    let [i, j, length] = [0, 0, 0]
    while (length < k && (i < ownLength || j < otherLength)) {
      const takesOwn =
        j === otherLength || (i < ownLength && scores[own + i] >= piece.scores[other + j])
      this.#mergedItems[length] = takesOwn
        ? items[own + i]
        : piece.firstItem + piece.items[other + j]
      this.#mergedScores[length++] = takesOwn ? scores[own + i++] : piece.scores[other + j++]
    }
    const last = this.#mergedScores[length - 1]
    let tied = ownLength > 0 && lastBefore === last ? this.tied[row] : 0
    if (otherLength > 0 && piece.scores[other + otherLength - 1] === last) {
      tied += piece.lengths[2 * pieceRow + 1]
    }
    while (i < ownLength && scores[own + i] === last) [i, tied] = [i + 1, tied + 1]
    while (j < otherLength && piece.scores[other + j] === last) [j, tied] = [j + 1, tied + 1]
    items.set(this.#mergedItems.subarray(0, length), own)
    scores.set(this.#mergedScores.subarray(0, length), own)
    this.lengths[row] = length
    this.tied[row] = tied
  }
}
