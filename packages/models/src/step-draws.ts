import { Rng } from '@gnnrec/graph'

/** Streams for what is drawn in training steps, by their address (epoch, step). */
export class StepDraws {
  #rng: Rng
  #epoch = 0
  #step = 0

  constructor(seed: number | string) {
    this.#rng = Rng.fromSeed(seed).fork('model')
  }

  /** Goes to a step of an epoch, whose draws come from `rng`. */
  goTo(epoch: number, step: number, rng: Rng): void {
    this.#rng = rng.fork('steps')
    this.#epoch = epoch
    this.#step = step
  }

  /** The stream of the step at hand; the next call is for the next step. */
  next(): Rng {
    return this.#rng.fork(`${this.#epoch}/${this.#step++}`)
  }
}
