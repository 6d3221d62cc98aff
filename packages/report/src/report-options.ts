import type { DepthProfile, EvaluationReport, EvaluationReportJson } from '@gnnrec/eval'
import type { Id } from '@gnnrec/graph'
import type { ReportData } from './report-data.js'
import type { ReportHistory } from './report-history.js'

/** Options of `createReport` and `writeReport`. */
export interface ReportOptions {
  /** Heading of the page. Required. */
  readonly title: string
  /** Description of the experiment and its data in sentences. @defaultValue none */
  readonly description?: string | undefined
  /** The models, in the order in which they are shown. Required, at least one. */
  readonly models: readonly ReportModel[]
  /**
   * Metric that decides which model is best, of which more is better.
   *
   * @defaultValue the first NDCG that all models have, else their first metric with values per user
   */
  readonly metric?: string | undefined
  /** Confidence level of the intervals, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number | undefined
  /** Popularity and consumption of all items; models then need `recommended`. @defaultValue none */
  readonly items?: ReportItems | undefined
  /** Facts about the interactions, as `reportData` computes them. @defaultValue none */
  readonly data?: ReportData | undefined
  /** Name of the model that was chosen. @defaultValue the best one by `metric` */
  readonly chosen?: string | undefined
  /**
   * Name of the model with which the chosen one is compared first.
   *
   * @defaultValue a model called Popularity, else the best of the others
   */
  readonly baseline?: string | undefined
  /** A few items with those that the chosen model finds similar, the most similar first. @defaultValue none */
  readonly similarItems?: readonly ReportSimilarItems[] | undefined
  /** Path of the folder of the chosen model; the report then shows how to load it. @defaultValue none */
  readonly modelFolder?: string | undefined
  /** A few users with their history and the lists that models recommend. @defaultValue none */
  readonly users?: readonly ReportUser[] | undefined
  /**
   * Machine and software that made the numbers. Nothing is looked up, so that the same options give the
   * same bytes.
   *
   * @defaultValue none
   */
  readonly environment?: ReportEnvironment | undefined
}

/** One model of a report. */
export interface ReportModel {
  /** Name that is shown; different from those of the other models. */
  readonly name: string
  /** Report of `evaluate` or `parseReport` of `@gnnrec/eval`, or its JSON. */
  readonly evaluation: EvaluationReport | EvaluationReportJson
  /** Result of `Trainer.fit` of `@gnnrec/train`, or its JSON. @defaultValue no training is shown */
  readonly history?: ReportHistory | undefined
  /**
   * Measures of each layer: `profiles` of the result of `depthAdvice` of `@gnnrec/eval`.
   *
   * @defaultValue none
   */
  readonly depths?: readonly DepthProfile[] | undefined
  /** Number of lists that hold each item of the option `items`, >= 0. @defaultValue unknown */
  readonly recommended?: ArrayLike<number> | undefined
  /** Wall-clock seconds of training, >= 0. @defaultValue the sum over the epochs of `history` */
  readonly trainSeconds?: number | undefined
  /** Peak of resident memory in megabytes, >= 0. @defaultValue unknown */
  readonly peakMegabytes?: number | undefined
  /** Settings of the model by name, of which those of the chosen model are shown. @defaultValue unknown */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Size of the saved model in bytes, >= 0. @defaultValue unknown */
  readonly modelBytes?: number | undefined
  /** Time to answer with one list in milliseconds, >= 0. @defaultValue unknown */
  readonly latencyMilliseconds?: number | undefined
}

/** An item with those that a model finds similar. */
interface ReportSimilarItems {
  /** The item. */
  readonly item: ReportItem
  /** The similar items, the most similar first. */
  readonly similar: readonly ReportItem[]
}

/** Counts of all items, in one order. */
export interface ReportItems {
  /** Number of users who had each item in training, >= 0. */
  readonly popularity: ArrayLike<number>
  /** Number of users who consumed each item in the part that was judged, >= 0. */
  readonly consumed: ArrayLike<number>
}

/** A user whose lists are shown. */
export interface ReportUser {
  /** Id of the user. */
  readonly id: Id
  /** Items that the user had before, the most telling first. */
  readonly consumed: readonly ReportItem[]
  /** Recommended items by name of the model, best first. */
  readonly recommended: Readonly<Record<string, readonly ReportItem[]>>
}

/** An item of a list. */
export interface ReportItem {
  /** Id of the item. */
  readonly id: Id
  /** Title that is shown. @defaultValue the id */
  readonly title?: string | undefined
  /** True if the user consumed the item later. @defaultValue false */
  readonly relevant?: boolean | undefined
}

/** Machine and software that made the numbers. */
export interface ReportEnvironment {
  /** Date as text. */
  readonly date?: string | undefined
  /** Command that makes the report again. */
  readonly command?: string | undefined
  /** Version of Node.js. */
  readonly node?: string | undefined
  /** Processor. */
  readonly cpu?: string | undefined
  /** Number of threads. */
  readonly threads?: number | undefined
  /** Commit of the code. */
  readonly commit?: string | undefined
  /** Versions of packages by name. */
  readonly packages?: Readonly<Record<string, string>> | undefined
}
