import { InvalidOptionsError } from '@gnnrec/graph'
import { CheckpointError } from '../errors.js'

interface CheckpointRequest {
  resolve(path: string): void
  reject(error: unknown): void
}

/** Commands to a training while it runs. */
export class TrainingControls {
  #isPaused = false
  #baseRate: number | undefined
  #requests: CheckpointRequest[] = []
  #wake = () => {}
  /** True when checkpoints can be asked for: training runs and has a folder for them. */
  takesCheckpoints = false

  get isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
  }

  unpause(): void {
    this.#isPaused = false
    this.#wake()
  }

  /** Waits for the end of a pause, for a request, or for the abort of the signal. */
  async nextCommand(signal: AbortSignal): Promise<void> {
    if (!this.#isPaused || this.#requests.length > 0 || signal.aborted) return
    const abort = () => this.#wake()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      signal.addEventListener('abort', abort)
    })
    signal.removeEventListener('abort', abort)
  }

  /** @throws InvalidOptionsError when it is not a finite number > 0 */
  setBaseRate(rate: number): void {
    if (!(Number.isFinite(rate) && rate > 0)) {
      throw new InvalidOptionsError(
        `Trainer.setLearningRate: got ${rate}; expected a finite number > 0.`,
      )
    }
    this.#baseRate = rate
  }

  /** Returns the rate that was set since the last call. */
  takeBaseRate(): number | undefined {
    const rate = this.#baseRate
    this.#baseRate = undefined
    return rate
  }

  requestCheckpoint(): Promise<string> {
    if (!this.takesCheckpoints) {
      return Promise.reject(
        new CheckpointError(
          'There is no training that could write a checkpoint now; set the option checkpoint, and ask while it runs.',
        ),
      )
    }
    return new Promise((resolve, reject) => {
      this.#requests.push({ resolve, reject })
      this.#wake()
    })
  }

  /** Rejects all requests for checkpoints from now on. */
  end(): void {
    this.takesCheckpoints = false
    for (const { reject } of this.takeRequests()) {
      reject(new CheckpointError('Training ended before it wrote the checkpoint asked for.'))
    }
  }

  /** Returns the open requests for checkpoints, each once. */
  takeRequests(): CheckpointRequest[] {
    return this.#requests.splice(0)
  }
}
