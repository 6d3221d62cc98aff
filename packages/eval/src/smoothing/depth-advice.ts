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

/** What is read of a tensor. */
export interface ReadableTensor {
  readonly shape: readonly number[]
  data(): Promise<ArrayLike<number>>
  dispose(): void
}

/** What is asked of a model: all models of `@gnnrec/models` have it. */
export interface LayeredModel {
  readonly graph: BipartiteGraph
  /** Work that has to be done once before. */
  prepare?(): Promise<unknown>
  /** Rows after each layer, layer 0 first: [userCount, d] and [itemCount, d]. They are disposed of. */
  layerOutputs(): readonly { readonly users: ReadableTensor; readonly items: ReadableTensor }[]
}

/** A model trained with so many layers, and its report on the validation part. */
export interface DepthTrial {
  readonly depth: number
  readonly report: EvaluationReport
}

/** Options of {@link depthAdvice}. */
export interface DepthAdviceOptions {
  /**
   * Judges each depth on the validation part by what the layers up to it give, read out from the model
   * as it is: quick, but the model was trained for its full depth. @defaultValue not judged
   */
  readonly split?: Split | undefined
  /**
   * Judges each depth by a model that was trained with it, which is what counts; instead of `split`.
   * Reports keep their values per user. @defaultValue not judged
   */
  readonly trials?: readonly DepthTrial[] | undefined
  /** What decides, larger being better, a metric per user. @defaultValue 'ndcg@20' */
  readonly metric?: string
  /** How the model makes its embeddings from its layers. @defaultValue 'mean' */
  readonly readOut?: ReadOut
  /** Whom to rank with `split`, since scoring by each depth takes time. @defaultValue 'all' */
  readonly users?: UserSelection
  /** Nodes whose pairs are looked at; see `measureSmoothing`. @defaultValue 2048 */
  readonly sample?: number | 'all'
  /** Of the sample. @defaultValue 0 */
  readonly seed?: number | string
  /** Ends the work early with its reason as error. */
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
 * Says how many layers to take, from how alike the rows after each layer are and from validation.
 *
 * With validation, it takes the smallest depth that is not worse than the best one beyond chance: whose
 * values per user differ from those of the best by a mean whose 95 % interval holds 0. Without, it
 * takes the deepest layer that has not collapsed, which is no more than an upper bound.
 *
 * @param model - a trained model
 * @throws InvalidOptionsError when an option is wrong, both `split` and `trials` are given, or trials
 * lack the metric per user or were made in different ways
 * @throws ShapeMismatchError, NonFiniteError, EmptySplitError as `measureSmoothing` and `evaluate`
 */
export async function depthAdvice(
  model: LayeredModel,
  options: DepthAdviceOptions = {},
): Promise<DepthAdvice> {
  const settings = parseOptions('depthAdvice', schema, options)
  const { split, trials, sample, seed, signal } = settings
  if (split && trials) {
    throw new InvalidOptionsError('Got both split and trials; expected one way to judge depths.')
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

/** The rows of all layers; the tensors are disposed of whatever happens. */
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
