import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TrainingEvent } from '@gnnrec/train'

/** A recorder of the times, in milliseconds, for which a training blocks the event loop. */
export class Blocking {
  /** Longest training step. */
  longestStep = 0
  /** Longest wait of the event loop during training steps. */
  bySteps = 0
  /** Longest wait of the event loop between epochs, during evaluation and the checks of guards. */
  betweenEpochs = 0
  readonly #delay = monitorEventLoopDelay({ resolution: 1 })
  #stepsPerEpoch = 0
  #lastStep = Number.NaN

  on(event: TrainingEvent): void {
    switch (event.type) {
      case 'start':
        this.#stepsPerEpoch = event.stepsPerEpoch
        this.#delay.enable()
        break
      case 'step': {
        const now = performance.now()
        // The time before the first step of an epoch includes other work.
        if (event.step > 1) this.longestStep = Math.max(this.longestStep, now - this.#lastStep)
        this.#lastStep = now
        if (event.step !== this.#stepsPerEpoch) break
        this.bySteps = Math.max(this.bySteps, this.#take())
        break
      }
      case 'epoch':
        this.betweenEpochs = Math.max(this.betweenEpochs, this.#take())
    }
  }

  end(): void {
    this.#delay.disable()
  }

  #take(): number {
    const longest = this.#delay.max / 1e6
    this.#delay.reset()
    return longest
  }
}

/** Returns the longest time that an action blocks the event loop, in milliseconds. */
export async function longestBlock(action: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await action()
  delay.disable()
  return delay.max / 1e6
}
