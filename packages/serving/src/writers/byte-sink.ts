import { FileDraft } from '@gnnrec/graph/files'
import { SerializationError } from '../model-folder/errors.js'
import { locate, nodeModules } from '../model-folder/place.js'

/** A file or stream that takes bytes, one piece after the other. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>
  /** Ends a file that is complete. */
  close(): Promise<void>
  /** Discards the bytes so far, after a failure. */
  abort(reason: unknown): Promise<void>
}

/** Writes to a `WritableStream`, which is closed at the end. */
export function streamSink(stream: WritableStream<Uint8Array>): ByteSink {
  const writer = stream.getWriter()
  return {
    write: (bytes) => writer.write(bytes),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  }
}

/**
 * Opens a file that is there under its name once all of it is written and on the disk.
 *
 * @throws SerializationError where there is no file system, or the place is no file or cannot be written
 */
export async function fileSink(place: string | URL): Promise<ByteSink> {
  nodeModules(String(place), 'a WritableStream')
  const location = locate(place)
  if (location.type !== 'disk') {
    throw new SerializationError(
      `Cannot write to ${place}: expected the path of a file, a file: URL or a WritableStream.`,
    )
  }
  const { path } = location
  const failed = (cause: unknown): never => {
    throw new SerializationError(`Could not write ${path}: ${(cause as Error).message}.`, { cause })
  }
  const draft = await FileDraft.create(path).catch(failed)
  return {
    write: (bytes) => draft.write(bytes).catch(failed),
    close: () => draft.publish().catch(failed),
    abort: () => draft.discard(),
  }
}
