import type { CheckedExperiment } from '../definition/read-definition.js'
import { trialSource } from '../inputs/trial-source.js'
import type { TrialSource } from '../plan/configurations.js'
import type { TrialPool } from '../pool/trial-pool.js'
import { RunFolder } from './run-folder.js'
import type { RunnerEvent } from './runner-events.js'
import type { RunParts } from './trial-runner.js'

/** The surroundings of a run. */
export interface RunSettings {
  readonly folder: string
  readonly pool: TrialPool
  readonly skipExisting: boolean
  readonly retryFailed: boolean
  readonly checkpointSeconds: number
  readonly saveModels: boolean
  readonly allowModules: readonly string[]
  /** True when trials are judged on the test part, which then must have rows. */
  readonly needsTest: boolean
  /** True when trials of a search report on the validation part. @defaultValue false */
  readonly reportsValidation?: boolean
  /** Callback for each event, one after the other; when one fails, the run stops and throws its error. */
  readonly onEvent: (event: RunnerEvent) => Promise<void>
}

/**
 * Locks the folder, examines data and modules, opens the pool, and gives them to a function that runs trials.
 *
 * @returns undefined when the signal is aborted before the first trial
 * @throws the errors of `ExperimentRunner.run`
 */
export async function openRun<Outcome>(
  checked: CheckedExperiment,
  settings: RunSettings,
  signal: AbortSignal,
  work: (parts: RunParts) => Promise<Outcome>,
): Promise<Outcome | undefined> {
  const { allowModules, needsTest, reportsValidation } = settings
  // A folder that cannot be used is known before data are read, which may take long.
  const folder = await RunFolder.open(settings.folder, settings)
  try {
    const source = await trialSource(checked, { allowModules, needsTest }, signal)
    if (!source) return undefined
    await folder.begin(checked)
    const planned = { ...source, ...(reportsValidation && { reportsValidation }) }
    return await workIn(folder, planned, settings, signal, work)
  } finally {
    await folder.close()
  }
}

async function workIn<Outcome>(
  folder: RunFolder,
  source: TrialSource,
  settings: RunSettings,
  signal: AbortSignal,
  work: (parts: RunParts) => Promise<Outcome>,
): Promise<Outcome> {
  const { pool } = settings
  const failure = new AbortController()
  let told = Promise.resolve()
  const onEvent = (event: RunnerEvent) => {
    told = told.then(() => settings.onEvent(event))
    told.catch((error: unknown) => failure.abort(error))
  }
  try {
    await pool.open()
    const outcome = await work({
      source,
      folder,
      pool,
      failure,
      signal: AbortSignal.any([signal, failure.signal]),
      settings,
      onEvent,
    })
    await told
    return outcome
  } finally {
    await pool.close()
  }
}
