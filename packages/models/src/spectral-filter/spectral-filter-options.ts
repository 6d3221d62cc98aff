import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { rankSchema } from '../model-options.js'

/** Options that the filters with singular vectors share. */
interface VectorOptions {
  /**
   * k, singular vectors that are used, an integer in 1..1024. A graph that has fewer singular values other than zero
   * uses all of them.
   *
   * @defaultValue 256 for `gf-cf`, 448 for `bspm`, 512 for `chebyshev`: the papers' for Gowalla
   */
  vectors?: number
  /**
   * The weight of the part of the singular vectors, finite, from 0 up. At 0 they are not computed.
   *
   * @defaultValue 0.3 for `gf-cf`, 0.2 for the others
   */
  idealWeight?: number
  /**
   * The largest accepted residual of a singular vector, as a share of the largest singular value, in [1e-12, 1).
   *
   * @defaultValue 1e-3
   */
  tolerance?: number
  /** The seed of the computation of the vectors. @defaultValue 0 */
  seed?: number | string
  /**
   * Most bytes that fitting and `compile` may take, each.
   *
   * @defaultValue 4 GiB
   */
  memoryLimitBytes?: number
}

/** Options of the filter `linear`. */
interface LinearFilterOptions {
  /** The filter G alone. */
  filter: 'linear'
  /** A seed, which every filter takes; this one draws nothing. @defaultValue none */
  seed?: number | string
  /**
   * Most bytes that `compile` may take; the filter itself takes none.
   *
   * @defaultValue 4 GiB
   */
  memoryLimitBytes?: number
}

/** Options of the filter `gf-cf`. */
interface GfCfFilterOptions extends VectorOptions {
  /** The filter of GF-CF. */
  filter: 'gf-cf'
}

/** Options of the filter `chebyshev`. */
interface ChebyshevFilterOptions extends VectorOptions {
  /** The filter of ChebyCF. @defaultValue 'chebyshev' */
  filter?: 'chebyshev'
  /** K, the degree of the polynomial, an integer in 1..256. @defaultValue 8 */
  order?: number
  /** φ, how flat the polynomial is in the middle, finite, above 0. @defaultValue 1.5 */
  flatness?: number
  /** β, the power of the degrees of items around the filter, in 0..1. @defaultValue 0.4 */
  degreeExponent?: number
  /**
   * The points where the polynomial is taken from its target: `exact` at the roots, or `official` at the points of the
   * published code, which are others and rounded. The published figures are made with `official`.
   *
   * @defaultValue 'official'
   */
  interpolation?: 'exact' | 'official'
}

/** Options of the filter `bspm`. */
interface BspmFilterOptions extends VectorOptions {
  /** The filter of BSPM. */
  filter: 'bspm'
  /** The solver of the equation that sharpens. @defaultValue 'rk4' */
  solver?: 'euler' | 'rk4'
  /** T, the time that is sharpened for, finite, above 0. @defaultValue 2.5 */
  sharpenTime?: number
  /** Steps of the solver, an integer in 1..63. @defaultValue 1 */
  sharpenSteps?: number
  /** `early` when the part of the vectors is sharpened, too, `late` when it is added afterwards. @defaultValue 'early' */
  merge?: 'early' | 'late'
}

/** Options of `SpectralFilter`: the filter, and what it reads. */
export type SpectralFilterOptions =
  | LinearFilterOptions
  | GfCfFilterOptions
  | ChebyshevFilterOptions
  | BspmFilterOptions

const positive = z.number().check(z.gt(0))
const nonNegative = z.number().check(z.gte(0))

const seedSchema = z.union([z.number(), z.string()], { error: 'expected a number or a string' })

const memoryLimitBytes = z._default(positive, 4 * 2 ** 30)

const vectorShape = {
  tolerance: z._default(z.number().check(z.gte(1e-12), z.lt(1)), 1e-3),
  seed: z._default(seedSchema, 0),
  memoryLimitBytes,
}

const filterNames = ['linear', 'gf-cf', 'chebyshev', 'bspm'] as const

const filterNameSchema = z.looseObject({ filter: z.optional(z.enum(filterNames)) })

const linearSchema = z.strictObject({
  filter: z.literal('linear'),
  seed: z.optional(seedSchema),
  memoryLimitBytes,
})

const gfCfSchema = z.strictObject({
  filter: z.literal('gf-cf'),
  vectors: z._default(rankSchema, 256),
  idealWeight: z._default(nonNegative, 0.3),
  ...vectorShape,
})

const chebyshevSchema = z.strictObject({
  filter: z._default(z.literal('chebyshev'), 'chebyshev'),
  order: z._default(z.int().check(z.gte(1), z.lte(256)), 8),
  flatness: z._default(positive, 1.5),
  degreeExponent: z._default(z.number().check(z.gte(0), z.lte(1)), 0.4),
  interpolation: z._default(z.enum(['exact', 'official']), 'official'),
  vectors: z._default(rankSchema, 512),
  idealWeight: z._default(nonNegative, 0.2),
  ...vectorShape,
})

const bspmSchema = z.strictObject({
  filter: z.literal('bspm'),
  solver: z._default(z.enum(['euler', 'rk4']), 'rk4'),
  sharpenTime: z._default(positive, 2.5),
  sharpenSteps: z._default(z.int().check(z.gte(1), z.lte(63)), 1),
  merge: z._default(z.enum(['early', 'late']), 'early'),
  vectors: z._default(rankSchema, 448),
  idealWeight: z._default(nonNegative, 0.2),
  ...vectorShape,
})

const schemas = {
  linear: linearSchema,
  'gf-cf': gfCfSchema,
  chebyshev: chebyshevSchema,
  bspm: bspmSchema,
}

/** The options of all filters; the one named `filter` decides among them. */
export const spectralFilterSchema = z.union([chebyshevSchema, linearSchema, gfCfSchema, bspmSchema])

export type SpectralFilterSettings = z.output<typeof spectralFilterSchema>

/** @throws InvalidOptionsError when an option is misspelt, out of range, or not read by the filter */
export function resolveSpectralFilterOptions(
  options: SpectralFilterOptions,
): SpectralFilterSettings {
  const { filter = 'chebyshev' } = parseOptions('spectral-filter', filterNameSchema, options)
  // Each schema is asked by itself, so that an error is about the filter that was meant.
  const schema: z.ZodMiniType<SpectralFilterSettings> = schemas[filter]
  return parseOptions(`spectral-filter of filter '${filter}'`, schema, options)
}
