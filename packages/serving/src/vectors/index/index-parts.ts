import type { Id, IdMap } from '@gnnrec/graph'
import type { ScoredRows } from '../../recommenders/scored-rows.js'
import type { SearchGraph } from './search-engine.js'

/** A recall, measured against exact lists. */
export interface RecallOfLists {
  /** Mean share of the items of exact lists, or items with the score of the last one, that lists by the index hold. */
  readonly recall: number
  /** Standard error of the mean over users. */
  readonly standardError: number
  /** Share of the users whose lists the index could not fill and exact search made. */
  readonly exactShare: number
}

/** The recall of an index, measured against exact lists. */
export interface MeasuredRecall extends RecallOfLists {
  /** Length of the lists. */
  readonly k: number
  /** Number of users whose lists were compared, without the items that they have seen. */
  readonly users: number
  /** Seed by which these users were drawn. */
  readonly seed: number
  /** The recall of lists for these users by a filter that keeps a drawn half of the items. */
  readonly filtered: RecallOfLists
}

/** Standard errors that are taken off a recall. The effort is the least that passes, so one would too often be luck. */
const standardErrors = 2

/** Returns true when a recall less two standard errors is as high as asked for. */
export function holds({ recall, standardError }: RecallOfLists, wanted: number): boolean {
  return recall - standardErrors * standardError >= wanted
}

/** The parts of an index of items. */
export interface IndexParts {
  readonly engine: string
  readonly graph: SearchGraph
  readonly dim: number
  readonly connectivity: number
  readonly expansion: number
  readonly effort: number
  readonly filterFactor: number
  readonly measured: MeasuredRecall
  readonly itemCount: number
  readonly ids: IdMap<Id>
  readonly rows: ScoredRows
  /** Computes the fingerprint of the model. */
  fingerprint(): Promise<string>
}
