import { SerializationError } from '../model-folder/errors.js'

/** Where the bytes of a file go, one piece after the other. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>
  /** All was written. */
  close(): Promise<void>
  /** Something failed: what was written so far is to be nobody's. */
  abort(reason: unknown): Promise<void>
}

/** A `WritableStream`, which is closed at the end. */
export function streamSink(stream: WritableStream<Uint8Array>): ByteSink {
  const writer = stream.getWriter()
  return {
    write: (bytes) => writer.write(bytes),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  }
}

/**
 * A file, which is there under its name when all of it is written and synced; until then it has another.
 *
 * @throws SerializationError where there is no file system, or the file cannot be made
 */
export async function fileSink(place: string | URL): Promise<ByteSink> {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new SerializationError(
      `Cannot write ${place}: there is no file system here. Pass a WritableStream.`,
    )
  }
  const fs = load('node:fs/promises')
  const path = place instanceof URL ? load('node:url').fileURLToPath(place) : place
  const temporary = `${path}.tmp`
  const failed = (cause: unknown): SerializationError =>
    new SerializationError(`Could not write ${path}: ${(cause as Error).message}.`, { cause })
  const file = await fs.open(temporary, 'w').catch((cause) => {
    throw failed(cause)
  })
  const remove = async (): Promise<void> => {
    await file.close().catch(() => undefined)
    await fs.rm(temporary, { force: true })
  }
  return {
    async write(bytes) {
      await file.writeFile(bytes).catch((cause) => {
        throw failed(cause)
      })
    },
    async close() {
      try {
        await file.sync()
        await file.close()
        await fs.rename(temporary, path)
      } catch (cause) {
        throw failed(cause)
      }
    },
    abort: remove,
  }
}
