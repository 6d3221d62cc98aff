import { BipartiteGraph, type InteractionTable, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { checkSplit } from '../splits/check-split.js'
import { emptyParts, firstSeen } from './coverage-findings.js'
import { lateFilter } from './late-filter.js'
import { nearCopies } from './near-copies.js'
import { pairsInGraph, pairsInSeveralParts } from './pair-findings.js'
import { type SelectionEvaluation, selectionOnTest } from './selection-findings.js'
import type { SplitFinding } from './split-finding.js'
import { promisedScope, type TimeScope, timeTravel } from './time-findings.js'

/** Options of {@link lintSplit}. */
export interface LintSplitOptions {
  /**
   * The graph that the model trains on.
   *
   * @defaultValue the graph of `split.train`
   */
  trainingGraph?: BipartiteGraph | undefined
  /** The table that was split, after all filters. With it, rows that are missing in the split are found. */
  source?: InteractionTable | undefined
  /**
   * The rows among which a training row must not be later than a test row: the rows of one user
   * (`'user'`), all rows (`'global'`), or none (`'none'`, no check).
   *
   * @defaultValue the scope that the split's method promises: `'user'` for a given split, `'none'` for a
   * random split
   */
  time?: TimeScope | undefined
  /**
   * The evaluations by which epochs, settings or models were chosen. Pass `report.protocol` of each
   * report.
   */
  selectedBy?: readonly SelectionEvaluation[] | undefined
  /**
   * The limits from which two users count as near-copies: `similarity` is the Jaccard similarity of their
   * items, above 0.5 up to 1, and `minItems` the number of items that both need at least. `false` turns
   * the check off.
   *
   * @defaultValue `{ similarity: 0.9, minItems: 10 }`
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
 * Checks a split for leaks of test data into training and for other faults that make results misleading.
 *
 * The result is empty for a clean split. Findings are sorted by their codes, which
 * {@link SplitFinding.code} explains. The split is not changed.
 *
 * @example
 * ```ts
 * import { lintSplit, loadMovieTweetings, randomSplit } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * for (const { code, message } of lintSplit(randomSplit(interactions), { time: 'user' })) {
 *   console.log(code, message)
 * }
 * ```
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
  checkSplit('lintSplit', split)
  return [
    ...pairsInGraph(split, trainingGraph ?? graphOf(split)),
    ...pairsInSeveralParts(split),
    ...timeTravel(split, time ?? promisedScope(split.method)),
    ...firstSeen(split),
    ...emptyParts(split),
    ...lateFilter(split, source),
    ...(copies === false ? [] : nearCopies(split, copies)),
    ...selectionOnTest(split, selectedBy),
  ]
}

/** Makes the graph of the pairs of the train part, whatever their weights and ratings. */
function graphOf({ train }: Split): BipartiteGraph {
  return BipartiteGraph.fromInteractions(train, { weights: 'none', lowRatings: 'accept' })
}
