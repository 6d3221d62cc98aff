import { useBackend } from '@gnnrec/ops'
import type { Trial } from '../../src/plan/trial.js'
import type { TrialOutcome } from '../../src/pool/outcome.js'
import type { TrialCall, TrialPool } from '../../src/pool/trial-pool.js'
import { runTrial } from '../../src/trial/run-trial.js'

/** Runs trials in this process, unless a function answers first, and remembers them. */
export class InProcessPool implements TrialPool {
  readonly parallel: number
  readonly trials: Trial[] = []
  readonly #answer: (trial: Trial, call: TrialCall) => Promise<TrialOutcome | undefined>

  constructor(
    answer: (trial: Trial, call: TrialCall) => Promise<TrialOutcome | undefined> = async () =>
      undefined,
    parallel = 1,
  ) {
    this.#answer = answer
    this.parallel = parallel
  }

  async open(): Promise<void> {
    await useBackend('cpu')
  }

  async run(trial: Trial, call: TrialCall): Promise<TrialOutcome> {
    this.trials.push(trial)
    const answer = await this.#answer(trial, call)
    if (answer) return answer
    const { baseFolder } = trial
    const rules = { baseFolder, filesBelow: true, allowModules: call.allowModules }
    try {
      const measurements = await runTrial(trial, { ...call, rules })
      return measurements
        ? { status: 'completed', measurements, peakRssMb: 100 }
        : { status: 'stopped' }
    } catch (error) {
      return { status: 'failed', failure: { kind: 'error', message: (error as Error).message } }
    }
  }

  async close(): Promise<void> {}
}
