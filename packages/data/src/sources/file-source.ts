import { InvalidOptionsError } from '@gnnrec/graph'
import { FileReadError } from '../errors.js'
import { nodeModule } from './node-files.js'

/**
 * Where a reader takes its bytes from: a path, a `file:` URL, bytes in memory, or `{ text }`.
 *
 * Files and bytes may be gzip-compressed; that is seen from the content, not from the name.
 */
export type FileSource = string | URL | Uint8Array | { readonly text: string }

/** The unpacked bytes of a source without byte-order mark, and its name for messages. */
export interface SourceContent {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Reads a source as a whole and unpacks it.
 *
 * @throws FileReadError when it cannot be opened or unpacked
 * @throws InvalidOptionsError when it is no source
 */
export async function readSource(source: FileSource): Promise<SourceContent> {
  if (source instanceof Uint8Array) return content('(bytes)', source)
  if (typeof source === 'string') return readPath(source)
  if (source instanceof URL) {
    if (source.protocol === 'file:') return readPath(nodeModule('node:url').fileURLToPath(source))
    throw new InvalidOptionsError(
      `Got the address ${source.href}; only file: URLs can be read. Fetch it first and pass the bytes.`,
    )
  }
  if (typeof source?.text === 'string') {
    return { name: '(text)', bytes: withoutByteOrderMark(new TextEncoder().encode(source.text)) }
  }
  throw new InvalidOptionsError(
    `Got ${source === null ? 'null' : typeof source} as a file; expected a path, a file: URL, bytes (Uint8Array) or { text }.`,
  )
}

async function readPath(path: string): Promise<SourceContent> {
  let bytes: Uint8Array
  try {
    bytes = await nodeModule('node:fs/promises').readFile(path)
  } catch (cause) {
    throw new FileReadError(path, `Cannot read ${path}: ${(cause as Error).message}.`, { cause })
  }
  return content(path, bytes)
}

async function content(name: string, bytes: Uint8Array): Promise<SourceContent> {
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b
  return { name, bytes: withoutByteOrderMark(gzipped ? await unpack(name, bytes) : bytes) }
}

function unpack(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    nodeModule('node:zlib').gunzip(bytes, (cause, unpacked) => {
      if (cause === null) return resolve(unpacked)
      const message = `${name} is gzip-compressed, but broken or cut off: ${cause.message}. Fetch it again.`
      reject(new FileReadError(name, message, { cause }))
    })
  })
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return marked ? bytes.subarray(3) : bytes
}
