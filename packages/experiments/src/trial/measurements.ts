import type { SplitMethod } from '@gnnrec/graph'
import type { JsonValue } from '../definition/experiment-definition.js'
import type { UserGroups } from './user-groups.js'

/** What a trial found; plain JSON. */
export interface Measurements {
  /** Options in full, and the training settings; null for a baseline. */
  readonly settings: {
    readonly options: Readonly<Record<string, JsonValue>>
    readonly training: Readonly<Record<string, JsonValue>> | null
  }
  readonly split: { readonly hash: string; readonly method: SplitMethod }
  /** The selection's value on validation; absent where nothing was validated. */
  readonly validation?: Readonly<Record<string, number>>
  /** Metrics on the test part; absent in a search. */
  readonly test?: Readonly<Record<string, number>>
  /** Test metrics of users with and without rows in train; absent when all have some. */
  readonly userGroups?: UserGroups
  /** Path of the report with the values of every user, relative to the runner's folder. */
  readonly report?: string
  /** Epoch whose weights were judged; absent for a baseline, and where the last was. */
  readonly bestEpoch?: number
  /** Epochs trained; absent for a baseline. */
  readonly epochs?: number
  readonly stopReason?: string
  /** Seconds of training alone, over all its parts if it was interrupted; of fitting a baseline. */
  readonly trainSeconds: number
  /** Warnings of the trainer, and flags of the evaluation. */
  readonly warnings: readonly string[]
}
