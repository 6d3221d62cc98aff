import { sha256Hex } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import { SerializationError } from '../../model-folder/errors.js'
import { parseJson, parseWith } from '../../model-folder/parse-file.js'

export const manifestName = 'index.json'
/** Most bytes of a manifest. */
export const mostManifestBytes = 1 << 16

const format = 'gnnrec-index'
const formatVersion = 1
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/))
/** Most neighbours of an item in a graph. */
export const mostConnectivity = 64
/** Candidates among which the neighbours of a new item are chosen, for each neighbour. */
export const expansionShare = 8
const whole = (from: number, to = 2 ** 31 - 1) => z.int().check(z.gte(from), z.lte(to))
const share = z.number().check(z.gte(0), z.lte(1))
/** Most times as many candidates under a filter that keeps half of the items as follow from that half. */
export const mostFilterFactor = 8
const recallParts = {
  recall: share,
  standardError: z.number().check(z.gte(0)),
  exactShare: share,
}

const schema = z.strictObject({
  format: z.literal(format),
  formatVersion: z.literal(formatVersion),
  engine: z.string(),
  /** SHA-256 of the ids, vectors and biases of the items. */
  model: digest,
  items: whole(1),
  dim: whole(1),
  connectivity: whole(1, mostConnectivity),
  expansion: whole(1, expansionShare * mostConnectivity),
  effort: whole(1),
  filterFactor: z.number().check(z.gte(1), z.lte(mostFilterFactor)),
  measured: z.strictObject({
    ...recallParts,
    k: whole(1),
    users: whole(1),
    seed: whole(0),
    filtered: z.strictObject(recallParts),
  }),
  graph: z.strictObject({
    // A name without separators: a manifest must not reach outside its folder.
    name: z.string().check(z.regex(/^graph-[0-9a-f]{16}\.bin$/)),
    bytes: z.int().check(z.gte(0)),
    sha256: digest,
  }),
  /** SHA-256 of the rest of the content. */
  sha256: digest,
})

/** The content of `index.json`. */
export type IndexManifest = Omit<z.output<typeof schema>, 'format' | 'formatVersion' | 'sha256'>

/** Encodes `index.json`. */
export async function encodeManifest(content: IndexManifest): Promise<Uint8Array> {
  const facts = { format, formatVersion, ...content }
  const sha256 = await sha256Hex(JSON.stringify(facts))
  return new TextEncoder().encode(`${JSON.stringify({ ...facts, sha256 }, undefined, 2)}\n`)
}

/**
 * Decodes `index.json`.
 *
 * @param file - path of the file, for errors
 * @throws SerializationError when it is damaged, foreign, or written by a newer version
 */
export async function decodeManifest(bytes: Uint8Array, file: string): Promise<IndexManifest> {
  const value = parseJson(bytes, file) as { format?: unknown; formatVersion?: unknown } | null
  if (value?.format !== format) {
    throw new SerializationError(
      `${file} is not an index of gnnrec: its 'format' is ${showValue(value?.format)}, expected '${format}'.`,
    )
  }
  const version = value.formatVersion
  if (typeof version === 'number' && version > formatVersion) {
    throw new SerializationError(
      `${file} has format version ${version}; this version of @gnnrec/serving reads up to ${formatVersion}. Upgrade it, or build the index again.`,
    )
  }
  const manifest = parseWith(schema, value, file)
  const { sha256, ...content } = value as typeof manifest
  const actual = await sha256Hex(JSON.stringify(content))
  if (sha256 === actual) return manifest
  throw new SerializationError(
    `${file} is damaged or was changed by hand: the SHA-256 of its content is ${actual}; it says ${sha256}. Build the index again.`,
  )
}
