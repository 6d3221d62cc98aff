import type { FileHandle } from 'node:fs/promises'
import { FileReadError } from '../errors.js'
import { nodeModule } from './node-files.js'

/** The pause before a pipe is asked again for bytes that its writer has not written yet, in milliseconds. */
const pauseMilliseconds = 10

/** A file that is open for reading from its beginning to its end. */
export interface OpenFile {
  /** The size in bytes; 0 for a pipe. */
  readonly byteLength: number
  /** Reads the next bytes into an array and returns their number, which is 0 at the end. */
  read(into: Uint8Array): Promise<number>
  close(): Promise<void>
}

/**
 * Opens a file or a named pipe.
 *
 * @param signal - a signal that ends the waiting for the writer of a pipe
 * @throws FileReadError when the file cannot be opened or read, or nobody writes into the pipe
 */
export async function openFile(path: string, signal?: AbortSignal | undefined): Promise<OpenFile> {
  const fail = cannotRead(path)
  const facts = await statOf(path)
  rejectFolder(path, facts.isDirectory())
  const isPipe = facts.isFIFO()
  const file = await open(path, isPipe).catch(fail)
  const { size } = await file.stat().catch(async (cause) => {
    await closeRead(file)
    return fail(cause)
  })
  if (isPipe)
    return { byteLength: 0, read: pipeReader(path, file, signal), close: () => closeRead(file) }
  return {
    byteLength: size,
    read: async (into) => (await file.read(into, 0, into.length, null).catch(fail)).bytesRead,
    close: () => closeRead(file),
  }
}

/** Closes a file that was only read: when the system cannot close it, what was read is as right as before. */
export async function closeRead(file: FileHandle): Promise<void> {
  await file.close().catch(() => undefined)
}

function rejectFolder(path: string, isFolder: boolean): void {
  if (!isFolder) return
  throw new FileReadError(
    path,
    `Cannot read ${path}: it is a folder. Pass the path of one of its files.`,
  )
}

/**
 * Returns true for a path of a regular file, which can be read at any place and more than once.
 *
 * @throws FileReadError when there is no such file
 */
export async function isRegularFile(path: string): Promise<boolean> {
  return (await statOf(path)).isFile()
}

/** Returns a function that throws an error of the system as one of reading the file. */
export function cannotRead(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new FileReadError(path, `Cannot read ${path}: ${(cause as Error).message}.`, { cause })
  }
}

/**
 * Refuses a device, whose bytes may have no end, for formats that are read as a whole.
 *
 * @throws FileReadError when there is no such file, or it is a device
 */
export async function refuseDevice(path: string): Promise<void> {
  const facts = await statOf(path)
  if (facts.isFile() || facts.isFIFO() || facts.isDirectory()) return
  throw new FileReadError(path, `Cannot read ${path}: it is a device or socket. Copy it to a file.`)
}

function statOf(path: string) {
  return nodeModule('node:fs/promises').stat(path).catch(cannotRead(path))
}

function open(path: string, isPipe: boolean): Promise<FileHandle> {
  const { constants } = nodeModule('node:fs')
  // Opening a pipe without a writer would occupy a thread of Node.js for ever, which nothing can end.
  const flags = isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY
  return nodeModule('node:fs/promises').open(path, flags)
}

function pipeReader(path: string, file: FileHandle, signal: AbortSignal | undefined) {
  const { setTimeout } = nodeModule('node:timers/promises')
  let isEmpty = true
  return async (into: Uint8Array): Promise<number> => {
    for (;;) {
      signal?.throwIfAborted()
      try {
        const { bytesRead } = await file.read(into, 0, into.length, null)
        if (isEmpty && bytesRead === 0) {
          throw new FileReadError(
            path,
            `Cannot read ${path}: it is a pipe into which nobody writes. Start its writer first.`,
          )
        }
        isEmpty = false
        return bytesRead
      } catch (cause) {
        if (cause instanceof FileReadError) throw cause
        if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') cannotRead(path)(cause)
      }
      // An aborted pause ends early, and the loop throws the reason.
      await setTimeout(pauseMilliseconds, undefined, { signal }).catch(() => undefined)
    }
  }
}
