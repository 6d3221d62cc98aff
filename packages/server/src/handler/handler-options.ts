import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import type { ModelOrPlace } from '../models/load-model.js'
import { type ApiKey, apiKeysSchema } from './api-keys.js'
import type { Metrics } from './endpoint.js'
import { limitsSchema, type RequestLimits } from './limits.js'

/** Options of {@link createHandler}. */
export interface HandlerOptions {
  /**
   * The model that answers: a recommender, or the place of a saved one, which is loaded at the first request and can be
   * exchanged later.
   */
  model: ModelOrPlace
  /**
   * The keys of those who may ask. Without any, everybody who reaches the handler may do everything.
   *
   * @defaultValue `[]`
   */
  keys?: readonly ApiKey[]
  /**
   * Largest sizes and times of requests.
   *
   * @defaultValue those of {@link RequestLimits}
   */
  limits?: RequestLimits
  /**
   * Called with each error that was answered by a status from 500 up, and the id of its request. Errors are kept
   * from callers, so log them here.
   *
   * @defaultValue nothing is called
   */
  onError?: (error: unknown, requestId: string) => void
}

const modelSchema = z.custom<ModelOrPlace>(
  (value) =>
    (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null),
  { error: 'expected a recommender, or the path, the URL or the files of a saved one' },
)

/** Checks of {@link HandlerOptions}, for the schemas of other options. */
export const handlerShape = {
  model: modelSchema,
  keys: apiKeysSchema.default([]),
  limits: limitsSchema.prefault({}),
}

const handlerSchema = z.strictObject({
  ...handlerShape,
  onError: z
    .custom<(error: unknown, requestId: string) => void>((value) => typeof value === 'function', {
      error: 'expected a function',
    })
    .default(() => () => undefined),
})

/** The options with their defaults filled in, and the metrics that a server of ours keeps. */
export type CheckedHandlerOptions = z.output<typeof handlerSchema> & { metrics?: Metrics }

/** Checks options of a handler. @throws InvalidOptionsError for a wrong option */
export function checkHandlerOptions(options: HandlerOptions): CheckedHandlerOptions {
  return parseOptions('createHandler', handlerSchema, options)
}
