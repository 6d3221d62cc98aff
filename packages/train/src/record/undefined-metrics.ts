import type { TrainingEvent } from './training-events.js'
import type { EpochRecord } from './training-history.js'

/** Warnings of metrics that have no value, one for each metric. */
export class UndefinedMetrics {
  readonly #monitor: string | undefined
  readonly #named = new Set<string>()

  /** @param monitor - name of the measure that decides which epoch is best */
  constructor(monitor: string | undefined) {
    this.#monitor = monitor
  }

  /** Returns the warnings of an epoch. */
  *warnings({ epoch, undefinedMetrics }: EpochRecord): Generator<TrainingEvent, void> {
    for (const [name, reason] of Object.entries(undefinedMetrics ?? {})) {
      if (this.#named.has(name)) continue
      this.#named.add(name)
      const outcome =
        name === this.#monitor ? ' Epochs in which it has no value are never the best.' : ''
      const message = `${name} is undefined on validation after epoch ${epoch}: ${reason}.${outcome}`
      yield { type: 'warning', message }
    }
  }
}
