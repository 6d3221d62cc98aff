import { type BipartiteGraph, InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { evaluate } from '../evaluate.js'
import { EvaluationReport } from '../evaluation-report.js'
import type { UserSelection } from '../protocol/ranked-users.js'
import { chooseDepth } from './choose-depth.js'
import type { DepthAdvice } from './depth-profile.js'
import { measureSmoothing, type Smoothing } from './measure-smoothing.js'
import type { NodeEmbeddings } from './node-rows.js'
import { dotRanker, type ReadOut, readOut } from './read-out.js'

/** The part of a tensor that can be read. */
interface ReadableTensor {
  readonly shape: readonly number[]
  data(): Promise<ArrayLike<number>>
  dispose(): void
}

/** A model whose layers can be read, as all models of `@gnnrec/models` can. */
export interface LayeredModel {
  /** The graph that layers are propagated on. */
  readonly graph: BipartiteGraph
  /** Does the work that has to be done once before layers are read. */
  prepare?(): Promise<unknown>
  /**
   * Returns the rows after each layer, layer 0 first, with the shapes [userCount, d] and [itemCount, d].
   * The caller disposes of them.
   */
  layerOutputs(): readonly { readonly users: ReadableTensor; readonly items: ReadableTensor }[]
}

/** The evaluation of a model that was trained with a given depth. */
interface DepthTrial {
  /** Number of layers, an integer >= 0. */
  readonly depth: number
  /** Report on the validation part. */
  readonly report: EvaluationReport
}

/** Options of {@link depthAdvice}. */
export interface DepthAdviceOptions {
  /**
   * Split on whose validation part each depth is evaluated by the layers of this model up to that depth.
   * It is quick, but the model was trained for its full depth.
   *
   * @defaultValue depths are not evaluated
   */
  readonly split?: Split | undefined
  /**
   * Evaluations of models that were trained with each depth, in place of `split`. They are the better
   * basis. Their reports must keep values per user.
   *
   * @defaultValue depths are not evaluated
   */
  readonly trials?: readonly DepthTrial[] | undefined
  /** Deciding metric with one value per user, of which more is better. @defaultValue 'ndcg@20' */
  readonly metric?: string
  /** Way in which the model makes its embeddings from its layers. @defaultValue 'mean' */
  readonly readOut?: ReadOut
  /** Users to rank with `split`; fewer users take less time. @defaultValue 'all' */
  readonly users?: UserSelection
  /** Number of nodes whose pairs are measured; see `measureSmoothing`. @defaultValue 2048 */
  readonly sample?: number | 'all'
  /** Seed of the sample. @defaultValue 0 */
  readonly seed?: number | string
  /** Signal that ends the work early with its reason as error. */
  readonly signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  split: z.custom<Split>().optional(),
  trials: z
    .array(
      z.strictObject({
        depth: z.int().nonnegative(),
        report: z.instanceof(EvaluationReport, { error: 'expected a report of evaluate' }),
      }),
    )
    .min(1)
    .optional(),
  metric: z.string().default('ndcg@20'),
  readOut: z
    .union([
      z.enum(['mean', 'last', 'sum']),
      z.custom<Exclude<ReadOut, string>>((value) => typeof value === 'function'),
    ])
    .default('mean'),
  users: z.custom<UserSelection>().default('all'),
  sample: z.union([z.int().min(2), z.literal('all')]).default(2048),
  seed: z.union([z.number(), z.string()]).default(0),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Recommends a number of layers, by how alike the rows after each layer are and by validation.
 *
 * With validation, it recommends the smallest depth that is not significantly worse than the best one:
 * the 95 % interval of the mean difference over users holds 0. Without validation, it recommends the
 * deepest layer that has not collapsed, which is only an upper bound.
 *
 * @param model - a trained model
 * @throws InvalidOptionsError when an option is wrong, both `split` and `trials` are given, or trials
 * lack the metric per user or were made in different ways
 * @throws ShapeMismatchError, NonFiniteError, EmptySplitError as `measureSmoothing` and `evaluate`
 * @example
 * ```ts
 * import { depthAdvice } from '@gnnrec/eval'
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Alien' },
 *   { user: 'bob', item: 'Brazil' },
 * ])
 * const tensor = (values: number[]) => ({
 *   shape: [2, 2],
 *   data: async () => Float32Array.from(values),
 *   dispose() {},
 * })
 * // After layer 1, all rows point the same way.
 * const model = {
 *   graph: BipartiteGraph.fromInteractions(table),
 *   layerOutputs: () => [
 *     { users: tensor([1, 0, -1, 0]), items: tensor([0, 1, 0, -1]) },
 *     { users: tensor([1, 1, 1, 1]), items: tensor([1, 1, 1, 1]) },
 *   ],
 * }
 * const { depth, profiles } = await depthAdvice(model)
 * console.log(depth, profiles.map(({ state }) => state)) // 0 [ 'distinct', 'collapsed' ]
 * ```
 */
export async function depthAdvice(
  model: LayeredModel,
  options: DepthAdviceOptions = {},
): Promise<DepthAdvice> {
  const settings = parseOptions('depthAdvice', schema, options)
  const { split, trials, sample, seed, signal } = settings
  if (split && trials) {
    throw new InvalidOptionsError('Got both split and trials; expected one of them.')
  }
  if (typeof model?.layerOutputs !== 'function') {
    throw new InvalidOptionsError(
      'model: got no layerOutputs; expected a model of @gnnrec/models, or { graph, layerOutputs }.',
    )
  }
  const layers = await readLayers(model)
  const smoothing: Smoothing[] = []
  for (const layer of layers) {
    smoothing.push(await measureSmoothing(model.graph, layer, { sample, seed, signal }))
  }
  const reports = new Map<number, EvaluationReport>()
  for (const trial of trials ?? []) {
    if (reports.has(trial.depth)) {
      throw new InvalidOptionsError(`trials: got two of depth ${trial.depth}; expected one each.`)
    }
    reports.set(trial.depth, trial.report)
  }
  for (let depth = 0; split && depth < layers.length; depth++) {
    const ranker = dotRanker(readOut(layers.slice(0, depth + 1), settings.readOut))
    const { metric, users } = settings
    reports.set(
      depth,
      await evaluate(ranker, { split, on: 'validation', metrics: [metric], users, signal }),
    )
  }
  return chooseDepth({ smoothing, reports, metric: settings.metric, retrained: !split })
}

/** Reads the rows of all layers; the tensors are disposed of even after an error. */
async function readLayers(model: LayeredModel): Promise<NodeEmbeddings[]> {
  await model.prepare?.()
  const outputs = model.layerOutputs()
  try {
    return await Promise.all(
      outputs.map(async ({ users, items }) => ({
        users: floats(await users.data()),
        items: floats(await items.data()),
        dimensions: users.shape[1],
      })),
    )
  } finally {
    for (const { users, items } of outputs) {
      users.dispose()
      items.dispose()
    }
  }
}

function floats(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values)
}
