import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import {
  embeddingDimSchema,
  type RankingOptions,
  rankingOptionsShape,
  rankSchema,
} from '../model-options.js'

/** Options of `SvdGcn` that every variant has. */
interface SpectralOptions {
  /**
   * K, singular vectors that are kept, an integer in 1..min(userCount, itemCount, 1024).
   *
   * @defaultValue 90, the paper's for Gowalla
   */
  rank?: number
  /**
   * α >= 0, added to the degrees that normalize: it lets the nodes with few edges count less.
   *
   * @defaultValue 4 for S and 3 for the others, the paper's for Gowalla
   */
  degreeRegularization?: number
  /**
   * β of exp(βσ), finite and >= 0: how much the smooth vectors count more than the others.
   *
   * @defaultValue 6 for S and 2 for the others, the paper's for Gowalla
   */
  filterExponent?: number
  /** Seed of everything the model draws, the subspace of the SVD included. @defaultValue 0 */
  seed?: number | string
}

/** Options of the variant of `SvdGcn` that trains nothing. */
interface SpectralSvdGcnOptions extends SpectralOptions {
  /** The variant `S`, which trains nothing. @defaultValue 'S' */
  variant?: 'S'
  /** Bytes, > 0, that singular vectors, matrix and final embeddings may take. @defaultValue no limit */
  maxMemory?: number | undefined
}

/** Options of the variants of `SvdGcn` that train W. */
interface TrainedSvdGcnOptions extends SpectralOptions, RankingOptions {
  /**
   * The pairs that the loss has beside users and items: none (`B`), users with users (`U`), items with
   * items (`I`), or both (`M`).
   */
  variant: 'B' | 'U' | 'I' | 'M'
  /** Columns of W, an integer in 1..16384. @defaultValue 64 */
  embeddingDim?: number
  /** Weight c_u >= 0 of the pairs of users in U and M. @defaultValue 0.5, the paper's */
  userPairWeight?: number
  /** Weight c_i >= 0 of the pairs of items in I and M. @defaultValue 0.9, the paper's for Gowalla */
  itemPairWeight?: number
  /**
   * Weight of the L2 term on all rows of the batch, >= 0; the official code's 0.01, which has no ½.
   *
   * @defaultValue 0.02
   */
  l2Weight?: number
}

/** Options of `SvdGcn`. */
export type SvdGcnOptions = SpectralSvdGcnOptions | TrainedSvdGcnOptions

const nonNegative = z.number().check(z.gte(0))

const spectralSchema = z.strictObject({
  variant: z._default(z.literal('S'), 'S'),
  rank: z._default(rankSchema, 90),
  degreeRegularization: z._default(nonNegative, 4),
  filterExponent: z._default(nonNegative, 6),
  seed: rankingOptionsShape.seed,
  maxMemory: rankingOptionsShape.maxMemory,
})

const checkedSchema = z
  .strictObject({
    variant: z.enum(['B', 'U', 'I', 'M']),
    rank: z._default(rankSchema, 90),
    degreeRegularization: z._default(nonNegative, 3),
    filterExponent: z._default(nonNegative, 2),
    embeddingDim: z._default(embeddingDimSchema, 64),
    userPairWeight: z.optional(nonNegative),
    itemPairWeight: z.optional(nonNegative),
    ...rankingOptionsShape,
    l2Weight: z._default(nonNegative, 0.02),
  })
  .check(({ value, issues }) => {
    const { variant } = value
    for (const [name, readBy] of [
      ['userPairWeight', 'UM'],
      ['itemPairWeight', 'IM'],
    ] as const) {
      if (!value[name] || readBy.includes(variant)) continue
      issues.push({
        code: 'custom',
        input: value[name],
        path: [name],
        message: `variant '${variant}' has no such pairs; leave it out, or choose 'M'`,
      })
    }
  })

const trainedSchema = z.pipe(
  checkedSchema,
  z.transform((settings) => {
    const { variant, userPairWeight = 0.5, itemPairWeight = 0.9 } = settings
    return {
      ...settings,
      userPairWeight: variant === 'U' || variant === 'M' ? userPairWeight : 0,
      itemPairWeight: variant === 'I' || variant === 'M' ? itemPairWeight : 0,
    }
  }),
)

export const svdGcnSchema = z.union([spectralSchema, trainedSchema])

export type ResolvedSvdGcnOptions = z.output<typeof spectralSchema> | z.output<typeof trainedSchema>

/** @throws InvalidOptionsError when an option is misspelt, out of range, or not read by the variant */
export function resolveSvdGcnOptions(options: SvdGcnOptions): ResolvedSvdGcnOptions {
  const isSpectral = options.variant === undefined || options.variant === 'S'
  return isSpectral
    ? parseOptions("svd-gcn of variant 'S', which trains nothing", spectralSchema, options)
    : parseOptions('svd-gcn', trainedSchema, options)
}
