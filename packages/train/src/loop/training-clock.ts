import type { MutableProgress } from '../record/training-progress.js'

/** A clock of a training, which adds the seconds before its checkpoint. */
export class TrainingClock {
  readonly #started = performance.now()
  readonly #before: number
  readonly #firstEpoch: number
  #epochStarted = 0
  #epochBefore: number
  #guardsBefore = 0
  readonly #guardSeconds: () => number

  /** @param guardSeconds - returns the seconds of guards so far, which do not count as training */
  constructor({ seconds, epochSeconds, epoch }: MutableProgress, guardSeconds: () => number) {
    this.#before = seconds
    this.#epochBefore = epochSeconds
    this.#firstEpoch = epoch
    this.#guardSeconds = guardSeconds
  }

  startEpoch(): void {
    this.#epochStarted = performance.now()
    this.#guardsBefore = this.#guardSeconds()
  }

  /** Ends an epoch; the seconds before the checkpoint count for the first epoch only. */
  endEpoch(): void {
    this.#epochBefore = 0
  }

  /** Seconds in all. */
  get seconds(): number {
    return this.#before + secondsSince(this.#started)
  }

  /** Seconds of training in the present epoch. */
  get epochSeconds(): number {
    return this.#epochBefore + secondsSince(this.#epochStarted) - this.epochGuardSeconds
  }

  /** Seconds of guards in the present epoch. */
  get epochGuardSeconds(): number {
    return this.#guardSeconds() - this.#guardsBefore
  }

  /** Estimates the seconds that are left, at the mean speed of this run. */
  secondsLeft(epoch: number, epochs: number): number {
    return (secondsSince(this.#started) / (epoch - this.#firstEpoch)) * (epochs - epoch)
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
