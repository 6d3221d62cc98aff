import { parseOptions, type SamplingStrategy } from '@gnnrec/graph'
import { samplingStrategies } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import { bce } from './bce-loss.js'
import { bpr } from './bpr-loss.js'
import { directAu } from './direct-au.js'
import { type LossFunction, OwnLoss } from './own-loss.js'
import type { RankingLoss } from './ranking-loss.js'
import { sampledSoftmax } from './sampled-softmax.js'

/** Bayesian personalized ranking: `bprLoss`. Logged as `bpr`. */
interface BprLossSettings {
  readonly name: 'bpr'
  /** The sum or the mean over samples and negatives. @defaultValue 'mean' */
  readonly reduction?: 'mean' | 'sum'
  /** True to train a bias per item, which is added to its scores. @defaultValue false */
  readonly itemBias?: boolean
}

/** Binary cross-entropy: `bceLoss`. Logged as `bce`. */
interface BceLossSettings {
  readonly name: 'bce'
  /** The sum or the mean over positives and negatives alike. @defaultValue 'mean' */
  readonly reduction?: 'mean' | 'sum'
  /** Weight of a negative beside a positive, > 0. @defaultValue 1 */
  readonly negativeWeight?: number
  /** True to train a bias per item, which is added to its scores. @defaultValue false */
  readonly itemBias?: boolean
}

/**
 * Softmax over the positives of the batch: `inBatchSoftmaxLoss` on similarity / temperature. Logged
 * as `softmax`. Drawn negatives are not looked at. A step keeps several matrices of batch size ×
 * batch size, 16 MB each for 2048.
 *
 * Other samples with the same item are left out, as TensorFlow Recommenders' `RemoveAccidentalHits`
 * does. Other items that the user has in training stay, as they do in the softmax over all items,
 * which this estimates.
 */
interface SampledSoftmaxLossSettings {
  readonly name: 'sampled-softmax'
  /** The similarity that is trained and ranked by. @defaultValue 'cosine' */
  readonly similarity?: 'cosine' | 'dot'
  /**
   * The divisor of the similarity, > 0: the smaller it is, the more the hardest negatives count. Of
   * order 0.1 for cosines, which lie in [-1, 1], and of order 1 for dot products. `'auto'`, for
   * cosines, is {@link autoTemperature}.
   *
   * @defaultValue 0.1 with 'cosine', 1 with 'dot'
   */
  readonly temperature?: number | 'auto'
  /** True to subtract ln q_j from the score of item j. @defaultValue true */
  readonly logQ?: boolean
  /**
   * β, >= 0: ranking adds β · ln(d_i) to the score of item i, d_i being its interactions in training, or
   * 1 if it has none. Without `logQ` and with `sampling: 'interaction-shuffle'` the scores estimate
   * ln(p(i | user) / p(i)), and β 1 gives back the chance of the item itself, a smaller β makes lists
   * with more of rare items.
   *
   * @defaultValue 0
   */
  readonly popularityWeight?: number
  /**
   * The strategy by which batches are drawn, which has to be the `sampling` of the training: q_j is d_j / |E| with
   * `'interaction-shuffle'`, with `'interaction-weighted'` the share of its weights, and with
   * `'user-uniform'` the sum of 1 / d_u over the users u of j, divided by the number of users.
   *
   * @defaultValue 'user-uniform'
   */
  readonly sampling?: SamplingStrategy
  /** True to train a bias per item, which is added to its scores. @defaultValue false */
  readonly itemBias?: boolean
}

/**
 * DirectAU: `alignment` of users and their positives, and `uniformity` of both. Logged as
 * `alignment`, `userUniformity` and `itemUniformity`. Drawn negatives are not looked at. A step keeps
 * several matrices of batch size × batch size, 16 MB each for 2048.
 */
interface DirectAuLossSettings {
  readonly name: 'direct-au'
  /** γ, >= 0: weight of the mean of the two uniformities. @defaultValue 1 */
  readonly uniformityWeight?: number
  /**
   * The similarity to rank by. The loss looks at directions only, so it trains `'cosine'`. The official
   * code ranks by dot products of the embeddings as they are: rows that are updated more often grow
   * longer, so that lengths tell how popular an item is, which lists of likely items gain from.
   *
   * @defaultValue 'dot'
   */
  readonly rankBy?: 'cosine' | 'dot'
}

/** A loss as data, which travels with a saved model. */
export type LossSettings = KnownLossSettings | OwnLossSettings

