/** The size of a graph. */
export interface GraphCounts {
  /** Number of users, an integer >= 1. */
  readonly users: number
  /** Number of items, an integer >= 2. */
  readonly items: number
  /** Distinct (user, item) pairs, an integer >= 1. */
  readonly edges: number
}
