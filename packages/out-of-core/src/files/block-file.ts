import fs from 'node:fs'
import * as z from 'zod'
import { BlockFileError } from '../errors.js'
import { onFiles } from './folders.js'
import { closedError, fileError } from './system-error.js'

/** The header of a block file. */
export interface BlockFileHeader {
  /** Kind of the content: `'table'` or `'tiles'`. */
  readonly kind: string
  /** Digest of the graph that the content belongs to, or a name. */
  readonly identity: string
  /** Number of bytes after the header. */
  readonly bytes: number
  /** SHA-256 of those bytes, when they do not change any more. */
  readonly sha256?: string
  /** Further facts, plain JSON. */
  readonly details?: unknown
}

const magic = 'GNNRECB1'
const headerBytes = 4096

/** A file with a header of 4 KiB and bytes that are read and written in parts. */
export class BlockFile {
  readonly path: string
  #header: BlockFileHeader
  readonly #file: number
  #isClosed = false

  private constructor(path: string, header: BlockFileHeader, file: number) {
    this.path = path
    this.#header = header
    this.#file = file
  }

  /**
   * Makes a file in the place of one that is there. Its bytes are zeros until they are written.
   *
   * @throws DiskFullError when there is no room
   * @throws BlockFileError when it cannot be made
   */
  static create(path: string, header: BlockFileHeader): BlockFile {
    let file: BlockFile | undefined
    try {
      // Opening what is there would write through a link, wherever it leads.
      fs.rmSync(path, { force: true })
      file = new BlockFile(path, header, fs.openSync(path, 'wx+'))
      file.writeHeader(header)
      fs.ftruncateSync(file.#file, headerBytes + header.bytes)
      return file
    } catch (cause) {
      file?.close()
      throw fileError('make', path, cause)
    }
  }

  /**
   * Opens a file for reading and writing.
   *
   * @throws BlockFileError when it cannot be read, is no block file, or has another size than its header says
   */
  static open(path: string, kind: string): BlockFile {
    let descriptor: number
    try {
      descriptor = fs.openSync(path, 'r+')
    } catch (cause) {
      throw fileError('open', path, cause)
    }
    try {
      // Reading from a pipe or a device may never end.
      const facts = fs.fstatSync(descriptor)
      if (!facts.isFile()) {
        throw new BlockFileError(`${path} is no regular file. Remove it; it is made anew.`)
      }
      const bytes = new Uint8Array(headerBytes)
      const got = fs.readSync(descriptor, bytes, 0, headerBytes, 0)
      const header = got === headerBytes ? parseHeader(bytes) : undefined
      if (header?.kind !== kind) {
        throw new BlockFileError(
          `${path} is no file of ${kind}, or its beginning is damaged. Remove it; it is made anew.`,
        )
      }
      const { size } = facts
      if (size !== headerBytes + header.bytes) {
        throw new BlockFileError(
          `${path} is ${size < headerBytes + header.bytes ? 'truncated' : 'damaged'}: it has ${size} bytes; expected ${headerBytes + header.bytes}.`,
        )
      }
      return new BlockFile(path, header, descriptor)
    } catch (cause) {
      try {
        fs.closeSync(descriptor)
      } catch {
        // The error at hand says more.
      }
      throw fileError('read', path, cause)
    }
  }

  get header(): BlockFileHeader {
    return this.#header
  }

  /** Replaces the header; its `bytes` must stay the same. */
  writeHeader(header: BlockFileHeader): void {
    const bytes = new Uint8Array(headerBytes).fill(0x20)
    const text = new TextEncoder().encode(`${magic}${JSON.stringify(header)}`)
    if (text.length > headerBytes) throw new Error('The header of a block file is too long.')
    bytes.set(text)
    this.#writeAt(0, bytes)
    this.#header = header
  }

  /**
   * Fills `bytes` from the file.
   *
   * @throws BlockFileError when the file ends before
   */
  read(offset: number, bytes: Uint8Array): void {
    this.#checkOpen()
    let done = 0
    while (done < bytes.length) {
      let got: number
      try {
        const position = headerBytes + offset + done
        got = fs.readSync(this.#file, bytes, done, bytes.length - done, position)
      } catch (cause) {
        throw fileError('read', this.path, cause)
      }
      if (got === 0) {
        throw new BlockFileError(
          `${this.path} is truncated: it ends at byte ${offset + done} of its data; expected ${this.#header.bytes}. Something else changed it; go on from the last checkpoint.`,
        )
      }
      done += got
    }
  }

  /**
   * Writes bytes at an offset.
   *
   * @throws DiskFullError when there is no room
   * @throws BlockFileError when it cannot be written
   */
  write(offset: number, bytes: Uint8Array): void {
    this.#writeAt(headerBytes + offset, bytes)
  }

  /** Waits until everything written is on the disk. */
  sync(): void {
    this.#checkOpen()
    try {
      fs.fsyncSync(this.#file)
    } catch (cause) {
      throw fileError('write', this.path, cause)
    }
  }

  /**
   * Closes the file; does nothing the second time, when its number may belong to another one.
   *
   * @throws BlockFileError when the system cannot close it
   */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    onFiles('close', this.path, () => fs.closeSync(this.#file))
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError()
  }

  #writeAt(position: number, bytes: Uint8Array): void {
    this.#checkOpen()
    let done = 0
    while (done < bytes.length) {
      try {
        const rest = bytes.length - done
        done += fs.writeSync(this.#file, bytes, done, rest, position + done)
      } catch (cause) {
        throw fileError('write', this.path, cause)
      }
    }
  }
}

const headerSchema = z.strictObject({
  kind: z.string(),
  identity: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().optional(),
  details: z.unknown().optional(),
})

function parseHeader(bytes: Uint8Array): BlockFileHeader | undefined {
  const text = new TextDecoder().decode(bytes)
  if (!text.startsWith(magic)) return undefined
  try {
    return headerSchema.safeParse(JSON.parse(text.slice(magic.length))).data as BlockFileHeader
  } catch {
    return undefined
  }
}
