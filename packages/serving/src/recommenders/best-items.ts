/** The best items of one person, as indices, best first. */
export interface BestItems {
  readonly items: Int32Array
  readonly scores: Float32Array
  /** The way in which the items were found, where an index may have found them. */
  readonly search?: 'index' | 'exact'
}

/** The list of somebody for whom nothing is left. */
export const shortestList: BestItems = { items: new Int32Array(), scores: new Float32Array() }
