import type { SplitMethod } from '@gnnrec/graph'
import type { JsonValue } from '../definition/experiment-definition.js'
import type { ServingCost } from './serving-cost.js'
import type { UserGroups } from './user-groups.js'

/** The measurements of a trial, as plain JSON. */
export interface Measurements {
  /** All options of the model, and its training settings, which are null for a baseline. */
  readonly settings: {
    readonly options: Readonly<Record<string, JsonValue>>
    readonly training: Readonly<Record<string, JsonValue>> | null
  }
  /** Hash and method of the split. */
  readonly split: { readonly hash: string; readonly method: SplitMethod }
  /** Value of the selection on the validation part; absent when nothing was validated. */
  readonly validation?: Readonly<Record<string, number>>
  /** Metrics on the test part, by name; absent in a search. */
  readonly test?: Readonly<Record<string, number>>
  /** Reasons of the metrics on the test part that are undefined, by name; absent when all have values. */
  readonly undefinedMetrics?: Readonly<Record<string, string>>
  /** Test metrics of users with and without training interactions; absent when all users have some. */
  readonly userGroups?: UserGroups
  /** Path of the report with the values of every user, relative to the runner's folder. */
  readonly report?: string
  /** Cost of answering with the recommender; absent unless it was asked for. */
  readonly serving?: ServingCost
  /** Epoch whose weights were judged; absent for a baseline, and when it is the last. */
  readonly bestEpoch?: number
  /** Number of trained epochs; absent for a baseline. */
  readonly epochs?: number
  /** Reason why the training stopped, such as `'early-stopping'`; absent for a baseline. */
  readonly stopReason?: string
  /** Seconds of training, or of fitting a baseline; of all parts of a training that was interrupted. */
  readonly trainSeconds: number
  /** Warnings of the trainer and of the evaluation. */
  readonly warnings: readonly string[]
}
