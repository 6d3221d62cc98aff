import type { MutableProgress } from '../record/training-progress.js'
import type { CheckpointContent } from './checkpoint-content.js'
import type { ResolvedCheckpointSettings } from './checkpoint-options.js'
import type { CheckpointStore } from './checkpoint-store.js'
import type { WrittenCheckpoint } from './written-checkpoint.js'

/**
 * A writer that decides when a checkpoint is due, and writes it while training goes on. There is one write at a
 * time: a checkpoint that becomes due meanwhile is put off to the first step after it.
 */
export class CheckpointWriter {
  readonly #store: CheckpointStore
  readonly #settings: ResolvedCheckpointSettings
  #last: Pick<MutableProgress, 'epoch' | 'totalSteps' | 'stopReason'> & { readonly time: number }
  #lastPath = ''
  #writing: Promise<void> | undefined
  #failure: { readonly cause: unknown } | undefined
  readonly #written: WrittenCheckpoint[] = []

  /** @param start - progress that training starts from, of which nothing has to be saved */
  constructor(
    store: CheckpointStore,
    settings: ResolvedCheckpointSettings,
    { epoch, totalSteps, stopReason }: MutableProgress,
  ) {
    this.#store = store
    this.#settings = settings
    this.#last = { epoch, totalSteps, stopReason, time: performance.now() }
  }

  /** Returns true when there is progress that the last checkpoint does not have. */
  hasNews({ epoch, totalSteps, stopReason }: MutableProgress): boolean {
    const last = this.#last
    return epoch !== last.epoch || totalSteps !== last.totalSteps || stopReason !== last.stopReason
  }

  /** Returns true when a checkpoint should be taken now. */
  isDue({ epoch, totalSteps }: MutableProgress): boolean {
    if (this.#writing) return false
    const {
      everyEpochs = Infinity,
      everySteps = Infinity,
      everySeconds = Infinity,
    } = this.#settings
    const last = this.#last
    return (
      totalSteps > last.totalSteps &&
      (epoch - last.epoch >= everyEpochs ||
        totalSteps - last.totalSteps >= everySteps ||
        performance.now() - last.time >= 1000 * everySeconds)
    )
  }

  /**
   * Waits for the present write, copies the state, and starts the next write.
   *
   * @param copy - copies everything that is to be written
   * @throws CheckpointError when the write before failed
   */
  async take(progress: MutableProgress, copy: () => Promise<CheckpointContent>): Promise<void> {
    await this.finish()
    const { epoch, totalSteps, stopReason, rank } = progress
    const content = await copy()
    this.#last = { epoch, totalSteps, stopReason, time: performance.now() }
    this.#writing = this.#store.write(content, rank).then(
      (path) => {
        this.#lastPath = path
        this.#written.push({ path, epoch, totalSteps })
        this.#writing = undefined
      },
      (cause: unknown) => {
        this.#failure = { cause }
        this.#writing = undefined
      },
    )
    // The next step changes the files that are copied.
    if (content.files) await this.finish()
  }

  /**
   * Waits until everything is on the disk.
   *
   * @returns the path of the last checkpoint
   * @throws CheckpointError when a write failed
   */
  async finish(): Promise<string> {
    await this.#writing
    this.check()
    return this.#lastPath
  }

  /** @throws CheckpointError when a write failed */
  check(): void {
    if (!this.#failure) return
    const { cause } = this.#failure
    this.#failure = undefined
    throw cause
  }

  /** Returns the checkpoints that were written since the last call. */
  drain(): WrittenCheckpoint[] {
    return this.#written.splice(0)
  }
}
