import * as z from 'zod'
import { type FindingLevel, type GuardCode, guardCodes } from './finding.js'

/** Guards that wait: what they look for is also part of how healthy models begin. */
export type PatientGuardCode = 'below-popularity' | 'one-direction' | 'same-lists'

/** Epochs that they wait. */
const patience: Readonly<Record<PatientGuardCode, number>> = {
  'below-popularity': 50,
  'one-direction': 30,
  'same-lists': 30,
}

/** What a guard does when it finds something. */
export type GuardLevel = FindingLevel | 'off'

/** Level and patience of a guard. */
export interface PatientGuardSettings {
  /** @defaultValue 'warn' */
  readonly level?: GuardLevel
  /** Epochs, warm-up excluded, that the model has first, an integer >= 1. */
  readonly afterEpochs?: number
}

/**
 * Levels by guard; those left out keep their defaults: `'stop'` for `'tied-scores'` and
 * `'no-data-gradient'`, else `'warn'`. `'below-popularity'` waits 50 epochs, and longer while the pace
 * of validation is enough; `'one-direction'` and `'same-lists'` speak when it has been so for 30 epochs
 * (and 500 steps) without a rise of validation.
 */
export type GuardSettings = {
  readonly [Code in GuardCode]?: Code extends PatientGuardCode
    ? GuardLevel | PatientGuardSettings
    : GuardLevel
}

/** Levels and patience of all guards. */
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

/** `false` turns all guards off. */
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
