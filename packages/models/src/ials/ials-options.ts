import { parseOptions, sizeLimits } from '@gnnrec/graph'
import type { LeastSquaresFoldIn } from '@gnnrec/serving/model-folder'
import * as z from 'zod/mini'

/** Options of both conventions of {@link IalsOptions}. */
interface CommonIalsOptions {
  /** Length of an embedding, an integer in 1..2048. @defaultValue 64 */
  embeddingDim?: number
  /**
   * Times that all users and then all items are solved, an integer in 1..10000. At the end the users are solved once more.
   *
   * @defaultValue 16
   */
  sweeps?: number
  /**
   * Coordinates that are solved at a time, an integer from 1 up. With fewer than `embeddingDim` a sweep solves one
   * block of coordinates after another (iALS++), which takes more sweeps to the same minimum but far less time each.
   *
   * @defaultValue `embeddingDim` up to 256, 128 above
   */
  blockSize?: number
  /**
   * Standard deviation of the normal numbers that embeddings start with, above 0.
   *
   * @defaultValue 0.1 / √embeddingDim
   */
  initialDeviation?: number
  /** Seed of the start. @defaultValue 0 */
  seed?: number | string
  /**
   * Most bytes that the tables and the memory for solving them may take; users and items need 4 · embeddingDim bytes
   * each, and those of the larger side twice as much.
   *
   * @defaultValue 4 GiB
   */
  memoryLimitBytes?: number
}

/** Options of the convention `rendle` of {@link Ials}. */
interface RendleIalsOptions extends CommonIalsOptions {
  /** The weights of the squares. @defaultValue 'rendle' */
  convention?: 'rendle'
  /** α₀, the weight of the squared scores of all pairs, finite, from 0 up. @defaultValue 0.1 */
  unobservedWeight?: number
  /** λ, finite, from 0 up. @defaultValue 0.003 */
  l2Weight?: number
  /**
   * ν, the power by which embeddings of users and items with many interactions are held smaller, finite, from 0 up.
   * At 0 all are alike.
   *
   * @defaultValue 1
   */
  regularizationExponent?: number
}

/** Options of the convention `implicit` of {@link Ials}. */
interface ImplicitIalsOptions extends CommonIalsOptions {
  /** The weights of the squares. */
  convention: 'implicit'
  /** α, the further confidence of an interaction beside a pair without one, finite, from 0 up. @defaultValue 10 */
  alpha?: number
  /** λ, finite, from 0 up. @defaultValue 0.1 */
  l2Weight?: number
}

/** Options of {@link Ials}. */
export type IalsOptions = RendleIalsOptions | ImplicitIalsOptions

const nonNegative = z.number().check(z.gte(0))

const commonShape = {
  embeddingDim: z._default(z.int().check(z.gte(1), z.lte(sizeLimits.foldInDim)), 64),
  sweeps: z._default(z.int().check(z.gte(1), z.lte(10_000)), 16),
  blockSize: z.optional(z.int().check(z.gte(1))),
  initialDeviation: z.optional(z.number().check(z.positive())),
  seed: z._default(
    z.union([z.number(), z.string()], { error: 'expected a number or a string' }),
    0,
  ),
  memoryLimitBytes: z._default(z.number().check(z.positive()), 4 * 2 ** 30),
}

const rendleSchema = z.strictObject({
  convention: z._default(
    z.literal('rendle', { error: "expected 'rendle' or 'implicit'" }),
    'rendle',
  ),
  unobservedWeight: z._default(nonNegative, 0.1),
  l2Weight: z._default(nonNegative, 0.003),
  regularizationExponent: z._default(nonNegative, 1),
  ...commonShape,
})

const implicitSchema = z.strictObject({
  convention: z.literal('implicit'),
  alpha: z._default(nonNegative, 10),
  l2Weight: z._default(nonNegative, 0.1),
  ...commonShape,
})

export const ialsSchema = /* @__PURE__ */ z.union([rendleSchema, implicitSchema])

/** The options of {@link Ials} in full. */
interface ResolvedIalsOptions {
  readonly foldIn: LeastSquaresFoldIn
  readonly embeddingDim: number
  readonly sweeps: number
  readonly blockSize: number
  readonly initialDeviation: number
  readonly seed: number | string
}

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 */
export function resolveIalsOptions(options: IalsOptions): {
  readonly settings: ResolvedIalsOptions
  readonly memoryLimitBytes: number
} {
  // A schema of one convention tells what is misspelt; the union does not.
  const schema = options?.convention === 'implicit' ? implicitSchema : rendleSchema
  const given = parseOptions('ials', schema, options)
  const { embeddingDim, sweeps, seed, memoryLimitBytes } = given
  const { blockSize = embeddingDim > 256 ? 128 : embeddingDim } = given
  const { initialDeviation = 0.1 / Math.sqrt(embeddingDim) } = given
  const { l2Weight } = given
  const foldIn: LeastSquaresFoldIn =
    given.convention === 'implicit'
      ? { convention: given.convention, alpha: given.alpha, l2Weight }
      : {
          convention: given.convention,
          unobservedWeight: given.unobservedWeight,
          l2Weight,
          regularizationExponent: given.regularizationExponent,
        }
  return {
    settings: { foldIn, embeddingDim, sweeps, blockSize, initialDeviation, seed },
    memoryLimitBytes,
  }
}
