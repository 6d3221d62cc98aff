import { BipartiteGraph, type InteractionTable, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { emptyParts, firstSeen } from './coverage-findings.js'
import { lateFilter } from './late-filter.js'
import { nearCopies } from './near-copies.js'
import { pairsInGraph, pairsInSeveralParts } from './pair-findings.js'
import { type SelectionEvaluation, selectionOnTest } from './selection-findings.js'
import type { SplitFinding } from './split-finding.js'
import { promisedScope, type TimeScope, timeTravel } from './time-findings.js'

/** Options of {@link lintSplit}. */
export interface LintSplitOptions {
  /** The graph that is trained on. Default: the graph of `split.train`. */
  trainingGraph?: BipartiteGraph | undefined
  /** The table that was split, after its filters, to see whether rows are missing. Default: unknown. */
  source?: InteractionTable | undefined
  /**
   * Within what no training row may be later than a test row: one user's rows, all rows, or no check.
   * Default: what the split's method promises; `'user'` for a split that was given, `'none'` for random
   * ones.
   */
  time?: TimeScope | undefined
  /**
   * The evaluations by which epochs, settings or models were chosen: `report.protocol` of each. Default:
   * none are known.
   */
  selectedBy?: readonly SelectionEvaluation[] | undefined
  /**
   * When two users are near-copies: a Jaccard similarity of their items from `similarity` (above 0.5 to
   * 1, default 0.9), compared from `minItems` items (default 10). `false`: no check.
   */
  nearCopies?:
    | { similarity?: number | undefined; minItems?: number | undefined }
    | false
    | undefined
}

const schema = z.strictObject({
  trainingGraph: z
    .custom<BipartiteGraph>((graph) => graph instanceof BipartiteGraph, {
      error: 'expected a BipartiteGraph (BipartiteGraph.fromInteractions)',
    })
    .optional(),
  source: z
    .custom<InteractionTable>(
      (table) => (table as InteractionTable | undefined)?.userIndex instanceof Int32Array,
      { error: 'expected an InteractionTable' },
    )
    .optional(),
  time: z.enum(['user', 'global', 'none']).optional(),
  selectedBy: z
    .array(z.looseObject({ on: z.enum(['validation', 'test']), splitHash: z.string().optional() }))
    .default([]),
  nearCopies: z
    .union([
      z.strictObject({
        similarity: z.number().gt(0.5).max(1).default(0.9),
        minItems: z.int().min(2).default(10),
      }),
      z.literal(false),
    ])
    .default({ similarity: 0.9, minItems: 10 }),
})

/**
 * Looks for what makes results on a split mean less than they seem to: test data that leaks into
 * training, and parts that cannot be what they are called.
 *
 * A clean split gives an empty list. The codes are listed at {@link SplitFindingCode}; findings come in
 * their order. Nothing is changed.
 *
 * @throws InvalidOptionsError
 */
export function lintSplit(split: Split, options: LintSplitOptions = {}): SplitFinding[] {
  const {
    trainingGraph,
    source,
    time,
    selectedBy,
    nearCopies: copies,
  } = parseOptions('lintSplit', schema, options)
  return [
    ...pairsInGraph(split, trainingGraph ?? BipartiteGraph.fromInteractions(split.train)),
    ...pairsInSeveralParts(split),
    ...timeTravel(split, time ?? promisedScope(split.method)),
    ...firstSeen(split),
    ...emptyParts(split),
    ...lateFilter(split, source),
    ...(copies === false ? [] : nearCopies(split, copies)),
    ...selectionOnTest(split, selectedBy),
  ]
}
