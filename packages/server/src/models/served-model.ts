import type { Recommender } from '@gnnrec/serving'

/** A model that answers, and its marks. */
export interface ServedModel {
  readonly recommender: Recommender
  /** SHA-256 of the content of the `model.json` that the model has, or would have when saved. */
  readonly fingerprint: string
  /** Time at which it was loaded. */
  readonly loadedAt: Date
}
