import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TrainingEvent } from '@gnnrec/train'

/** For how long a training blocks the event loop, in milliseconds, told by its events. */
export class Blocking {
  /** The longest step, */
  longestStep = 0
  /** the longest time that the loop waited while steps were made, */
  bySteps = 0
  /** and while an epoch was evaluated and guards looked. */
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
        // The first of an epoch has what comes before it, too.
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

/** The longest time that an action blocks the event loop, in milliseconds. */
export async function longestBlock(action: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await action()
  delay.disable()
  return delay.max / 1e6
}
