import * as z from 'zod'
import { type FindingLevel, type GuardCode, guardCodes } from './finding.js'

/** Codes of the guards that wait. */
export const patientGuardCodes = [
  'below-popularity',
  'one-direction',
  'same-lists',
  'unmoved-loss',
] as const satisfies readonly GuardCode[]

/** The guards that wait for some epochs, since healthy models may begin in the same way. */
export type PatientGuardCode = (typeof patientGuardCodes)[number]

/** Default number of epochs that each of them waits. */
const patience: Readonly<Record<PatientGuardCode, number>> = {
  'below-popularity': 50,
  'one-direction': 30,
  'same-lists': 30,
  'unmoved-loss': 30,
}

/** The level of a guard: what it does when it finds something, or `'off'`. */
type GuardLevel = FindingLevel | 'off'

/** The level and patience of a guard that waits. */
interface PatientGuardSettings {
  /**
   * Level of the guard.
   *
   * @defaultValue 'warn'
   */
  readonly level?: GuardLevel
  /** Number of epochs, warm-up excluded, before the guard speaks, an integer >= 1. */
  readonly afterEpochs?: number
}

/**
 * Levels by guard. A guard that is left out keeps its default: `'stop'` for `'tied-scores'` and
 * `'no-data-gradient'`, otherwise `'warn'`. `'below-popularity'` waits 50 epochs, and longer while the pace
 * of validation is sufficient. `'one-direction'` and `'same-lists'` speak when their finding has lasted for 30
 * epochs and 500 steps without a rise of validation, and so does `'unmoved-loss'`, unless it is certain before that
 * the parameters cannot change or that L2 outweighs the data.
 */
export type GuardSettings = {
  readonly [Code in GuardCode]?: Code extends PatientGuardCode
    ? GuardLevel | PatientGuardSettings
    : GuardLevel
}

/** The levels and patience of all guards. */
export interface ResolvedGuards {
  readonly levels: Readonly<Record<GuardCode, GuardLevel>>
  readonly afterEpochs: Readonly<Record<PatientGuardCode, number>>
}

const stops: ReadonlySet<GuardCode> = new Set(['no-data-gradient', 'tied-scores'])

const levelError = { error: "expected 'warn', 'stop' or 'off'" }
const level = z.enum(['warn', 'stop', 'off'], levelError)
const patient = z.union(
  [level, z.strictObject({ level: level.optional(), afterEpochs: z.int().min(1).optional() })],
  { error: "expected 'warn', 'stop', 'off' or { level?, afterEpochs?: an integer >= 1 }" },
)

const settingsSchema = z.strictObject(
  Object.fromEntries(
    guardCodes.map((code) => [code, (isPatient(code) ? patient : level).optional()]),
  ),
)

/** The schema of guard settings; `false` turns all guards off. */
export const guardsSchema = z
  .custom<false | GuardSettings>(hasKnownCodes, {
    error: `expected false or levels ('warn', 'stop', 'off') by guard: ${guardCodes.join(', ')}`,
  })
  .pipe(z.union([z.literal(false), settingsSchema]))
  .transform((given) => resolveGuards(given as false | GuardSettings))

function hasKnownCodes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === false
  return Object.keys(value).every((code) => (guardCodes as readonly string[]).includes(code))
}

function resolveGuards(given: false | GuardSettings): ResolvedGuards {
  const levels = {} as Record<GuardCode, GuardLevel>
  const afterEpochs: Record<PatientGuardCode, number> = { ...patience }
  for (const code of guardCodes) {
    const setting = given === false ? 'off' : given[code]
    const own: PatientGuardSettings = typeof setting === 'object' ? setting : {}
    const named = typeof setting === 'string' ? setting : own.level
    levels[code] = named ?? (stops.has(code) ? 'stop' : 'warn')
    if (isPatient(code)) afterEpochs[code] = own.afterEpochs ?? patience[code]
  }
  return { levels, afterEpochs }
}

function isPatient(code: GuardCode): code is PatientGuardCode {
  return code in patience
}
