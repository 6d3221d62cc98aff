import type { FileHandle } from 'node:fs/promises'
import { nodeFiles } from '../checkpoints/node-files.js'
import { TrainingLogError } from '../errors.js'
import type { TrainingEvent } from '../record/training-events.js'
import { logLine } from './training-log.js'

/** A file to which a line of JSON is added for each event. */
export class LogFile {
  readonly #path: string
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /**
   * Opens a file to add to it. A line that was cut short by a kill is dropped.
   *
   * @throws TrainingLogError when the file cannot be written
   */
  static async open(path: string): Promise<LogFile> {
    const { fs } = nodeFiles()
    try {
      const handle = await fs.open(path, 'a+')
      // The next line must not be written behind half a line.
      const { size } = await handle.stat()
      const last = new Uint8Array(1)
      if (size > 0) await handle.read(last, 0, 1, size - 1)
      if (size > 0 && last[0] !== 10) await dropLastLine(handle, size)
      return new LogFile(path, handle)
    } catch (cause) {
      throw failure(path, cause)
    }
  }

  /**
   * Adds the line of an event, if the event has one.
   *
   * @throws TrainingLogError when the file cannot be written
   */
  async write(event: TrainingEvent): Promise<void> {
    const line = logLine(event, new Date())
    if (line === undefined) return
    try {
      await this.#handle.appendFile(line)
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }

  /** Closes the file. @throws TrainingLogError when the system cannot write its last lines */
  async close(): Promise<void> {
    try {
      await this.#handle.close()
    } catch (cause) {
      throw failure(this.#path, cause)
    }
  }
}

async function dropLastLine(handle: FileHandle, size: number): Promise<void> {
  const text = new Uint8Array(size)
  await handle.read(text, 0, size, 0)
  await handle.truncate(text.lastIndexOf(10) + 1)
}

function failure(path: string, cause: unknown): TrainingLogError {
  return new TrainingLogError(
    `Could not write the log to ${path}: ${(cause as Error).message}. Choose another file for log, or leave it out.`,
    { cause },
  )
}
