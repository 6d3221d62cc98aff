import { parseOptions } from '@gnnrec/graph'
import type { SaveOptions } from '@gnnrec/serving'
import * as z from 'zod/mini'

/** Options of `GraphModel.toRecommender` and `GraphModel.save`. */
export type FoldInOption = Pick<SaveOptions, 'foldIn'>

const schema = /* @__PURE__ */ z.strictObject({
  foldIn: z._default(z.boolean({ error: 'expected true or false' }), true),
})

/**
 * Returns true when what answers for histories of anybody is to be kept.
 *
 * @param owner - the method that was called, for errors
 * @throws InvalidOptionsError for a wrong or misspelt option
 */
export function keepsFoldIn(owner: string, options: FoldInOption): boolean {
  return parseOptions(owner, schema, options).foldIn
}
