import * as z from 'zod/mini'
import type { InteractionTable } from '../interactions/interaction-table.js'
import { warn } from '../warn.js'
import { type EdgeWeights, edgeWeightsSchema } from './edge-weights.js'

/** Options of {@link BipartiteGraph.fromInteractions}. */
export interface BipartiteGraphOptions {
  /**
   * The weights of edges by the count of their interactions: the sum of their weights, or their number in a table
   * without weights. `'none'`: all are 1. `'counts'`: the count. `'log'`: `ln(1 + count)`. A function returns the
   * weight for a count, a finite number above 0.
   *
   * @defaultValue 'none', with a warning when the table has weights
   */
  weights?: EdgeWeights
  /**
   * The treatment of ratings that say that an item was not liked: those below 0, and on a scale up to 10 those of at
   * most 40 % of the highest. They become edges like the others; `'warn'` says so once for a table.
   *
   * @defaultValue 'warn'
   */
  lowRatings?: 'warn' | 'accept'
}

export const graphOptionsSchema = z.strictObject({
  weights: z.optional(edgeWeightsSchema),
  lowRatings: z._default(z.enum(['warn', 'accept']), 'warn'),
})

/** The columns of weights that were warned of. */
const said = /* @__PURE__ */ new WeakSet<Float32Array>()

/** Warns once of the weights of a table that the caller may expect to count. */
export function warnOfUnreadWeights({ weight }: InteractionTable): void {
  if (weight === undefined || said.has(weight)) return
  said.add(weight)
  warn(
    "BipartiteGraph.fromInteractions: the table has weights, which do not count. Pass weights: 'counts' or 'log' to use them, or 'none' to leave them out without this warning.",
  )
}
