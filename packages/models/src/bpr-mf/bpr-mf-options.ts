import * as z from 'zod/mini'
import { type EmbeddingOptions, embeddingOptionsShape } from '../model-options.js'

/** Options of `BprMf`. */
export interface BprMfOptions extends EmbeddingOptions {}

export const bprMfSchema = /* @__PURE__ */ z.strictObject(embeddingOptionsShape)

export type ResolvedBprMfOptions = z.output<typeof bprMfSchema>
