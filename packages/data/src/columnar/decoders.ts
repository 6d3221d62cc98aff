import { CompressionType, compressionRegistry } from 'apache-arrow'
import { Decompress } from 'fzstd'
import { type Compressors, type FileMetaData, snappyUncompress } from 'hyparquet'
import { FileFormatError, MissingDependencyError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import type { UnpackBudget } from './unpack-budget.js'

type Lz4 = typeof import('lz4-napi')

/** The codecs of Parquet that are read. */
const readCodecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW']

/**
 * Returns the decoders for the wanted columns of a Parquet file. Snappy comes with hyparquet, LZ4 needs the
 * package `lz4-napi`, Zstandard comes with Node.js from 22.15 on and with `fzstd` before.
 *
 * @throws FileFormatError for a column of a codec that is not read
 * @throws MissingDependencyError for LZ4 without `lz4-napi`
 */
export async function parquetDecoders(
  file: string,
  { row_groups: groups }: FileMetaData,
  columns: readonly string[],
  lz4Place: string | undefined,
): Promise<Compressors> {
  const codecs = new Set<string>()
  for (const { meta_data: chunk } of groups.flatMap((group) => group.columns)) {
    if (chunk === undefined || !columns.includes(chunk.path_in_schema[0])) continue
    codecs.add(chunk.codec)
    if (readCodecs.includes(chunk.codec)) continue
    throw new FileFormatError(
      file,
      undefined,
      `the column ${JSON.stringify(chunk.path_in_schema[0])} is compressed by ${chunk.codec}, which is not read. Write the file with another codec, such as Zstandard.`,
    )
  }
  const zlib = nodeModule('node:zlib')
  const decoders: Compressors = {
    SNAPPY: (packed, length) => {
      const unpacked = new Uint8Array(length)
      snappyUncompress(packed, unpacked)
      return unpacked
    },
    GZIP: (packed, length) => zlib.gunzipSync(packed, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (packed, length) =>
      zlib.brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
  }
  if (codecs.has('ZSTD')) decoders.ZSTD = unpackZstandard
  if (codecs.has('LZ4') || codecs.has('LZ4_RAW')) {
    const lz4 = await importLz4(lz4Place)
    decoders.LZ4_RAW = (packed, length) => lz4Block(lz4, packed, length)
    decoders.LZ4 = (packed, length) => hadoopLz4(lz4, packed, length)
  }
  return decoders
}

/**
 * Gives apache-arrow the decoders that it lacks.
 *
 * @param budget - the memory that a batch and the dictionaries that it uses may take
 */
export async function registerArrowDecoders(
  lz4Place: string | undefined,
  budget: UnpackBudget,
): Promise<void> {
  const lengthOf = (packed: Uint8Array): number => {
    const length = statedLength(packed)
    budget.spend(length)
    return length
  }
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (packed) => unpackZstandard(packed, lengthOf(packed)),
  })
  const lz4 = await importLz4(lz4Place).catch((error: unknown) => error as Error)
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode(packed) {
      if (lz4 instanceof Error) throw lz4
      const length = lengthOf(packed)
      return ofLength(plainBytes(lz4.decompressFrameSync(bufferOf(packed))), length)
    },
  })
}

/**
 * Imports the package that unpacks LZ4 from its place.
 *
 * @throws MissingDependencyError when it is not installed
 */
async function importLz4(place: string | undefined): Promise<Lz4> {
  if (place === undefined) throw new MissingDependencyError('readParquet', 'lz4-napi')
  const loaded = (await import(place)) as Lz4 & { readonly default?: Lz4 }
  return loaded.default ?? loaded
}

/** A column of a batch may unpack to as much, however small it is. */
const harmlessColumnBytes = 1 << 28

/**
 * Returns the unpacked length, which Arrow writes as an integer of 64 bits before the packed bytes.
 *
 * @throws RangeError when it is too large for so few bytes
 */
function statedLength({ buffer, byteOffset, length: packed }: Uint8Array): number {
  const length = Number(new DataView(buffer, byteOffset - 8, 8).getBigInt64(0, true))
  if (length >= 0 && length <= Math.max(harmlessColumnBytes, packed * 250)) return length
  throw new RangeError(`${packed} bytes are said to unpack to ${length}`)
}

/** The memory that a decoder of Zstandard needs at most for what is not longer. */
const leastWindow = 1 << 23

/**
 * Checks that a decoder does not have to keep much more than it returns.
 *
 * @throws RangeError when the head of a frame says that it has to
 */
function rejectLargeWindow(packed: Uint8Array, length: number): void {
  const [descriptor = 0, window = 0] = packed.subarray(4)
  // A frame of a single segment keeps no more than its content.
  if (descriptor & 0x20) return
  const base = 2 ** (10 + (window >> 3))
  const size = base + (base / 8) * (window & 7)
  if (size > Math.max(leastWindow, length)) {
    throw new RangeError(`a block of ${length} bytes is said to need ${size} bytes`)
  }
}

/** Unpacks Zstandard to exactly as many bytes as expected. */
function unpackZstandard(packed: Uint8Array, length: number): Uint8Array {
  rejectLargeWindow(packed, length)
  const { zstdDecompressSync } = nodeModule('node:zlib') as {
    zstdDecompressSync?: (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
  }
  if (zstdDecompressSync) {
    const options = { maxOutputLength: Math.max(1, length) }
    return ofLength(plainBytes(zstdDecompressSync(packed, options)), length)
  }
  // The stream is used because `decompress` neither checks the length nor limits it.
  const pieces: Uint8Array[] = []
  let unpacked = 0
  const stream = new Decompress((piece) => {
    unpacked += piece.length
    if (unpacked > length) rejectLength(unpacked, length)
    pieces.push(piece)
  })
  stream.push(packed, true)
  return ofLength(plainBytes(nodeModule('node:buffer').Buffer.concat(pieces)), length)
}

/** Unpacks a block of LZ4 without a header. */
function lz4Block(lz4: Lz4, packed: Uint8Array, length: number): Uint8Array {
  const { Buffer } = nodeModule('node:buffer')
  // The package expects the unpacked length before the block.
  const block = Buffer.alloc(packed.length + 4)
  block.writeUInt32LE(length)
  block.set(packed, 4)
  return ofLength(plainBytes(lz4.uncompressSync(block)), length)
}

/**
 * Unpacks what Hadoop writes as LZ4: blocks, each after its unpacked and its packed length. Other writers
 * use the same name for a single block without lengths.
 */
function hadoopLz4(lz4: Lz4, packed: Uint8Array, length: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const blocks: Uint8Array[] = []
  let unpacked = 0
  let at = 0
  while (at + 8 <= packed.length) {
    const unpackedLength = view.getUint32(at)
    const packedLength = view.getUint32(at + 4)
    at += 8
    unpacked += unpackedLength
    if (unpacked > length || at + packedLength > packed.length) break
    blocks.push(lz4Block(lz4, packed.subarray(at, at + packedLength), unpackedLength))
    at += packedLength
  }
  return at === packed.length && unpacked === length
    ? plainBytes(nodeModule('node:buffer').Buffer.concat(blocks))
    : lz4Block(lz4, packed, length)
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return nodeModule('node:buffer').Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}

/** Returns bytes as a plain array that begins at a multiple of 8, where every typed array can begin. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function ofLength(unpacked: Uint8Array, length: number): Uint8Array {
  return unpacked.length === length ? unpacked : rejectLength(unpacked.length, length)
}

function rejectLength(found: number, length: number): never {
  throw new Error(`a block unpacks to ${found} bytes or more, expected ${length}`)
}
