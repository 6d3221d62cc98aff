import { Trainer, type TrainerOptions } from '@gnnrec/train'

/** Number of epochs to plan for; far more than are ever run. */
const epochs = 1_000_000

/** A training that runs one epoch for each call. */
export class EpochRunner {
  readonly #events: ReturnType<Trainer['run']>

  constructor(options: Omit<TrainerOptions, 'epochs'>) {
    const trainer = new Trainer({ ...options, epochs, progress: 'none' })
    this.#events = trainer.run()
  }

  /** Runs the next epoch and returns its seconds, with all that the trainer does in it. */
  async seconds(): Promise<number> {
    const started = performance.now()
    for (;;) {
      const { value, done } = await this.#events.next()
      if (done) throw new Error('The training has ended.')
      if (value.type === 'epoch') return (performance.now() - started) / 1000
    }
  }

  async dispose(): Promise<void> {
    await this.#events.return?.()
  }
}
