import * as z from 'zod/mini'
import packageJson from '../../package.json' with { type: 'json' }

import { SerializationError } from './errors.js'
import { parseJson, parseWith } from './parse-file.js'

/** Version of `@gnnrec/models` that writes the files. */
const libraryVersion: string = packageJson.version

/** How a score comes from embeddings: `scale · similarity(user, item) + itemBias`. */
export interface ScoreDefinition {
  readonly similarity: 'dot' | 'cosine'
  readonly scale: number
  readonly itemBias: boolean
}

/**
 * What answers: embeddings of users and items, weights between items, one score per item, or draws.
 */
const modelKinds = ['embeddings', 'item-similarity', 'popularity', 'random'] as const
export type ModelKind = (typeof modelKinds)[number]

const format = 'gnnrec-model'
const formatVersion = 1

const count = z.number().check(z.int(), z.gte(0))
const idType = z.enum(['string', 'number'])
const fileEntry = z.object({
  // No separators: a manifest must not reach outside its folder.
  name: z.string().check(z.regex(/^[a-z]+-[0-9a-f]{16}\.(safetensors|json)$/)),
  bytes: count,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
})
const modelSchema = z.object({
  format: z.literal(format),
  formatVersion: z.literal(formatVersion),
  libraryVersion: z.string(),
  architecture: z.string(),
  kind: z.enum(modelKinds, {
    error: `expected one of ${modelKinds.join(', ')}; other kinds need a newer version of @gnnrec/models than ${libraryVersion}`,
  }),
  options: z.record(z.string(), z.unknown()),
  splitHash: z.nullable(z.string()),
  score: z.object({
    similarity: z.enum(['dot', 'cosine']),
    scale: z.number(),
    itemBias: z.boolean(),
  }),
  counts: z.object({
    users: count,
    items: count,
    embeddingDim: z.optional(z.number().check(z.int(), z.gte(1))),
  }),
  idTypes: z.object({ users: idType, items: idType }),
  files: z.object({
    weights: z.optional(fileEntry),
    serving: fileEntry,
    ids: fileEntry,
    seen: fileEntry,
  }),
})

/** The content of `model.json`. */
export type ModelJson = z.output<typeof modelSchema>

/** One file that `model.json` lists. */
export type FileEntry = z.output<typeof fileEntry>

/** Writes `model.json`. @throws SerializationError when an option cannot be kept in JSON */
export function encodeModelJson(
  content: Omit<ModelJson, 'format' | 'formatVersion' | 'libraryVersion'>,
): Uint8Array {
  const json = JSON.stringify(
    { format, formatVersion, libraryVersion, ...content },
    refuseWhatJsonLoses,
    2,
  )
  return new TextEncoder().encode(`${json}\n`)
}

/**
 * Reads `model.json`.
 *
 * @param file - its path or address, for messages
 * @throws SerializationError when it is damaged, foreign, or written by a newer version
 */
export function decodeModelJson(bytes: Uint8Array, file: string): ModelJson {
  const value = parseJson(bytes, file) as { format?: unknown; formatVersion?: unknown } | null
  if (value?.format !== format) {
    throw new SerializationError(
      `${file} is no gnnrec model: its 'format' is ${JSON.stringify(value?.format)}, expected '${format}'.`,
    )
  }
  const version = value.formatVersion
  if (typeof version === 'number' && version > formatVersion) {
    throw new SerializationError(
      `${file} has format version ${version}; this version of @gnnrec/models (${libraryVersion}) reads up to ${formatVersion}. Upgrade @gnnrec/models.`,
    )
  }
  return parseWith(modelSchema, value, file)
}

function refuseWhatJsonLoses(key: string, value: unknown): unknown {
  const lost =
    (typeof value === 'number' && !Number.isFinite(value)) ||
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    typeof value === 'bigint' ||
    ArrayBuffer.isView(value)
  if (!lost) return value
  throw new SerializationError(
    `The option '${key}' is ${String(value)} (${typeof value}), which JSON cannot hold; use plain values.`,
  )
}
