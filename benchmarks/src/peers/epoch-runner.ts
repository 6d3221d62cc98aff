import { Trainer, type TrainerOptions } from '@gnnrec/train'

/** Far more than are asked for. */
const epochs = 1_000_000

/** Runs a training epoch by epoch, as they are asked for. */
export class EpochRunner {
  readonly #events: ReturnType<Trainer['run']>

  constructor(options: Omit<TrainerOptions, 'epochs'>) {
    const trainer = new Trainer({ ...options, epochs, progress: 'none' })
    this.#events = trainer.run()
  }

  /** Seconds of the next epoch, with all that the trainer does in it. */
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
