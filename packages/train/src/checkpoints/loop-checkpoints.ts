import type { TrainingControls } from '../loop/training-controls.js'
import type { TrainingEvent } from '../record/training-events.js'
import type { MutableProgress } from '../record/training-progress.js'
import type { CheckpointContent } from './checkpoint-content.js'
import type { CheckpointWriter } from './checkpoint-writer.js'

/** The checkpoints of a training loop; it yields an event for each that was written. */
export class LoopCheckpoints {
  readonly #writer: CheckpointWriter
  readonly #controls: TrainingControls
  readonly #progress: MutableProgress
  readonly #copy: () => Promise<CheckpointContent>

  /** @param copy - copies the present state for a checkpoint */
  constructor(
    writer: CheckpointWriter,
    controls: TrainingControls,
    progress: MutableProgress,
    copy: () => Promise<CheckpointContent>,
  ) {
    this.#writer = writer
    this.#controls = controls
    this.#progress = progress
    this.#copy = copy
  }

  /** Takes a checkpoint if one is due or asked for, or if `isLast` and there is something new. */
  async *take(isLast: boolean): AsyncGenerator<TrainingEvent, void> {
    const writer = this.#writer
    writer.check()
    const requests = this.#controls.takeRequests()
    try {
      const isDue = isLast ? writer.hasNews(this.#progress) : writer.isDue(this.#progress)
      if (isDue || requests.length > 0) await writer.take(this.#progress, this.#copy)
      if (requests.length > 0) {
        const path = await writer.finish()
        for (const { resolve } of requests) resolve(path)
      }
    } catch (error) {
      for (const { reject } of requests) reject(error)
      throw error
    }
    yield* this.#written()
  }

  /**
   * Waits until everything is on the disk.
   *
   * @throws CheckpointError when it cannot be written
   */
  async *finish(): AsyncGenerator<TrainingEvent, void> {
    await this.#writer.finish()
    yield* this.#written()
  }

  /** Waits for the present write, and ignores its failure. */
  async settle(): Promise<void> {
    await this.#writer.finish().catch(() => undefined)
  }

  *#written(): Generator<TrainingEvent, void> {
    for (const written of this.#writer.drain()) yield { type: 'checkpoint', ...written }
  }
}
