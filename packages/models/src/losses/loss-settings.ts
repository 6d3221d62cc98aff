import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { bpr } from './bpr-loss.js'
import type { RankingLoss } from './ranking-loss.js'

/** A loss as data, which travels with a saved model. */
export type LossSettings = {
  readonly name: 'bpr'
  /** Over samples and negatives. @defaultValue 'mean' */
  readonly reduction?: 'mean' | 'sum'
  /** Whether a bias per item is trained and added to its scores. @defaultValue false */
  readonly itemBias?: boolean
}

export const lossSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('bpr'),
    reduction: z.enum(['mean', 'sum']).default('mean'),
    itemBias: z.boolean().default(false),
  }),
])

/** The loss of its settings. @throws InvalidOptionsError when one is misspelt or out of range */
export function lossFrom(settings: LossSettings): RankingLoss {
  const { reduction, itemBias } = parseOptions('loss', lossSchema, settings)
  return bpr(reduction, itemBias)
}
