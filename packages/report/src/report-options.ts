import type { DepthProfile, EvaluationReport, EvaluationReportJson } from '@gnnrec/eval'
import type { Id } from '@gnnrec/graph'
import type { ReportHistory } from './report-history.js'

/** What a report is made from. */
export interface ReportOptions {
  /** Heading of the page. Required. */
  readonly title: string
  /** What was done on which data, in sentences. @defaultValue none */
  readonly description?: string | undefined
  /** The models beside each other, in the order in which they are shown. Required, at least one. */
  readonly models: readonly ReportModel[]
  /**
   * The metric with values per user that says which model is best, larger being better.
   *
   * @defaultValue the first NDCG that all models have, else their first metric with values per user
   */
  readonly metric?: string | undefined
  /** Share of the intervals that hold the true value, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number | undefined
  /** How popular items are and what was consumed; needs `recommended` of models. @defaultValue none */
  readonly items?: ReportItems | undefined
  /** A few users with what they consumed and what they are recommended. @defaultValue none */
  readonly users?: readonly ReportUser[] | undefined
  /** Where the numbers were made. Nothing is looked up, so that bytes can be made again. @defaultValue none */
  readonly environment?: ReportEnvironment | undefined
}

/** One model of a report. */
export interface ReportModel {
  /** As it is shown; different from that of the other models. */
  readonly name: string
  /** What `evaluate` or `parseReport` of `@gnnrec/eval` gave, or its JSON. */
  readonly evaluation: EvaluationReport | EvaluationReportJson
  /** What `Trainer.fit` of `@gnnrec/train` gave, or its JSON. @defaultValue not trained */
  readonly history?: ReportHistory | undefined
  /** `profiles` of `depthAdvice` of `@gnnrec/eval`: how alike rows are after each layer. @defaultValue none */
  readonly depths?: readonly DepthProfile[] | undefined
  /** For each item of {@link ReportItems}, how many lists hold it, >= 0. @defaultValue unknown */
  readonly recommended?: ArrayLike<number> | undefined
  /** Wall-clock seconds of training, >= 0. @defaultValue those of the epochs of `history` */
  readonly trainSeconds?: number | undefined
  /** Most resident memory in megabytes, >= 0. @defaultValue unknown */
  readonly peakMegabytes?: number | undefined
}

/** Counts for each item, all in the same order. */
export interface ReportItems {
  /** Users who had the item in training, >= 0. */
  readonly popularity: ArrayLike<number>
  /** Users who consumed the item in the part that was judged, >= 0. */
  readonly consumed: ArrayLike<number>
}

/** A user whose lists are shown. */
export interface ReportUser {
  readonly id: Id
  /** What the user had before, most telling first. */
  readonly consumed: readonly ReportItem[]
  /** By name of the model, best first. */
  readonly recommended: Readonly<Record<string, readonly ReportItem[]>>
}

/** An item of a list. */
export interface ReportItem {
  readonly id: Id
  /** @defaultValue the id */
  readonly title?: string | undefined
  /** Whether the user did consume it later. @defaultValue false */
  readonly relevant?: boolean | undefined
}

/** Where numbers were made; all of it is optional. */
export interface ReportEnvironment {
  /** When, as text. */
  readonly date?: string | undefined
  /** Command that makes the report again. */
  readonly command?: string | undefined
  readonly node?: string | undefined
  readonly cpu?: string | undefined
  readonly threads?: number | undefined
  readonly commit?: string | undefined
  /** Versions by name. */
  readonly packages?: Readonly<Record<string, string>> | undefined
}
