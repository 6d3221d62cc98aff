import { NonFiniteError, type Ranker, type Split, type TopK, topK } from '@gnnrec/graph'
import { refusePromise } from '@gnnrec/graph/kernels'
import type { Judge } from '../judge.js'
import type { UserRanking } from '../metrics/metric.js'
import { isDegenerate } from './degenerate-list.js'

/** A loop over blocks of users that ranks them and hands their lists to the judge. */
export class BlockRanker {
  readonly #ranker: Ranker
  readonly #judge: Judge
  readonly #split: Split
  /** A buffer for the scores of one block, as long as the largest block so far needs. */
  #buffer = new Float32Array()
  #degenerateLists = 0

  constructor(ranker: Ranker, judge: Judge, split: Split) {
    this.#ranker = ranker
    this.#judge = judge
    this.#split = split
  }

  /** Number of lists so far that ties decided. */
  get degenerateLists(): number {
    return this.#degenerateLists
  }

  /**
   * Ranks the users of a block.
   *
   * @throws NonFiniteError naming the user when the score of a candidate is not finite
   */
  rank(block: Int32Array): void {
    if (this.#rankWithoutScores(block)) return
    const { itemCount } = this.#ranker
    const length = block.length * itemCount
    if (this.#buffer.length < length) this.#buffer = new Float32Array(length)
    // A score that the ranker does not write is then found like one that is NaN.
    const out = this.#buffer.subarray(0, length).fill(Number.NaN)
    refusePromise('scoreUsers of the ranker', this.#ranker.scoreUsers(block, out))
    for (let row = 0; row < block.length; row++) {
      const scores = out.subarray(row * itemCount, (row + 1) * itemCount)
      const ranking = this.#judge.rankingOf(block[row], scores)
      this.#take(this.#best(scores, ranking), ranking)
    }
  }

  /** Ranks a block by `rankUsers`; returns false if the ranker lacks it or a metric needs scores. */
  #rankWithoutScores(block: Int32Array): boolean {
    const { everyItem, places } = this.#judge
    if (!everyItem || !this.#ranker.rankUsers) return false
    const ranked = refusePromise(
      'rankUsers of the ranker',
      this.#ranker.rankUsers(block, places, everyItem),
    )
    if (!ranked) return false
    for (let row = 0; row < block.length; row++) {
      const [start, end] = [row * ranked.k, row * ranked.k + ranked.lengths[row]]
      const list = {
        items: ranked.items.subarray(start, end),
        scores: ranked.scores.subarray(start, end),
        tied: ranked.tied[row],
      }
      this.#take(list, this.#judge.rankingOf(block[row], undefined))
    }
    return true
  }

  #best(scores: Float32Array, { user, masked, candidates }: UserRanking): TopK {
    const { places } = this.#judge
    try {
      return candidates ? topOfCandidates(scores, places, candidates) : topK(scores, places, masked)
    } catch (error) {
      if (error instanceof NonFiniteError) throw this.#cannotRank(user, error.message)
      throw error
    }
  }

  #take(list: TopK, ranking: UserRanking): void {
    const infinite = list.scores.findIndex((score) => !Number.isFinite(score))
    if (infinite !== -1) {
      const problem = `The score of item index ${list.items[infinite]} is ${list.scores[infinite]}; expected finite scores.`
      throw this.#cannotRank(ranking.user, problem)
    }
    const { candidates, masked } = ranking
    const choices = candidates ? candidates.length : this.#ranker.itemCount - masked.length
    if (isDegenerate(list, choices)) this.#degenerateLists++
    this.#judge.add(list.items, ranking)
  }

  #cannotRank(user: number, problem: string): NonFiniteError {
    const id = JSON.stringify(this.#split.train.users.idOf(user))
    return new NonFiniteError(
      `User ${id} (index ${user}) cannot be ranked: ${problem} A score that scoreUsers does not write counts as NaN.`,
    )
  }
}

function topOfCandidates(scores: Float32Array, places: number, candidates: Int32Array): TopK {
  if (candidates.length === 0) {
    return { items: new Int32Array(), scores: new Float32Array(), tied: 0 }
  }
  // `Float32Array.from` with a function would take much longer.
  const own = new Float32Array(candidates.length)
  for (let place = 0; place < own.length; place++) own[place] = scores[candidates[place]]
  const broken = own.findIndex(Number.isNaN)
  if (broken !== -1) {
    throw new NonFiniteError(`The score of item index ${candidates[broken]} is NaN.`)
  }
  const best = topK(own, Math.min(places, own.length))
  return { ...best, items: best.items.map((place) => candidates[place]) }
}
