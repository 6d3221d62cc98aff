import type { Trial } from '../../src/plan/trial.js'
import type { TrialOutcome } from '../../src/pool/outcome.js'
import type { TrialCall, TrialPool } from '../../src/pool/trial-pool.js'

/** Runs nothing: says at once what a function makes of each trial, and remembers what it was given. */
export class RecordingPool implements TrialPool {
  readonly parallel: number
  readonly trials: Trial[] = []
  running = 0
  mostRunning = 0
  #answer: (trial: Trial, call: TrialCall) => TrialOutcome | Promise<TrialOutcome>

  constructor(
    answer: (trial: Trial, call: TrialCall) => TrialOutcome | Promise<TrialOutcome>,
    parallel = 1,
  ) {
    this.#answer = answer
    this.parallel = parallel
  }

  async open(): Promise<void> {}

  async run(trial: Trial, call: TrialCall): Promise<TrialOutcome> {
    this.trials.push(trial)
    this.mostRunning = Math.max(this.mostRunning, ++this.running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    try {
      return await this.#answer(trial, call)
    } finally {
      this.running--
    }
  }

  async close(): Promise<void> {}
}

/** A trial that is completed with these values. */
export function completed(validation: number, test = validation): TrialOutcome {
  return {
    status: 'completed',
    peakRssMb: 100,
    measurements: {
      settings: { options: {}, training: {} },
      split: { hash: 'abc', method: { name: 'made up' } },
      validation: { 'ndcg@10': validation },
      test: { 'ndcg@10': test },
      trainSeconds: 1,
      warnings: [],
    },
  }
}
