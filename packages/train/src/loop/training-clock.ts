import type { MutableProgress } from '../record/training-progress.js'

/** Measures seconds of a training, of which a part was before a checkpoint. */
export class TrainingClock {
  readonly #started = performance.now()
  readonly #before: number
  readonly #firstEpoch: number
  #epochStarted = 0
  #epochBefore: number
  #guardsBefore = 0
  readonly #guardSeconds: () => number

  /** @param guardSeconds - seconds of guards so far, which are no part of an epoch's training */
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

  /** What an epoch took before the checkpoint counts for that epoch alone. */
  endEpoch(): void {
    this.#epochBefore = 0
  }

  /** In all. */
  get seconds(): number {
    return this.#before + secondsSince(this.#started)
  }

  /** Of training in the epoch at hand. */
  get epochSeconds(): number {
    return this.#epochBefore + secondsSince(this.#epochStarted) - this.epochGuardSeconds
  }

  /** Of guards in the epoch at hand. */
  get epochGuardSeconds(): number {
    return this.#guardSeconds() - this.#guardsBefore
  }

  /** What is left at the mean speed of this run, after so many of the epochs. */
  secondsLeft(epoch: number, epochs: number): number {
    return (secondsSince(this.#started) / (epoch - this.#firstEpoch)) * (epochs - epoch)
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
