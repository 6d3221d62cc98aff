import { parseOptions, sizeLimits } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { Initialization } from '../initialization.js'
import type { L2Convention } from '../losses/batch-l2.js'
import {
  type EmbeddingOptions,
  embeddingOptionsShape,
  initializationSchema,
  l2ConventionSchema,
  layersSchema,
} from '../model-options.js'

/** The share of the smooth direction that a layer takes out; see `Dgr`. */
export type SmoothProjection = 'official' | 'exact'

/** The form of the term on marginal items; see `Dgr`. */
export type MarginalTerm = 'paper' | 'bounded'

/** The form of the term `l2` of `Dgr`. */
export type DgrRegularization = 'official' | 'layer-zero'

/** Options of `Dgr`. */
export interface DgrOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 0..256; 0 is matrix factorization. @defaultValue 3 */
  layers?: number
  /**
   * The coefficients a of layers 1..layers, each > -1; with all 0 the layers are LightGCN's. Above 0 a layer takes
   * a part of the smooth direction out, as the paper does; below 0 it adds one, which makes embeddings more alike.
   * At -1 nothing but the smooth direction would be left. The official code suggests 0 to 0.5, 0.1 to 2 and 0 to
   * 0.5.
   *
   * @defaultValue 0.1, 1.1, then 0
   */
  desmoothing?: readonly number[]
  /**
   * `'exact'`: c = 1 / (2·edges), which leaves the smooth direction as it is. `'official'`: the
   * official code's c = 1 / (4·edges), half of it, which lets that direction grow by 1 + a/2 a layer.
   *
   * @defaultValue 'official'
   */
  projection?: SmoothProjection
  /**
   * Weight λ1 of the term on the nearest items of the positives, >= 0. It is a sum over the batch, so
   * it goes with the batch size. The official code suggests 1e-3 to 1e-1.
   *
   * @defaultValue 1e-2
   */
  neighbourWeight?: number
  /**
   * Weight λ2 of the term on marginal items, >= 0; a sum over the batch, too. The official code
   * suggests 1e-7 to 1e-5; with `marginal: 'paper'` larger ones diverge.
   *
   * @defaultValue 5e-6
   */
  marginalWeight?: number
  /** Nearest items of an item, and as many marginal ones, an integer in 1..1000. @defaultValue 10 */
  neighbours?: number
  /**
   * `'paper'`: -ω · softplus(-s), which has no lower bound, so that only a tiny weight is safe.
   * `'bounded'`: ω · softplus(s), which pushes the same way and has one.
   *
   * @defaultValue 'paper'
   */
  marginal?: MarginalTerm
  /**
   * `'official'`: (‖Z_u‖_F + ‖Z_i‖_F + ‖Z_j‖_F) / B² on the batch's final rows, as the official code
   * has it; that hardly does anything. `'layer-zero'`: the L2 term of the other models, on the batch's
   * free embeddings.
   *
   * @defaultValue 'official'
   */
  regularization?: DgrRegularization
  /** Weight of the term `l2`, whichever it is, >= 0. @defaultValue 1e-4 */
  l2Weight?: number
  /**
   * Form of the L2 term with `regularization: 'layer-zero'`; not allowed with `'official'`.
   *
   * @defaultValue 'mean-squares'
   */
  l2Convention?: L2Convention
  /** Distribution of initial embeddings. @defaultValue 'xavier-uniform' */
  initialization?: Initialization
}

export const dgrSchema = z
  .strictObject({
    ...embeddingOptionsShape,
    initialization: z._default(initializationSchema, 'xavier-uniform'),
    layers: z._default(layersSchema, 3),
    desmoothing: z.optional(z.readonly(z.array(z.number().check(z.gt(-1))))),
    projection: z._default(z.enum(['official', 'exact']), 'official'),
    neighbourWeight: z._default(z.number().check(z.gte(0)), 1e-2),
    marginalWeight: z._default(z.number().check(z.gte(0)), 5e-6),
    neighbours: z._default(z.int().check(z.gte(1), z.lte(sizeLimits.neighbours)), 10),
    marginal: z._default(z.enum(['paper', 'bounded']), 'paper'),
    regularization: z._default(z.enum(['official', 'layer-zero']), 'official'),
    l2Convention: z.optional(l2ConventionSchema),
  })
  .check(({ value, issues }) => {
    const { layers, desmoothing, regularization, l2Convention } = value
    if (desmoothing !== undefined && desmoothing.length !== layers) {
      issues.push({
        code: 'custom',
        path: ['desmoothing'],
        input: desmoothing,
        message: `expected ${layers} numbers, for layers 1..${layers}`,
      })
    }
    if (l2Convention !== undefined && regularization === 'official') {
      issues.push({
        code: 'custom',
        path: ['l2Convention'],
        input: l2Convention,
        message: "regularization 'official' has a form of its own; choose 'layer-zero' beside it",
      })
    }
  })

/**
 * Checks options of `Dgr` and fills in defaults.
 *
 * @throws InvalidOptionsError when one is misspelt or out of range
 */
export function resolveDgrOptions(options: DgrOptions) {
  const { desmoothing, l2Convention, ...settings } = parseOptions('dgr', dgrSchema, options)
  const { layers, regularization } = settings
  return {
    ...settings,
    desmoothing: desmoothing ?? Array.from({ length: layers }, (_, l) => [0.1, 1.1][l] ?? 0),
    ...(regularization === 'layer-zero' && { l2Convention: l2Convention ?? 'mean-squares' }),
  }
}

export type ResolvedDgrOptions = ReturnType<typeof resolveDgrOptions>
