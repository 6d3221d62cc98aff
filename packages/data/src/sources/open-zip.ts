import type { Entry, ZipFile } from 'yauzl'
import { FileReadError } from '../errors.js'
import { nodeModule } from './node-files.js'
import { isRegularFile } from './open-file.js'
import type { ReadCount } from './read-pieces.js'
import { rejectBomb } from './unpack-limit.js'

/** A zip archive as a path or as bytes, with its name in messages. */
export interface Archive {
  readonly name: string
  readonly content: string | Uint8Array
}

/**
 * Returns the names of the files in a zip archive, without its folders.
 *
 * @throws FileReadError when the archive cannot be opened, is damaged, has a name that leads out of its
 * folder (`../`) or is a decompression bomb
 */
export async function zipEntries(archive: Archive): Promise<string[]> {
  const { zip, entries } = await open(archive)
  zip.close()
  return entries.map(({ fileName }) => fileName)
}

/**
 * Unpacks one file of a zip archive piece by piece.
 *
 * @param wanted - the full name of the file; it may be left out when the archive has only one file
 * @throws FileReadError for the reasons given at {@link zipEntries}, or when the file is missing,
 * ambiguous, encrypted, damaged or compressed by another method than deflate
 */
export async function* readZipEntry(
  archive: Archive,
  wanted: string | undefined,
  count: ReadCount = { read: 0 },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { zip, entries } = await open(archive)
  try {
    const entry = choose(archive, entries, wanted)
    const name = `${archive.name}, ${entry.fileName}`
    const { crc32 } = nodeModule('node:zlib')
    let checksum = 0
    count.read = 0
    count.total = entry.uncompressedSize
    try {
      const stream = await zip.openReadStreamPromise(entry)
      for await (const piece of stream as AsyncIterable<Uint8Array>) {
        checksum = crc32(piece, checksum)
        count.read += piece.length
        yield piece
      }
    } catch (cause) {
      throw broken(name, cause)
    }
    if (checksum !== entry.crc32) {
      throw broken(name, new Error('its checksum is wrong'))
    }
  } finally {
    zip.close()
  }
}

function choose(archive: Archive, entries: readonly Entry[], wanted: string | undefined): Entry {
  const names = entries.map(({ fileName }) => fileName)
  const found = wanted === undefined ? entries : entries.filter((e) => e.fileName === wanted)
  if (found.length === 1) return found[0]
  if (wanted === undefined && names.includes('xl/workbook.xml')) {
    throw new FileReadError(
      archive.name,
      `Cannot read ${archive.name}: it is an Excel workbook. Save the sheet as CSV (UTF-8).`,
    )
  }
  const listed = names.slice(0, 20).join(', ') + (names.length > 20 ? ', ...' : '')
  const problem =
    wanted === undefined
      ? `has ${entries.length} files; choose one with { archive, entry }`
      : `has ${found.length === 0 ? 'no file' : `${found.length} files`} ${JSON.stringify(wanted)}`
  throw new FileReadError(archive.name, `${archive.name} ${problem}. Its files: ${listed}.`)
}

async function open({ name, content }: Archive): Promise<{ zip: ZipFile; entries: Entry[] }> {
  // A CommonJS package: not all bundlers give its names to `import()`.
  const yauzl = (await import('yauzl')).default
  const options = { lazyEntries: true, autoClose: false, strictFileNames: false }
  if (typeof content === 'string' && !(await isRegularFile(content))) {
    const message = `${name} is not a regular file, and archives can be read from nothing else. Copy it to a file.`
    throw new FileReadError(name, message)
  }
  let zip: ZipFile | undefined
  try {
    zip =
      typeof content === 'string'
        ? await yauzl.openPromise(content, options)
        : await yauzl.fromBufferPromise(nodeModule('node:buffer').Buffer.from(content), options)
    const entries: Entry[] = []
    for await (const entry of zip.eachEntry()) {
      // The name of a folder ends with a slash.
      if (entry.fileName.endsWith('/')) continue
      rejectBomb(name, entry.compressedSize, entry.uncompressedSize)
      entries.push(entry)
    }
    return { zip, entries }
  } catch (cause) {
    zip?.close()
    throw broken(name, cause)
  }
}

function broken(name: string, cause: unknown): FileReadError {
  if (cause instanceof FileReadError) return cause
  const { message } = cause as Error
  return new FileReadError(name, `Cannot read the zip archive ${name}: ${message}.`, { cause })
}
