import { type DepthProfile, type EvaluationReport, parseReport } from '@gnnrec/eval'
import { InvalidOptionsError, parseOptions, ShapeMismatchError } from '@gnnrec/graph'
import { listOf, recordOf } from '@gnnrec/graph/files'
import { nearestHint } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import type { ReportModel, ReportOptions } from './report-options.js'

/** A model whose evaluation is read and checked. */
export interface CheckedModel extends Omit<ReportModel, 'evaluation'> {
  readonly evaluation: EvaluationReport
}

/** Options that are checked, with defaults filled in. */
export interface CheckedOptions extends Omit<ReportOptions, 'models' | 'confidence'> {
  readonly models: readonly CheckedModel[]
  readonly confidence: number
}

const count = z.int().min(0)
const share = z.number().min(0).max(1)
const numbers = z.optional(recordOf(z.number()))
const id = z.union([z.string(), z.number()])
const name = z.string().trim().min(1)

const history = z.looseObject({
  epochs: listOf(
    z.looseObject({
      epoch: count,
      learningRate: z.number(),
      loss: z.number(),
      validation: numbers,
      seconds: z.number(),
    }),
  ),
  bestEpoch: count.nullable(),
  stopReason: z.string(),
  findings: listOf(z.looseObject({ code: z.string(), epoch: count, message: z.string() })),
})

const depths = listOf(
  z.looseObject({
    depth: count,
    smoothing: z.looseObject({ rowVariance: z.number() }).optional(),
    validation: z.number().optional(),
  }),
)

const counts = z.custom<ArrayLike<number>>(
  (value) =>
    (Array.isArray(value) || ArrayBuffer.isView(value)) &&
    Array.from(value as unknown as ArrayLike<number>).every((n) => Number.isFinite(n) && n >= 0),
  { error: 'expected an array of numbers >= 0, one for each item' },
)

const item = z.strictObject({
  id,
  title: z.string().optional(),
  relevant: z.boolean().optional(),
})

const schema = z.strictObject({
  title: name,
  description: z.string().optional(),
  models: z
    .array(
      z.strictObject({
        name,
        evaluation: z.custom<ReportModel['evaluation']>(
          (value) => typeof value === 'object' && value !== null,
          { error: 'expected a report of evaluate' },
        ),
        history: history.optional(),
        depths: z.optional(depths),
        recommended: counts.optional(),
        trainSeconds: z.number().min(0).optional(),
        peakMegabytes: z.number().min(0).optional(),
        settings: z.optional(recordOf(z.union([z.string(), z.number(), z.boolean()]))),
        modelBytes: z.number().min(0).optional(),
        latencyMilliseconds: z.number().min(0).optional(),
      }),
    )
    .min(1),
  metric: z.string().optional(),
  confidence: z.number().gt(0).lt(1).default(0.95),
  items: z.strictObject({ popularity: counts, consumed: counts }).optional(),
  data: z
    .strictObject({
      interactions: count,
      users: count,
      items: count,
      pairs: count.optional(),
      from: z.string().optional(),
      to: z.string().optional(),
      newItems: share.optional(),
      newUsers: share.optional(),
    })
    .optional(),
  chosen: z.string().optional(),
  baseline: z.string().optional(),
  similarItems: z.array(z.strictObject({ item, similar: listOf(item) })).optional(),
  modelFolder: z.string().min(1).optional(),
  users: z
    .array(
      z.strictObject({
        id,
        consumed: listOf(item),
        recommended: recordOf(listOf(item)),
      }),
    )
    .optional(),
  environment: z
    .strictObject({
      date: z.string().optional(),
      command: z.string().optional(),
      node: z.string().optional(),
      cpu: z.string().optional(),
      threads: count.optional(),
      commit: z.string().optional(),
      packages: z.optional(recordOf(z.string())),
    })
    .optional(),
})

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidOptionsError naming every field that is wrong, a name that comes twice, or an unknown
 * model
 * @throws ShapeMismatchError when counts of items differ in length
 */
export function parseReportOptions(owner: string, options: ReportOptions): CheckedOptions {
  const parsed = parseOptions(owner, schema, options)
  const names = new Set<string>()
  const models = parsed.models.map((model): CheckedModel => {
    if (names.has(model.name)) {
      throw new InvalidOptionsError(
        `models: the name '${model.name}' comes twice; expected different names.`,
      )
    }
    names.add(model.name)
    return {
      ...model,
      evaluation: readEvaluation(model.name, model.evaluation),
      depths: model.depths as readonly DepthProfile[] | undefined,
    }
  })
  for (const user of parsed.users ?? []) {
    const stranger = Object.keys(user.recommended).find((known) => !names.has(known))
    if (stranger === undefined) continue
    throw new InvalidOptionsError(
      `users: user ${user.id} has recommendations of '${stranger}'; expected a name of models: ${[...names].join(', ')}.`,
    )
  }
  checkNames(parsed, names)
  checkCounts(parsed.items, models)
  return { ...parsed, models }
}

function checkNames(
  { chosen, baseline }: Pick<ReportOptions, 'chosen' | 'baseline'>,
  names: ReadonlySet<string>,
): void {
  for (const [field, name] of Object.entries({ chosen, baseline })) {
    if (name === undefined || names.has(name)) continue
    throw new InvalidOptionsError(
      `${field}: there is no model '${name}'${nearestHint(name, [...names])}; expected a name of models: ${[...names].join(', ')}.`,
    )
  }
  if (chosen === undefined || chosen !== baseline) return
  throw new InvalidOptionsError(
    `baseline: got '${baseline}', which is the chosen model; expected another one.`,
  )
}

function readEvaluation(model: string, evaluation: ReportModel['evaluation']): EvaluationReport {
  const json = 'toJSON' in evaluation ? evaluation.toJSON() : evaluation
  try {
    return parseReport(json)
  } catch (cause) {
    throw new InvalidOptionsError(
      `models: the evaluation of '${model}' is no report. ${(cause as Error).message}`,
      { cause },
    )
  }
}

function checkCounts(items: ReportOptions['items'], models: readonly CheckedModel[]): void {
  const expected = items?.popularity.length
  const columns = [
    ...(items ? [['items.consumed', items.consumed] as const] : []),
    ...models.flatMap((model) =>
      model.recommended ? [[`recommended of '${model.name}'`, model.recommended] as const] : [],
    ),
  ]
  for (const [field, values] of columns) {
    if (expected === undefined) {
      throw new InvalidOptionsError(`${field}: got counts, but no items; expected items as well.`)
    }
    if (values.length !== expected) {
      throw new ShapeMismatchError(
        `${field} has ${values.length} counts, items.popularity ${expected}; expected one for each item.`,
      )
    }
  }
}
