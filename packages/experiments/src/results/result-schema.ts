import * as z from 'zod'
import { excess } from '../definition/levels.js'
import type { TrialResult } from './trial-result.js'

const numbers = z.record(z.string(), z.number())
const json = z.json()
/** A measured number; NaN where a results file has something else. */
const measured = z.union([z.number(), z.nan()])

/** A path of a file inside the runner's folder, as results name it. */
const reportPath = z
  .string()
  .regex(/^trials\/[\p{L}\p{N}.-]+\/report\.json\.gz$/u, {
    error: 'expected trials/NAME/report.json.gz',
  })
  .refine((path) => !path.includes('/../') && !path.includes('/./'), {
    error: 'expected trials/NAME/report.json.gz',
  })

const userGroup = z.strictObject({ users: z.int().min(0), metrics: numbers })

const measurementsShape = {
  settings: z.strictObject({
    options: z.record(z.string(), json),
    training: z.record(z.string(), json).nullable(),
  }),
  split: z.strictObject({
    hash: z.string(),
    method: z.looseObject({ name: z.string(), settings: z.record(z.string(), json).optional() }),
  }),
  validation: numbers.optional(),
  test: numbers.optional(),
  undefinedMetrics: z.record(z.string(), z.string()).optional(),
  userGroups: z.strictObject({ warm: userGroup, cold: userGroup }).optional(),
  report: reportPath.optional(),
  serving: z.strictObject({ bytes: z.number(), recommendMs: z.number() }).optional(),
  bestEpoch: z.int().min(0).optional(),
  epochs: z.int().min(0).optional(),
  stopReason: z.string().optional(),
  trainSeconds: measured,
  warnings: z.array(z.string()),
}

/** The schema of what a trial measures. */
export const measurementsSchema = z.strictObject(measurementsShape)

const endedShape = {
  trial: z.string(),
  phase: z.enum(['search', 'test']),
  dataset: z.string(),
  model: z.string(),
  setting: z.string(),
  seed: z.number(),
  seconds: measured,
  peakRssMb: z.number().optional(),
  endedAt: z.string(),
}

/** The schema of the cause of a failure. */
export const failureSchema = z.strictObject({
  kind: z.enum(['error', 'crash', 'time-limit', 'out-of-memory', 'search']),
  message: z.string(),
  code: z.string().optional(),
  stack: z.string().optional(),
  exitCode: z.int().optional(),
  signal: z.string().optional(),
  output: z.string().optional(),
})

const resultSchema = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('completed'), ...endedShape, ...measurementsShape }),
  z.looseObject({ status: z.literal('failed'), ...endedShape, failure: failureSchema }),
])

/** A result that was read, or the mistakes because of which it is none. */
type ReadResult = { readonly result: TrialResult } | { readonly mistakes: readonly string[] }

/** Numbers of a result that tables show and nothing depends on. */
const sideNumbers = ['seconds', 'trainSeconds', 'peakRssMb', 'bestEpoch', 'epochs']

/**
 * Reads a result from its JSON. A metric that is no number becomes one that is undefined, and time or
 * memory that is none becomes NaN or absent, with a warning, so that everything else keeps its value.
 */
export function readResult(json: unknown): ReadResult {
  const tooMuch = excess(json)
  if (tooMuch) return { mistakes: [`it has ${tooMuch}`] }
  const copy = structuredClone(json)
  const parsed = resultSchema.safeParse(copy)
  if (parsed.success) return { result: parsed.data as unknown as TrialResult }
  const mistakes: string[] = []
  const warnings: string[] = []
  for (const { path, message } of parsed.error.issues) {
    const warning = withoutNumber(copy, path)
    if (warning === undefined) mistakes.push(`${path.join('.') || 'the line'}: ${message}`)
    else warnings.push(warning)
  }
  if (mistakes.length > 0) return { mistakes }
  const again = resultSchema.safeParse(copy)
  if (!again.success) return { mistakes: [again.error.message] }
  const result = again.data as unknown as TrialResult
  if (result.status === 'failed') return { result }
  return { result: { ...result, warnings: [...result.warnings, ...warnings] } }
}

/** Takes a number out of a result if an issue is about it alone; returns a warning that says so. */
function withoutNumber(result: unknown, path: readonly PropertyKey[]): string | undefined {
  const name = path.at(-1)
  const isMetric = /^(validation|test|userGroups,(warm|cold),metrics),[^,]+$/.test(path.join())
  const isSideNumber = path.length === 1 && sideNumbers.includes(String(name))
  if (!(isMetric || isSideNumber) || typeof name !== 'string') return undefined
  const record = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], result)
  const values = record as Record<string, unknown>
  const reason = `the results file has ${shown(values[name])} in its place, which is ${fault(values[name])}`
  const isRequired = name === 'seconds' || name === 'trainSeconds'
  if (isSideNumber && isRequired) values[name] = Number.NaN
  else delete values[name]
  if (path[0] === 'test') {
    const owner = result as { undefinedMetrics?: Record<string, string> }
    owner.undefinedMetrics = { ...owner.undefinedMetrics, [name]: reason }
  }
  return `${path.join('.')} is left out: ${reason}.`
}

/** Says why a value is not the number of a result; only numbers of epochs have a range. */
function fault(value: unknown): string {
  if (typeof value !== 'number') return 'no number'
  return Number.isFinite(value) ? 'no integer >= 0' : 'no finite number'
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