/** A loss of your own in a model; its function is not saved. */
interface OwnLossSettings {
  readonly name: 'own'
}

/** A loss as an option: settings, a name alone, which stands for its defaults, or a function of your own. */
export type LossOption = LossSettings | KnownLossSettings['name'] | LossFunction

type KnownLossSettings =
  | BprLossSettings
  | BceLossSettings
  | SampledSoftmaxLossSettings
  | DirectAuLossSettings

const reduction = z._default(z.enum(['mean', 'sum']), 'mean')
const itemBias = z._default(z.boolean(), false)
const similarity = z.enum(['cosine', 'dot'])

const schemas = [
  z.strictObject({ name: z.literal('bpr'), reduction, itemBias }),
  z.strictObject({
    name: z.literal('bce'),
    reduction,
    negativeWeight: z._default(z.number().check(z.positive()), 1),
    itemBias,
  }),
  z.pipe(
    z
      .strictObject({
        name: z.literal('sampled-softmax'),
        similarity: z._default(similarity, 'cosine'),
        temperature: z.optional(z.union([z.number().check(z.positive()), z.literal('auto')])),
        logQ: z._default(z.boolean(), true),
        popularityWeight: z._default(z.number().check(z.gte(0)), 0),
        sampling: z._default(z.enum(samplingStrategies), 'user-uniform'),
        itemBias,
      })
      .check(
        z.refine(
          ({ temperature, similarity }) => temperature !== 'auto' || similarity === 'cosine',
          {
            path: ['temperature'],
            message: "expected a number with similarity 'dot'",
          },
        ),
      ),
    z.transform((settings) => ({
      ...settings,
      temperature: settings.temperature ?? (settings.similarity === 'cosine' ? 0.1 : 1),
    })),
  ),
  z.strictObject({
    name: z.literal('direct-au'),
    uniformityWeight: z._default(z.number().check(z.gte(0)), 1),
    rankBy: z._default(similarity, 'dot'),
  }),
  z.pipe(
    // Its function is a getter, which is read when settings are parsed again, and which JSON leaves out.
    z.strictObject({ name: z.literal('own'), compute: z.optional(z.custom<LossFunction>()) }),
    z.transform(({ compute }) => new OwnLoss(compute)),
  ),
] as const

/** Names of all losses. */
export const lossNames = ['bpr', 'bce', 'sampled-softmax', 'direct-au'] as const

const names = lossNames
  .map((name) => `'${name}'`)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ')

const settingsSchema = z.discriminatedUnion('name', schemas, {
  error: ({ code }) => (code === 'invalid_union' ? `expected ${names}` : undefined),
})

const fullSchema = z.pipe(
  z.transform((given: unknown) => {
    if (typeof given === 'function') return new OwnLoss(given as LossFunction)
    return typeof given === 'string' ? { name: given } : given
  }),
  settingsSchema,
)

/** Schema of {@link LossOption}; its output is settings in full. */
export const lossSchema: z.ZodMiniType<LossSettings, unknown> = fullSchema

/**
 * Returns τ = 1.78 / ⁴√(number of items): .125 for 40,000 items, .3 for 1,200. A rule of thumb for cosines in 64
 * dimensions without log-Q correction: the fewer items there are, the more of a batch's other items
 * does the user like as well, and a small τ would push just these away. Fitted to what validation chose
 * on Gowalla, ml-latest-small and MovieTweetings; Book-Crossing would have a larger one, .25 instead of
 * .165 (see `LightGcn.presets.fast`).
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 *
 * console.log(losses.autoTemperature(40_000))
 * ```
 */
export function autoTemperature(itemCount: number): number {
  return 1.78 / itemCount ** 0.25
}

/**
 * Makes the loss of some settings for a number of items.
 *
 * @throws InvalidOptionsError when one is misspelt or out of range
 */
export function lossFrom(given: LossOption, itemCount: number): RankingLoss {
  const settings = parseOptions('loss', fullSchema, given)
  if (settings instanceof OwnLoss) return settings.asRankingLoss()
  switch (settings.name) {
    case 'bpr':
      return bpr(settings.reduction, settings.itemBias)
    case 'bce':
      return bce(settings, settings.itemBias)
    case 'sampled-softmax': {
      const { logQ, sampling } = settings
      const temperature =
        settings.temperature === 'auto' ? autoTemperature(itemCount) : settings.temperature
      return sampledSoftmax({ ...settings, temperature, sampling: logQ ? sampling : undefined })
    }
    case 'direct-au':
      return directAu(settings.uniformityWeight, settings.rankBy)
  }
}
