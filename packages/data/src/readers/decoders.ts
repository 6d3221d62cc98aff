import type { Compressors, FileMetaData } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import { importOptional } from '../sources/import-optional.js'
import { nodeModule } from '../sources/node-files.js'

type Arrow = typeof import('apache-arrow')
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
    GZIP: (packed, length) => zlib.gunzipSync(packed, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (packed, length) =>
      zlib.brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
  }
  if (codecs.has('ZSTD')) decoders.ZSTD = await zstandard()
  if (codecs.has('LZ4') || codecs.has('LZ4_RAW')) {
    const lz4 = await importLz4('readParquet')
    decoders.LZ4_RAW = (packed, length) => lz4Block(lz4, packed, length)
    decoders.LZ4 = (packed, length) => hadoopLz4(lz4, packed, length)
  }
  return decoders
}

/**
 * Gives apache-arrow the decoders that it lacks. A decoder that the program has registered itself is kept.
 */
export async function registerArrowDecoders(arrow: Arrow): Promise<void> {
  const { compressionRegistry: registry, CompressionType } = arrow
  const unpackZstandard = await zstandard()
  const lz4 = await importLz4('readArrow').catch((error: unknown) => error)
  const add = (type: number, decode: (packed: Uint8Array) => Uint8Array): void => {
    if (!registry.get(type)?.decode) registry.set(type, { decode })
  }
  add(CompressionType.ZSTD, (packed) => unpackZstandard(packed, statedLength(packed)))
  add(CompressionType.LZ4_FRAME, (packed) => {
    if (lz4 instanceof Error) throw lz4
    const unpacked = (lz4 as Lz4).decompressFrameSync(bufferOf(packed))
    return ofLength(plainBytes(unpacked), statedLength(packed))
  })
}

function importLz4(owner: string): Promise<Lz4> {
  return importOptional(owner, 'lz4-napi', async () => {
    const loaded = await import('lz4-napi')
    return (loaded as { default?: Lz4 }).default ?? loaded
  })
}

/** Returns the unpacked length, which Arrow writes as an integer of 64 bits before the packed bytes. */
function statedLength({ buffer, byteOffset }: Uint8Array): number {
  return Number(new DataView(buffer, byteOffset - 8, 8).getBigInt64(0, true))
}

type Unpack = (packed: Uint8Array, length: number) => Uint8Array

/** Returns a decoder of Zstandard that unpacks exactly as many bytes as expected. */
async function zstandard(): Promise<Unpack> {
  const zlib = nodeModule('node:zlib') as {
    zstdDecompressSync?: (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
  }
  const { zstdDecompressSync } = zlib
  if (zstdDecompressSync) {
    return (packed, length) =>
      ofLength(
        plainBytes(zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length) })),
        length,
      )
  }
  const { Decompress } = await import('fzstd')
  return (packed, length) => {
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
