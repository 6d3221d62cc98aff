import { draftPath, RegularFile, readRegularFile, Sha256, sha256Hex } from '@gnnrec/graph/files'
import { type ByteStream, replaceFolder } from '../../model-folder/atomic-folder.js'
import { SerializationError } from '../../model-folder/errors.js'
import { locate, nodeModules, readError } from '../../model-folder/place.js'
import {
  decodeManifest,
  encodeManifest,
  type IndexManifest,
  manifestName,
  mostManifestBytes,
} from './index-manifest.js'
import type { IndexParts } from './index-parts.js'

/** Bytes of a file that are in memory at a time. */
const bytesPerPiece = 1 << 22

/** Saves an index as a folder. @returns the number of bytes of all files */
export async function saveIndex(place: string | URL, parts: IndexParts): Promise<number> {
  const { node, folder } = openPlace(place)
  const { fs, path } = node
  const model = await parts.fingerprint()
  let draft: string | undefined
  try {
    await fs.mkdir(folder, { recursive: true })
    draft = await draftPath(path.join(folder, 'graph'))
    // Libraries of search write to a path only.
    parts.graph.save(draft)
    const bytes = streamOf(draft)
    const sha256 = await sha256Hex(bytes.pieces())
    const name = `graph-${sha256.slice(0, 16)}.bin`
    const { engine, itemCount: items, dim, connectivity, expansion } = parts
    const { effort, filterFactor, measured } = parts
    const manifest = await encodeManifest({
      engine,
      model,
      items,
      dim,
      connectivity,
      expansion,
      effort,
      filterFactor,
      measured,
      graph: { name, bytes: bytes.length, sha256 },
    })
    await replaceFolder(node, folder, {
      files: [{ name, bytes }],
      manifest: { name: manifestName, bytes: manifest },
      owns: (file) => /^graph-[0-9a-f]{16}\.bin$/.test(file),
      checkReplaceable,
    })
    return bytes.length + manifest.length
  } catch (cause) {
    if (cause instanceof SerializationError) throw cause
    throw new SerializationError(
      `Could not save to ${folder}: ${(cause as Error).message}. What the folder held before is unchanged.`,
      { cause },
    )
  } finally {
    if (draft !== undefined) await fs.rm(draft, { force: true }).catch(() => undefined)
  }
}

/** The content of a folder whose files have the digests that the manifest lists. */
interface SavedIndex {
  readonly manifest: IndexManifest
  /** Path of the graph. */
  readonly graph: string
}

/** Reads the manifest of a folder, and checks the bytes of the graph. */
export async function readIndexFolder(
  place: string | URL,
  signal: AbortSignal | undefined,
): Promise<SavedIndex> {
  const { node, folder } = openPlace(place)
  const file = node.path.join(folder, manifestName)
  const bytes = await readRegularFile(file, {
    mostBytes: mostManifestBytes,
    signal,
  }).catch((cause) => {
    signal?.throwIfAborted()
    if (cause.code === 'ENOENT') {
      throw new SerializationError(`There is no index in ${folder}: it has no ${manifestName}.`)
    }
    throw readError(file, cause)
  })
  const manifest = await decodeManifest(bytes, file)
  const graph = node.path.join(folder, manifest.graph.name)
  await checkGraph(graph, manifest.graph, signal)
  return { manifest, graph }
}

async function checkGraph(
  path: string,
  { bytes, sha256 }: IndexManifest['graph'],
  signal: AbortSignal | undefined,
): Promise<void> {
  let file: RegularFile
  try {
    file = await RegularFile.open(path)
  } catch (cause) {
    throw readError(path, cause)
  }
  try {
    if (file.size !== bytes) {
      throw new SerializationError(
        `${path} is damaged: it has ${file.size} bytes; ${manifestName} says ${bytes}. Build the index again.`,
      )
    }
    const hash = new Sha256()
    const piece = new Uint8Array(Math.min(bytes, bytesPerPiece))
    for (let offset = 0; offset < bytes; offset += piece.length) {
      hash.update(piece.subarray(0, await file.readAt(offset, piece, signal)))
    }
    const actual = hash.hex()
    if (actual === sha256) return
    throw new SerializationError(
      `${path} is damaged or foreign: its SHA-256 is ${actual}; ${manifestName} says ${sha256}. Build the index again.`,
    )
  } finally {
    await file.close()
  }
}

/** @throws SerializationError when the folder holds something else than an index */
function checkReplaceable(existing: Uint8Array): void {
  let isIndex = false
  try {
    isIndex = JSON.parse(new TextDecoder().decode(existing)).format === 'gnnrec-index'
  } catch {
    // Something else has this name, which the error below says.
  }
  if (isIndex) return
  throw new SerializationError(
    `Did not save, to keep what the folder holds: its ${manifestName} is not that of an index. Save to another folder, or remove it first.`,
  )
}

function openPlace(place: string | URL) {
  const node = nodeModules(String(place), 'a path where there is a file system')
  const location = locate(place)
  if (location.type === 'disk') return { node, folder: node.path.resolve(location.path) }
  throw new SerializationError(`Got ${place}; expected the path of a folder or a file: URL.`)
}

/** Returns the bytes of a file, which are read again whenever they are asked for. */
function streamOf(path: string): ByteStream {
  const fs = globalThis.process.getBuiltinModule('node:fs')
  const { size } = fs.statSync(path)
  return {
    length: size,
    *pieces() {
      const file = fs.openSync(path, 'r')
      try {
        for (let offset = 0; offset < size; ) {
          const piece = new Uint8Array(Math.min(bytesPerPiece, size - offset))
          const read = fs.readSync(file, piece, 0, piece.length, offset)
          if (read === 0) throw new Error(`${path} was cut off`)
          offset += read
          yield piece.subarray(0, read)
        }
      } finally {
        fs.closeSync(file)
      }
    },
  }
}
